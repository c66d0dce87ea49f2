// SPDX-License-Identifier: MIT
//
// Which ranks have which GPU, and which are slower than it should be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct RankHardware {
  std::string gpu;               // a preset's name, or a YAML file
  uint32_t speed_ppm = 1000000;  // of what the GPU does
  std::vector<uint32_t> ranks;   // ascending
};

// `gpus`: "h100" or "h100,a100:8-15,l40s:20" (the first is that of all ranks that no later entry
// names); `speeds`: "8-15:0.8,3:0.5", or empty. Every rank is in one of the answer's parts, which
// stand in the order of their first ranks. Throws InputError (places --gpu, --speed) for ranks that
// there are not, or that stand in two entries, and for speeds outside 0.001 to 1000.
std::vector<RankHardware> ParseRankHardware(const std::string& gpus, const std::string& speeds,
                                            uint32_t rank_count);

// The first GPU of `gpus`.
std::string FirstGpu(const std::string& gpus);

}  // namespace ddlsim
