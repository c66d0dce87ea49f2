// SPDX-License-Identifier: MIT
//
// manifest.json of a trace set: text to facts and back. docs/trace-format.md has the keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/class-totals.h"
#include "traces/trace-reader.h"
#include "traces/trace-writer.h"

namespace ddlsim {

constexpr uint64_t kManifestVersion = 1;
constexpr size_t kManifestSizeMaxBytes = 16 << 20;

struct Manifest {
  struct Class {
    RankClass ranks;  // the file's name within the folder
    std::string sha256;
    ClassTotals totals;
  };
  std::string generator_command;
  uint64_t seed = 0;
  uint32_t rank_count = 0;
  CommSizeMeaning comm_size_meaning = CommSizeMeaning::kTotal;
  std::vector<GroupAxis> axes;
  std::vector<Class> classes;
  std::string description_json = "{}";  // one object
};

std::string FormatManifest(const Manifest& manifest);

// Treats the text as hostile. Throws InputError whose place begins with `place`. What it returns
// holds: 1 <= rank_count <= kRankCountMax; every rank in exactly one class; ranks ascending; plain
// file names, all different; axes with distinct names, not empty, and disjoint, non-empty groups.
Manifest ParseManifest(const std::string& place, const std::string& text);

}  // namespace ddlsim
