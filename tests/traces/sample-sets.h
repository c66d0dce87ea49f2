// SPDX-License-Identifier: MIT
//
// The two sample sets under traces/samples.
#pragma once

#include <string>

namespace ddlsim {

// 4 data-parallel ranks, one class: a backward pass whose two halves of the gradients are summed,
// the first while the second is computed; then the optimizer.
void WriteAllReduceSample(const std::string& folder);

// A pipeline of 2 stages, one class each: 2 microbatches forward, then backward.
void WritePipelineSample(const std::string& folder);

}  // namespace ddlsim
