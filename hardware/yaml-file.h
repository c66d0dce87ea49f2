// SPDX-License-Identifier: MIT
//
// Reads YAML files that users may have written or fetched from anywhere. What a preset has no need
// of is refused before a document is built: anchors and aliases (which let a small file describe a
// huge tree), tags, deep nesting, several documents, large files, and what is not a plain file.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>

namespace ddlsim {

constexpr uint64_t kYamlSizeMaxBytes = uint64_t{256} << 10;
constexpr int kYamlDepthMax = 16;

// The one document of `path`. Throws InputError with place PATH or PATH:LINE.
YAML::Node LoadYamlFile(const std::string& path);

// The same for a text; `place` stands for the file in messages.
YAML::Node ParseYaml(const std::string& place, const std::string& text);

}  // namespace ddlsim
