// SPDX-License-Identifier: MIT
//
// Names of the group axes in traces.
#pragma once

namespace ddlsim {

constexpr const char* kTensorAxis = "tp";
constexpr const char* kContextAxis = "cp";
constexpr const char* kExpertAxis = "ep";
constexpr const char* kPipelineAxis = "pp";
constexpr const char* kDataParallelAxis = "dp";  // ranks that share the gradients of dense layers
constexpr const char* kInnerDataAxis = "dp_inner";  // those of one group, where there are groups
constexpr const char* kOuterDataAxis = "dp_outer";  // their likes in all groups
constexpr const char* kExpertDataAxis = "edp";      // those that share the gradients of experts
constexpr const char* kTiedAxis = "embedding";      // the first and the last stage of a pipeline

}  // namespace ddlsim
