// SPDX-License-Identifier: MIT
//
// Memory for people and for manifests.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "workload-gen/memory/workload-memory.h"

namespace ddlsim {

// Rows of the generator's summary: label and text.
std::vector<std::pair<const char*, std::string>> MemoryLines(const MemoryVerdict& verdict,
                                                             const MemoryAdvice& advice,
                                                             const std::string& gpu);

// A table: a row per kind, a column per stage, at each stage's peak.
std::string MemoryTable(const MemoryVerdict& verdict);

// {"capacity_bytes", "fits", "stages": [{"peak_bytes", "parameters_bytes", ...}]}
nlohmann::ordered_json MemoryJson(const MemoryVerdict& verdict);

}  // namespace ddlsim
