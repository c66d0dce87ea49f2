// SPDX-License-Identifier: MIT
#include "workload-gen/graph/parameter-gathering.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "workload-gen/layers/axes.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

ParameterGathering::ParameterGathering(const StagePart& part, const DataParallelPlan& plan,
                                       const std::string& name)
    : m_plan(plan),
      m_between_groups(MakeReduction(plan, kInnerDataAxis, plan.ShardRanks())),
      m_unit_of_operation(part.model.operations.size()),
      m_is_producer(part.model.operations.size(), false) {
  const LayerModel& model = part.model;
  const std::vector<size_t> producers = GradientProducers(model);
  for (size_t producer : producers) m_is_producer[producer] = true;
  int block = -2;
  for (size_t i = part.has_input ? 1 : 0; i < model.operations.size(); ++i) {
    if (model.operations[i].block != block) {
      block = model.operations[i].block;
      m_units.emplace_back();
      m_units.back().name =
          block < 0 ? absl::StrCat(name, "unit", m_units.size() - 1) : absl::StrCat("block", block);
    }
    m_unit_of_operation[i] = m_units.size() - 1;
    if (m_is_producer[i]) ++m_units.back().producers;
  }
  // A parameter that several units use belongs to the first.
  const auto is_expert = [&plan](const ParameterTensor& tensor) {
    return plan.divides_experts && tensor.routed_expert;
  };
  for (size_t parameter = 0; parameter < producers.size(); ++parameter) {
    Unit& unit = m_units[m_unit_of_operation[producers[parameter]]];
    const ParameterTensor& tensor = model.parameters[parameter];
    uint64_t& elements = is_expert(tensor) ? unit.expert_elements : unit.dense_elements;
    elements = Sum(elements, tensor.elements);
  }
  std::vector<bool> has_unit(model.frozen.size(), false);
  for (size_t i = 0; i < model.operations.size(); ++i) {
    for (size_t parameter : model.operations[i].frozen) {
      if (has_unit[parameter]) continue;
      has_unit[parameter] = true;
      Unit& unit = m_units[m_unit_of_operation[i]];
      const ParameterTensor& tensor = model.frozen[parameter];
      uint64_t& elements =
          is_expert(tensor) ? unit.frozen_expert_elements : unit.frozen_dense_elements;
      elements = Sum(elements, tensor.elements);
    }
  }
}

void ParameterGathering::BeginIteration(NodeIds parameters) {
  m_parameters = std::move(parameters);
  m_reduced.clear();
}

void ParameterGathering::BeginPass(bool is_backward) {
  m_is_backward = is_backward;
  m_entered = m_asked = 0;
  for (Unit& unit : m_units) unit.gathered.clear();
}

NodeIds ParameterGathering::EnterUnit(const std::string& prefix, NodeStream& nodes) {
  const auto at = [this](size_t position) -> Unit& {
    return m_units[m_is_backward ? m_units.size() - 1 - position : position];
  };
  const size_t ahead = m_is_backward ? m_plan.backward_prefetch : m_plan.prefetch;
  const size_t wanted = std::min(m_units.size(), m_entered + 1 + ahead);
  for (; m_asked < wanted; ++m_asked) {
    Gather(at(m_asked), absl::StrCat(prefix, m_is_backward ? "backward/" : "forward/"), nodes);
  }
  return at(m_entered++).gathered;
}

void ParameterGathering::Gather(Unit& unit, const std::string& prefix, NodeStream& nodes) const {
  NodeIds control;
  if (nodes.LastCompute() != NodeStream::kNone) control.push_back(nodes.LastCompute());
  auto gather = [&](const char* axis, uint32_t ranks, uint64_t elements, const char* kind) {
    if (ranks == 1 || elements == 0) return;
    unit.gathered.push_back(nodes.Collective(
        absl::StrCat(prefix, "all_gather/", unit.name, kind), axis, CollectiveType::kAllGather,
        Product({m_plan.parameter_bytes, elements}), m_parameters, control));
  };
  const bool has_groups = m_plan.inner_ranks > 0;
  gather(has_groups ? kInnerDataAxis : kDataParallelAxis, m_plan.ShardRanks(),
         unit.dense_elements + unit.frozen_dense_elements, "");
  gather(kExpertDataAxis, m_plan.expert_ranks, unit.expert_elements + unit.frozen_expert_elements,
         ".experts");
}

void ParameterGathering::OnGradient(uint32_t micro_batch, size_t operation, uint64_t node,
                                    const std::string& prefix, NodeStream& nodes) {
  if (!m_is_producer[operation]) return;
  Unit& unit = m_units[m_unit_of_operation[operation]];
  NodeIds& gradients = unit.gradients[micro_batch];
  gradients.push_back(node);
  if (gradients.size() < unit.producers) return;
  Reduce(unit, gradients, prefix, nodes);
  unit.gradients.erase(micro_batch);
}

void ParameterGathering::Reduce(const Unit& unit, const NodeIds& gradients,
                                const std::string& prefix, NodeStream& nodes) {
  auto reduce = [&](const char* axis, uint32_t ranks, uint64_t elements, const char* kind) {
    if (ranks == 1 || elements == 0) return;
    m_reduced.push_back(nodes.Collective(absl::StrCat(prefix, "reduce_scatter/", unit.name, kind),
                                         axis, CollectiveType::kReduceScatter,
                                         Product({m_plan.gradient_bytes, elements}), gradients));
  };
  if (m_plan.inner_ranks > 0 && unit.dense_elements > 0) {
    GradientBucket bucket;
    bucket.size_bytes = Product({m_plan.gradient_bytes, unit.dense_elements});
    m_reduced.push_back(m_between_groups->Reduce(bucket, 0, prefix, unit.name, gradients, nodes));
  } else {
    reduce(kDataParallelAxis, m_plan.ranks, unit.dense_elements, "");
  }
  reduce(kExpertDataAxis, m_plan.expert_ranks, unit.expert_elements, ".experts");
}

}  // namespace ddlsim
