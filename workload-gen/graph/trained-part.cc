// SPDX-License-Identifier: MIT
#include "workload-gen/graph/trained-part.h"

#include <utility>

namespace ddlsim {

TrainedPart::TrainedPart(StagePart part, const TrainingPlan& plan, const std::string& name,
                         NodeStream& nodes)
    : m_part(std::move(part)),
      m_nodes(nodes),
      m_reduces_always(plan.data_parallel.zero == ZeroStage::kGradients),
      m_reduces_never(plan.data_parallel.local_steps > 1),
      m_sync(m_part.model, plan.data_parallel, name),
      m_passes(m_part,
               {plan.recompute, plan.overlap, plan.tensor_ranks, plan.formats.ActivationBytes()},
               nodes, *this) {
  if (plan.data_parallel.zero == ZeroStage::kParameters) {
    m_gathering.emplace(m_part, plan.data_parallel, name);
  }
}

void TrainedPart::GatherBesideForward(ForwardGathering& gathering, size_t number) {
  m_forward_gathering = &gathering;
  m_number = number;
  gathering.AddPart(m_part.model, m_sync);
}

void TrainedPart::BeginIteration(const NodeIds& parameters) {
  m_parameters = parameters;
  m_has_parameters = m_forward_gathering == nullptr;
  m_sync.Reset();
  if (m_gathering) m_gathering->BeginIteration(parameters);
}

uint64_t TrainedPart::Forward(uint32_t micro_batch, uint64_t received, const std::string& prefix) {
  if (m_gathering) m_gathering->BeginPass(false);
  const uint64_t output = m_passes.Forward(micro_batch, received, prefix);
  m_has_parameters = true;
  return output;
}

NodeIds TrainedPart::Backward(const PassStep& step, bool is_last, uint64_t received,
                              const std::string& prefix) {
  BeginGradients(step.micro_batch, is_last);
  if (m_gathering) m_gathering->BeginPass(true);
  const bool is_split = step.kind == PassStep::Kind::kBackwardInput;
  return m_passes.Backward(step.micro_batch, received, is_split, prefix);
}

void TrainedPart::BackwardWeights(uint32_t micro_batch, bool is_last, const std::string& prefix) {
  BeginGradients(micro_batch, is_last);
  m_passes.BackwardWeights(micro_batch, prefix);
}

// Gradients of earlier micro-batches stay where they are and add up. Where those of the weights
// have a pass of their own, passes of other micro-batches come between a micro-batch's two.
void TrainedPart::BeginGradients(uint32_t micro_batch, bool is_last) {
  m_micro_batch = micro_batch;
  m_is_reducing = !m_reduces_never && (is_last || m_reduces_always);
}

void TrainedPart::AddReduced(NodeIds& ids) const {
  if (!m_gathering) return m_sync.AddReduced(ids);
  ids.insert(ids.end(), m_gathering->Reduced().begin(), m_gathering->Reduced().end());
}

void TrainedPart::GatherParameters(uint64_t optimizer, NodeIds& gathered) const {
  if (!m_gathering) m_sync.GatherParameters(optimizer, m_nodes, gathered);
}

NodeIds TrainedPart::EnterBlock(int /*block*/, const std::string& prefix, bool /*is_backward*/) {
  return m_gathering ? m_gathering->EnterUnit(prefix, m_nodes) : NodeIds();
}

NodeIds TrainedPart::EnterForward(size_t operation) {
  if (m_has_parameters) return {};
  return m_forward_gathering->Enter(m_number, operation, m_nodes);
}

void TrainedPart::OnGradient(size_t operation, uint64_t node, const std::string& prefix) {
  if (m_gathering) {
    m_gathering->OnGradient(m_micro_batch, operation, node, prefix, m_nodes);
  } else if (m_is_reducing) {
    m_sync.OnGradient(m_micro_batch, operation, node, prefix, m_nodes);
  }
}

}  // namespace ddlsim
