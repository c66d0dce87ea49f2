// SPDX-License-Identifier: MIT
//
// Low-rank adapters (LoRA, Hu et al. 2021): all weights of a model stay as they are, and beside
// chosen products x W two small ones, x A B of a few columns between, are trained.
#pragma once

#include <cstdint>

namespace ddlsim {

struct Adapters {
  uint64_t rank = 0;          // columns of A; 0: none, all weights are trained
  bool qkv = false;           // beside the projections to queries, keys and values
  bool output = false;        // beside attention's output projection
  bool feed_forward = false;  // beside those of the feed-forward layers

  bool Used() const { return rank > 0; }
};

}  // namespace ddlsim
