// SPDX-License-Identifier: MIT
//
// The memory of one GPU of each pipeline stage through an iteration: what is there all the time,
// and on top of it the passes in the order of the schedule. docs/memory.md says what counts.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "workload-gen/graph/training-graph.h"
#include "workload-gen/memory/pass-memory.h"

namespace ddlsim {

struct StageMemory {
  MemoryUse resident;  // parameters, gradients, optimizer, framework: all the time
  MemoryUse peak;
  uint32_t held_most = 0;  // micro-batches (of a chunk each) whose activations are held at once
  uint64_t micro_batch_bytes = 0;  // of activations that one leaves behind, in the largest chunk
};

class MemoryModel {
 public:
  // `framework_bytes`: by stage. Throws InputError as CutStages does.
  MemoryModel(const TrainingPlan& plan, std::vector<uint64_t> framework_bytes);

  uint32_t StageCount() const { return m_pipeline.stages; }
  StageMemory Measure(uint32_t stage) const;

  // Of every kernel of the iteration's passes, in order: the pass (index into StageOrder), the
  // kernel within the pass, the most that is held from its begin to the next one's.
  using Visitor = std::function<void(size_t step, size_t kernel, const MemoryUse& use)>;
  // Returns what is held at the end.
  MemoryUse Walk(uint32_t stage, const Visitor& visit) const;

 private:
  struct PartPasses {
    MemoryUse resident;
    PassMemory forward, backward, backward_input, backward_weights;
  };
  static PartPasses PassesOf(const StagePart& part, const TrainingPlan& plan);

  const PassMemory& PassOf(uint32_t stage, const PassStep& step) const;
  MemoryUse Resident(uint32_t stage) const;

  const PipelineShape m_pipeline;
  const std::vector<uint64_t> m_framework_bytes;
  std::vector<PartPasses> m_parts;  // in the order of the layers
};

}  // namespace ddlsim
