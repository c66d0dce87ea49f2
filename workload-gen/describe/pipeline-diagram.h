// SPDX-License-Identifier: MIT
//
// Who computes what when on a network that costs nothing: the passes of a rank of each stage.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload-gen/describe/ideal-run.h"

namespace ddlsim {

// Consecutive kernels of one pass.
struct PassSpan {
  PassName pass;
  uint32_t stage = 0;
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
  std::vector<uint64_t> kernel_begin_ns;
};

// Stage by stage, each in the order in which they run: those of the rank class `shown` of each.
std::vector<PassSpan> FindPasses(const ClassGraph& graph, const IdealRun& run,
                                 const std::vector<uint32_t>& shown);

// The first iteration as text: a row per stage, time from left to right over `width` columns.
// A pass shows its kind and micro-batch where it is wide enough, then the kind in small letters;
// dots are idle time. At the end of a row the idle share.
std::string PipelineDiagram(const std::vector<PassSpan>& passes, uint32_t width);

}  // namespace ddlsim
