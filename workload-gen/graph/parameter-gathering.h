// SPDX-License-Identifier: MIT
//
// ZeRO 3, or fully sharded data parallelism (Zhao et al. 2023, PyTorch FSDP): parameters lie
// divided among the data-parallel ranks. Each block's are gathered before its forward and before
// its backward pass, some blocks ahead, and dropped behind it; gradients are reduce-scattered block
// by block.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workload-gen/graph/gradient-reduction.h"
#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/graph/node-stream.h"
#include "workload-gen/graph/stage-cut.h"

namespace ddlsim {

class ParameterGathering {
 public:
  // Consecutive operations of one block, or outside of blocks.
  struct Unit {
    std::string name;
    // Trained ones have gradients to be reduced; frozen ones are gathered only.
    uint64_t dense_elements = 0, frozen_dense_elements = 0;
    uint64_t expert_elements = 0, frozen_expert_elements = 0;
    size_t producers = 0;  // operations whose backward passes complete its gradients
    std::map<uint32_t, NodeIds> gradients;  // that have come, by micro-batch
    NodeIds gathered;                       // in this pass
  };

  // `name`: of the part, in node names; empty where it is the only one.
  ParameterGathering(const StagePart& part, const DataParallelPlan& plan, const std::string& name);

  // `parameters`: what gathers wait for, the optimizer of the iteration before.
  void BeginIteration(NodeIds parameters);
  void BeginPass(bool is_backward);
  // Before the operations of the next unit, backward from the last one on. Returns what they wait
  // for.
  NodeIds EnterUnit(const std::string& prefix, NodeStream& nodes);
  // An operation's gradients of a micro-batch are complete: when all of its unit are, they are
  // reduced.
  void OnGradient(uint32_t micro_batch, size_t operation, uint64_t node, const std::string& prefix,
                  NodeStream& nodes);
  // In forward order, and which one an operation belongs to.
  const std::vector<Unit>& Units() const { return m_units; }
  size_t UnitOf(size_t operation) const { return m_unit_of_operation[operation]; }
  // Whether the operation's backward pass completes gradients.
  bool IsProducer(size_t operation) const { return m_is_producer[operation]; }
  // All reductions since the iteration began, which the optimizer waits for.
  const NodeIds& Reduced() const { return m_reduced; }

 private:
  void Gather(Unit& unit, const std::string& prefix, NodeStream& nodes) const;
  void Reduce(const Unit& unit, const NodeIds& gradients, const std::string& prefix,
              NodeStream& nodes);

  const DataParallelPlan& m_plan;
  const std::unique_ptr<GradientReduction> m_between_groups;  // where there are groups
  std::vector<Unit> m_units;                                  // in forward order
  std::vector<size_t> m_unit_of_operation;
  std::vector<bool> m_is_producer;
  bool m_is_backward = false;
  size_t m_entered = 0;
  size_t m_asked = 0;  // units of this pass whose gathers have been emitted
  NodeIds m_parameters;
  NodeIds m_reduced;
};

}  // namespace ddlsim
