// SPDX-License-Identifier: MIT
//
// Options of how the operations of a model are computed.
#pragma once

#include <string>
#include <vector>

#include "hardware/gpu.h"

namespace ddlsim {

struct WorkloadOption;

struct ComputeOptions {
  AttentionMethod attention = AttentionMethod::kFlash;
  bool recomputes_attention = false;  // --recompute=selective
  std::string times;                  // a CSV file; empty: none
  std::string speeds;                 // "8-15:0.8"
  bool fuses_pointwise = false;
  bool fuses_convolution_norms = false;
};

// Part of WorkloadOptionTable().
std::vector<WorkloadOption> ComputeOptionTable();

}  // namespace ddlsim
