// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "workload-gen/graph/forward-gathering.h"
#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/graph/parameter-gathering.h"
#include "workload-gen/graph/part-passes.h"
#include "workload-gen/graph/training-graph.h"

namespace ddlsim {

// One part of a stage's layers through an iteration: its passes, and what they wait for and bring
// about beside themselves, parameters that are gathered and gradients that are reduced.
class TrainedPart : public PassSurroundings {
 public:
  // References to `plan` and `nodes` are kept. `name`: of the part, in node names; empty where it
  // is the only one.
  TrainedPart(StagePart part, const TrainingPlan& plan, const std::string& name, NodeStream& nodes);
  TrainedPart(const TrainedPart&) = delete;
  TrainedPart& operator=(const TrainedPart&) = delete;

  const StagePart& Part() const { return m_part; }
  const GradientSync& Sync() const { return m_sync; }

  // ZeRO 1 and 2: parameters come during the first micro-batch, and not before. This is its part
  // `number`.
  void GatherBesideForward(ForwardGathering& gathering, size_t number);

  // `parameters`: what the iteration before has left to wait for.
  void BeginIteration(const NodeIds& parameters);
  // As of PartPasses. `is_last`: of the iteration's micro-batches.
  uint64_t Forward(uint32_t micro_batch, uint64_t received, const std::string& prefix);
  NodeIds Backward(const PassStep& step, bool is_last, uint64_t received,
                   const std::string& prefix);
  void BackwardWeights(uint32_t micro_batch, bool is_last, const std::string& prefix);

  // What the optimizer waits for.
  void AddReduced(NodeIds& ids) const;
  void GatherParameters(uint64_t optimizer, NodeIds& gathered) const;

  NodeIds Parameters() const override { return m_parameters; }
  NodeIds EnterBlock(int block, const std::string& prefix, bool is_backward) override;
  NodeIds EnterForward(size_t operation) override;
  void OnGradient(size_t operation, uint64_t node, const std::string& prefix) override;

 private:
  void BeginGradients(uint32_t micro_batch, bool is_last);

  const StagePart m_part;
  NodeStream& m_nodes;
  const bool m_reduces_always;
  const bool m_reduces_never;
  bool m_is_reducing = false;
  uint32_t m_micro_batch = 0;  // of the backward pass that runs
  GradientSync m_sync;
  std::optional<ParameterGathering> m_gathering;
  ForwardGathering* m_forward_gathering = nullptr;
  size_t m_number = 0;
  bool m_has_parameters = true;
  PartPasses m_passes;
  NodeIds m_parameters;
};

}  // namespace ddlsim
