// SPDX-License-Identifier: MIT
#include "workload-gen/memory/share-memory.h"

#include <algorithm>

#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

ShareMemory::ShareMemory(const StagePart& part, const DataParallelPlan& plan)
    : m_prefetch(plan.prefetch), m_buffers_of(part.model.operations.size()) {
  if (plan.zero == ZeroStage::kGradients) AddBuckets(part, plan);
  if (plan.zero == ZeroStage::kParameters) AddUnits(part, plan);
}

void ShareMemory::AddBuckets(const StagePart& part, const DataParallelPlan& plan) {
  const GradientSync sync(part.model, plan, "");
  for (const BucketQueue& queue : sync.Queues()) {
    for (const GradientBucket& bucket : queue.Buckets()) {
      for (size_t producer : bucket.producers) m_buffers_of[producer].push_back(m_buffers.size());
      m_buffers.push_back({bucket.size_bytes, bucket.producers.size(), 0});
    }
  }
}

void ShareMemory::AddUnits(const StagePart& part, const DataParallelPlan& plan) {
  const ParameterGathering gathering(part, plan, "");
  for (const ParameterGathering::Unit& unit : gathering.Units()) {
    const auto divided = [&plan](uint64_t dense, uint64_t expert) {
      return (plan.ranks > 1 ? dense : 0) + (plan.expert_ranks > 1 ? expert : 0);
    };
    const uint64_t trained = divided(unit.dense_elements, unit.expert_elements);
    const uint64_t frozen = divided(unit.frozen_dense_elements, unit.frozen_expert_elements);
    m_unit_bytes.push_back(Product({plan.parameter_bytes, trained + frozen}));
    m_buffers.push_back({Product({plan.gradient_bytes, trained}), unit.producers, 0});
  }
  for (size_t i = part.has_input ? 1 : 0; i < m_buffers_of.size(); ++i) {
    if (gathering.IsProducer(i)) m_buffers_of[i].push_back(gathering.UnitOf(i));
  }
}

void ShareMemory::BeginPass(bool is_backward) {
  m_is_backward = is_backward;
  m_entered = m_gathered = 0;
}

uint64_t& ShareMemory::GatheredAt(size_t position) {
  return m_unit_bytes[m_is_backward ? m_unit_bytes.size() - 1 - position : position];
}

void ShareMemory::EnterUnit(PassRecorder& recorder) {
  if (m_unit_bytes.empty()) return;
  if (m_entered > 0) recorder.Free(MemoryKind::kGathered, GatheredAt(m_entered - 1));
  const size_t wanted = std::min(m_unit_bytes.size(), m_entered + 1 + m_prefetch);
  for (; m_gathered < wanted; ++m_gathered) {
    recorder.Add(MemoryKind::kGathered, GatheredAt(m_gathered));
  }
  ++m_entered;
}

void ShareMemory::OnGradient(size_t operation, PassRecorder& recorder) {
  for (size_t index : m_buffers_of[operation]) {
    Buffer& buffer = m_buffers[index];
    if (buffer.seen++ == 0) recorder.Add(MemoryKind::kBuffers, buffer.size_bytes);
    if (buffer.seen < buffer.producers) continue;
    if (m_in_flight) recorder.Free(MemoryKind::kBuffers, m_buffers[*m_in_flight].size_bytes);
    m_in_flight = index;
    buffer.seen = 0;
  }
}

void ShareMemory::EndPass(PassRecorder& recorder) {
  for (; !m_unit_bytes.empty() && m_entered > 0 && m_entered - 1 < m_gathered; ++m_entered) {
    recorder.Free(MemoryKind::kGathered, GatheredAt(m_entered - 1));
  }
  if (m_in_flight) recorder.Free(MemoryKind::kBuffers, m_buffers[*m_in_flight].size_bytes);
  m_in_flight.reset();
  // With a pass of their own for the weights, buffers get their gradients in two passes.
  for (Buffer& buffer : m_buffers) {
    if (buffer.seen > 0) recorder.Free(MemoryKind::kBuffers, buffer.size_bytes);
    buffer.seen = 0;
  }
  m_entered = m_gathered = 0;
}

}  // namespace ddlsim
