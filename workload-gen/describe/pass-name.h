// SPDX-License-Identifier: MIT
//
// What the names of our own nodes say: "iteration0/micro3/backward/block5.attention.core".
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

struct PassName {
  char kind = 0;  // F forward, B backward, W backward for the weights alone, O optimizer; 0: none
  uint32_t iteration = 0;
  uint32_t micro_batch = 0;
  // Of a product in pieces all but the first, and the sum of pieces (graph/tensor-pieces.h).
  bool is_later_piece = false;

  // Whether the pass is the same.
  bool operator==(const PassName& other) const {
    return kind == other.kind && iteration == other.iteration && micro_batch == other.micro_batch;
  }
};

// `has_weights_pass`: the schedule computes weights' gradients in passes of their own. Names that
// say nothing give kind 0.
PassName ParsePassName(const std::string& name, bool has_weights_pass);

}  // namespace ddlsim
