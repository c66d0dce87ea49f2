// SPDX-License-Identifier: MIT
//
// How long the outputs of a part's operations stay in memory: facts of the model, the same for
// every micro-batch.
#pragma once

#include <cstddef>
#include <vector>

#include "workload-gen/graph/overlap-plan.h"
#include "workload-gen/graph/stage-cut.h"

namespace ddlsim {

struct TensorLives {
  static constexpr size_t kNone = SIZE_MAX;

  // `recompute`: blocks run again in the backward pass, and keep nothing but what they read from
  // outside. `is_split`: weights' gradients are left to a pass of their own. `overlap`: of the
  // part.
  TensorLives(const StagePart& part, bool recompute, bool is_split, const OverlapPlan& overlap);

  bool HasOwnMemory(size_t operation) const { return root[operation] == operation; }

  // By operation.
  std::vector<size_t> root;  // whose memory its output is: an exchange may be in place
  std::vector<std::vector<size_t>> inputs;  // roots that it reads, each once
  std::vector<bool> is_recomputed;
  // Its weights' gradients are computed behind this exchange of the backward pass, or kNone: right
  // behind the gradient of its inputs, or with it.
  std::vector<size_t> weights_behind;
  std::vector<bool> has_weights_apart;  // from the gradient of its inputs, in this or another pass

  // By root.
  std::vector<uint32_t> readers;           // operations that read it; and one for being sent
  std::vector<uint32_t> readers_in_block;  // those of its own block
  std::vector<bool> stays;                 // after the forward pass
  std::vector<bool> stays_in_block;  // after its block has run again, because the block needs it
  // The operation whose backward pass is the last that needs it, and whether it is the pass for the
  // weights that does.
  std::vector<size_t> last_need;
  std::vector<bool> is_needed_by_weights;

 private:
  void FindRoots(const StagePart& part);
  void FindWeights(const LayerModel& model, bool is_split, const OverlapPlan& overlap);
  void FindStays(const LayerModel& model, bool recompute);
  void FindLastNeeds(const LayerModel& model, bool is_split);
};

// Whether a collective's result takes the place of its input.
bool IsInPlace(const Exchange& exchange);

}  // namespace ddlsim
