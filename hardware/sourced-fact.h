// SPDX-License-Identifier: MIT
//
// A fact of a preset is a map of value, source and confidence: a number without a source is no
// fact, and the reader is where that rule can be held.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/yaml-map.h"

namespace ddlsim {

// Each throws InputError (place FILE:LINE) where the fact is missing, has no source, has another
// confidence than verified, memory or assumed, or its value is out of range.
double SourcedNumber(const YamlMap& parent, const std::string& key, double low, double high);
uint64_t SourcedCount(const YamlMap& parent, const std::string& key, uint64_t low, uint64_t high);
std::vector<uint64_t> SourcedCounts(const YamlMap& parent, const std::string& key, uint64_t low,
                                    uint64_t high);
std::vector<std::string> SourcedTexts(const YamlMap& parent, const std::string& key);
bool SourcedFlag(const YamlMap& parent, const std::string& key);

}  // namespace ddlsim
