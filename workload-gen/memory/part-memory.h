// SPDX-License-Identifier: MIT
//
// How memory changes in the passes of one part of a model, in the order in which its operations
// run: outputs live until their last reader has run, or stay for the backward pass; gradients live
// from their first reader's backward pass to their producer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/graph/stage-cut.h"
#include "workload-gen/memory/live-gradients.h"
#include "workload-gen/memory/pass-memory.h"
#include "workload-gen/memory/share-memory.h"
#include "workload-gen/memory/tensor-lives.h"

namespace ddlsim {

struct MemoryRules {
  bool recompute = false;
  bool is_split = false;  // weights' gradients in a pass of their own
  TensorOverlap overlap{};
  uint32_t tensor_ranks = 1;
};

// Runs the passes of one micro-batch: Forward(), Backward(), and BackwardWeights() where split.
class PartWalk {
 public:
  // References to `part` are kept.
  PartWalk(const StagePart& part, const DataParallelPlan& plan, const MemoryRules& rules);

  PassMemory Forward();
  PassMemory Backward();
  PassMemory BackwardWeights();

 private:
  struct Pending {
    size_t operation;
    size_t gradient;  // of its output; LiveGradients::kNone: none
  };

  const Operation& At(size_t index) const { return m_part.model.operations[index]; }
  bool HasWeightCopy(const Operation& operation) const;
  void RunForward(size_t index, bool is_again);
  void AddOutput(size_t index, bool is_again);
  void Release(size_t root);
  void ReleaseInputs(size_t index, bool is_again);
  void RunBlockAgain(size_t last);
  void RunBackward(size_t index);
  void PostponeWeights(size_t index);
  void RunBackwardExchange(size_t index);
  void RunWeights(const Pending& pending);
  void FreeNeeded(size_t index, bool by_weights);
  void FreeOwn(const Operation& operation);
  void FreeCopy(const Operation& operation);

  const StagePart& m_part;
  const DataParallelPlan& m_plan;
  const MemoryRules m_rules;
  const TensorLives m_lives;
  ShareMemory m_shares;
  PassRecorder m_recorder;
  LiveGradients m_gradients;
  std::vector<uint32_t> m_readers_left;             // by root
  std::vector<bool> m_is_held;                      // by root: for the backward pass
  std::vector<std::vector<size_t>> m_needed_until;  // roots, by the operation that is last to need
  std::vector<Pending> m_pending;                   // until the pass for the weights
  std::vector<std::vector<Pending>> m_behind;       // by exchange
  std::vector<size_t> m_reloads;                    // exchanges whose output has been made again
};

}  // namespace ddlsim
