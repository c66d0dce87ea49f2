// SPDX-License-Identifier: GPL-2.0-only
#include "collective/hierarchical-all-reduce.h"

#include "collective/halving-doubling.h"
#include "collective/subgroup.h"

namespace ddlsim {
namespace {

std::unique_ptr<BoundedSchedule> MakeAcross(uint32_t node_count, uint64_t size_bytes,
                                            Algorithm algorithm) {
  if (algorithm == Algorithm::kHalvingDoubling) {
    return std::make_unique<HalvingDoubling>(node_count, size_bytes);
  }
  return std::make_unique<RingSchedule>(node_count, size_bytes, RingPhases::kReduceThenGather);
}

}  // namespace

HierarchicalAllReduce::HierarchicalAllReduce(uint32_t rank_count, uint32_t local_size,
                                             uint64_t size_bytes, Algorithm across)
    : m_local_size(local_size),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, local_size),
      m_scatter(local_size, size_bytes, RingPhases::kReduce),
      m_gather(local_size, size_bytes, RingPhases::kGather),
      m_across_largest(MakeAcross(rank_count / local_size, m_blocks.SizeBytes(0), across)),
      m_across_smallest(
          MakeAcross(rank_count / local_size, m_blocks.SizeBytes(local_size - 1), across)) {}

uint32_t HierarchicalAllReduce::StepCount() const {
  return m_scatter.StepCount() + m_across_largest->StepCount() + m_gather.StepCount();
}

void HierarchicalAllReduce::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t local_index = rank % m_local_size;
  const uint32_t node = rank / m_local_size;
  const Subgroup inside{node * m_local_size, 1, 0, 0};
  if (step < m_scatter.StepCount()) return inside.AddStep(m_scatter, local_index, step, actions);
  step -= m_scatter.StepCount();
  if (step >= m_across_largest->StepCount()) {
    step -= m_across_largest->StepCount();
    return inside.AddStep(m_gather, local_index, step, actions);
  }
  const bool is_largest = m_blocks.SizeBytes(local_index) == m_blocks.SizeBytes(0);
  const BoundedSchedule& across = is_largest ? *m_across_largest : *m_across_smallest;
  const Subgroup rail{local_index, m_local_size, m_blocks.OffsetBytes(local_index), 0};
  if (m_blocks.SizeBytes(local_index) > 0) rail.AddStep(across, node, step, actions);
}

// All of rail 0 are as late when the ring inside has ended, and start the last phase with block 0.
CriticalPath HierarchicalAllReduce::Path() const {
  return m_scatter.Path() + m_across_largest->Path() + m_gather.Path();
}

// Inside the node all blocks but one arrive in each phase.
CriticalPath HierarchicalAllReduce::PortPath() const {
  const uint64_t inside_bytes = 2 * (m_size_bytes - m_blocks.SizeBytes(0));
  const bool is_one_node = m_across_largest->StepCount() == 0;
  return {1, inside_bytes + (is_one_node ? 0 : m_across_largest->PortPath().size_bytes)};
}

}  // namespace ddlsim
