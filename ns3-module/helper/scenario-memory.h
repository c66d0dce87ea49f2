// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

// What a plan needs of its GPUs' memory, as its generator says (docs/memory.md); zeros: not stated.
struct StatedMemory {
  uint64_t peak_bytes = 0;      // of the pipeline stage that needs most
  uint64_t capacity_bytes = 0;  // of the GPU that has least
};

// From the description in a set's manifest, which anybody may have written: what is not there, or
// makes no sense, is not stated.
StatedMemory ReadStatedMemory(const std::string& description_json);

}  // namespace ddlsim
