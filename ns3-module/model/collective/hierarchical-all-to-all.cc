// SPDX-License-Identifier: GPL-2.0-only
#include "collective/hierarchical-all-to-all.h"

#include <algorithm>

namespace ddlsim {

HierarchicalAllToAll::HierarchicalAllToAll(const CollectiveSpec& spec, uint32_t local_size)
    : m_layout(spec), m_local_size(local_size), m_node_count(spec.rank_count / local_size) {
  const uint32_t n = spec.rank_count;
  if (spec.pair_bytes == nullptr) {
    m_staging_bytes = m_layout.LargestOutputBytes();
    return;
  }
  for (uint32_t rank = 0; rank < n; ++rank) {
    const uint64_t input_bytes =
        m_layout.InputOffset(rank, n - 1) + m_layout.SizeBytes(rank, n - 1);
    m_staging_bytes = std::max({m_staging_bytes, input_bytes, CollectedBytes(rank)});
  }
}

uint64_t HierarchicalAllToAll::RailBytes(uint32_t from, uint32_t local_index) const {
  uint64_t size_bytes = 0;
  for (uint32_t node = 0; node < m_node_count; ++node) {
    size_bytes += m_layout.SizeBytes(from, RankOf(node, local_index));
  }
  return size_bytes;
}

uint64_t HierarchicalAllToAll::CollectedBytes(uint32_t rank) const {
  uint64_t size_bytes = 0;
  for (uint32_t i = 0; i < m_local_size; ++i) {
    size_bytes += RailBytes(RankOf(rank / m_local_size, i), rank % m_local_size);
  }
  return size_bytes;
}

void HierarchicalAllToAll::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  if (step == 0) {
    InsideStep(rank, actions);
  } else {
    AcrossStep(rank, actions);
  }
}

// What comes from the member with local index i lies in scratch memory behind what comes from those
// before it, a place for the own share included.
void HierarchicalAllToAll::InsideStep(uint32_t rank, StepActions& actions) const {
  const uint32_t node = rank / m_local_size;
  const uint32_t local_index = rank % m_local_size;
  uint64_t packed_offset = kScratchOffsetBytes + m_staging_bytes;
  uint64_t received_offset = kScratchOffsetBytes;
  for (uint32_t i = 0; i < m_local_size; ++i) {
    const uint32_t peer = RankOf(node, i);
    const uint64_t received_bytes = RailBytes(peer, local_index);
    if (i != local_index) {
      SegmentList sent;
      for (uint32_t j = 0; j < m_node_count; ++j) {
        const uint32_t to = RankOf(j, i);
        sent.Add(m_layout.InputOffset(rank, to), m_layout.SizeBytes(rank, to));
      }
      sent.Send(peer, packed_offset, actions);
      packed_offset += sent.SizeBytes();
      if (received_bytes > 0) {
        actions.receives.push_back({peer, received_offset, received_bytes, false});
      }
    }
    received_offset += received_bytes;
  }
  // Senders take turns at every receiver.
  const auto follows = [&](const SendAction& send) { return send.peer > rank; };
  std::stable_partition(actions.sends.begin(), actions.sends.end(), follows);
}

void HierarchicalAllToAll::AcrossStep(uint32_t rank, StepActions& actions) const {
  const uint32_t node = rank / m_local_size;
  const uint32_t local_index = rank % m_local_size;
  std::vector<SegmentList> sent(m_node_count);
  uint64_t received_offset = kScratchOffsetBytes;
  for (uint32_t i = 0; i < m_local_size; ++i) {
    const uint32_t from = RankOf(node, i);
    for (uint32_t j = 0; j < m_node_count; ++j) {
      const uint32_t to = RankOf(j, local_index);
      const uint64_t size_bytes = m_layout.SizeBytes(from, to);
      if (j != node) {
        sent[j].Add(from == rank ? m_layout.InputOffset(rank, to) : received_offset, size_bytes);
      } else if (from != rank && size_bytes > 0) {
        actions.copies.push_back({received_offset, m_layout.OutputOffset(from, rank), size_bytes});
      }
      received_offset += size_bytes;
    }
  }
  uint64_t packed_offset = kScratchOffsetBytes + 2 * m_staging_bytes;
  for (uint32_t i = 1; i < m_node_count; ++i) {
    const uint32_t to = (node + i) % m_node_count;
    sent[to].Send(RankOf(to, local_index), packed_offset, actions);
    packed_offset += sent[to].SizeBytes();
    const uint32_t from = (node + m_node_count - i) % m_node_count;
    const uint32_t last = RankOf(from, m_local_size - 1);
    const uint64_t offset_bytes = m_layout.OutputOffset(RankOf(from, 0), rank);
    const uint64_t end_bytes = m_layout.OutputOffset(last, rank) + m_layout.SizeBytes(last, rank);
    if (end_bytes > offset_bytes) {
      actions.receives.push_back(
          {RankOf(from, local_index), offset_bytes, end_bytes - offset_bytes, false});
    }
  }
}

uint64_t HierarchicalAllToAll::KeptInNodeBytes(uint32_t rank) const {
  uint64_t size_bytes = 0;
  for (uint32_t i = 0; i < m_local_size; ++i) {
    size_bytes += m_layout.SizeBytes(RankOf(rank / m_local_size, i), rank);
  }
  return size_bytes;
}

// Its port takes in its rail's share from the node before it sends that to the other nodes.
CriticalPath HierarchicalAllToAll::PathThrough(uint32_t rank) const {
  const uint64_t collected_bytes = CollectedBytes(rank);
  const uint64_t inside_bytes = collected_bytes - RailBytes(rank, rank % m_local_size);
  const uint64_t across_bytes = collected_bytes - KeptInNodeBytes(rank);
  const uint64_t hops = (inside_bytes > 0 ? 1 : 0) + (across_bytes > 0 ? 1 : 0);
  return {hops, inside_bytes + across_bytes};
}

CriticalPath HierarchicalAllToAll::Path() const {
  CriticalPath path = PathThrough(0);
  const uint32_t rank_count = m_node_count * m_local_size;
  for (uint32_t rank = 1; m_layout.HasSizesByPair() && rank < rank_count; ++rank) {
    const CriticalPath other = PathThrough(rank);
    if (other.size_bytes > path.size_bytes) path = other;
  }
  return path;
}

}  // namespace ddlsim
