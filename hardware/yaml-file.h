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

// How large a file may be, and where its layout is explained.
struct YamlLimits {
  uint64_t size_max_bytes = kYamlSizeMaxBytes;
  uint64_t values_max = kYamlSizeMaxBytes;  // keys, values, lists and maps together
  std::string layout = "hardware/presets";
};

// The one document of `path`. Throws InputError with place PATH or PATH:LINE.
YAML::Node LoadYamlFile(const std::string& path, const YamlLimits& limits = {});

// The same for a text; `place` stands for the file in messages.
YAML::Node ParseYaml(const std::string& place, const std::string& text,
                     const YamlLimits& limits = {});

}  // namespace ddlsim
