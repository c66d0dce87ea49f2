// SPDX-License-Identifier: GPL-2.0-only
#include "replay/class-graph.h"

namespace ddlsim {
namespace {

template <typename T>
uint64_t BytesOf(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

}  // namespace

uint32_t ClassGraph::NodeInOrder(uint32_t order, uint32_t index) const {
  for (uint32_t node = 0; node < NodeCount(); ++node) {
    if (!IsCommunication(node)) continue;
    const Communication& communication = CommunicationOf(node);
    if (communication.order == order && communication.index_in_order == index) return node;
  }
  return kNone;
}

uint64_t ClassGraph::MemoryBytes() const {
  uint64_t shares_bytes = BytesOf(m_shares);
  for (const MemberShares& shares : m_shares) shares_bytes += BytesOf(shares.weights);
  return sizeof(*this) + BytesOf(m_ids) + BytesOf(m_amounts) + BytesOf(m_types) +
         BytesOf(m_communication_index) + BytesOf(m_dependency_counts) +
         BytesOf(m_first_dependant) + BytesOf(m_dependants) + BytesOf(m_name_offsets) +
         BytesOf(m_names) + BytesOf(m_communications) + shares_bytes;
}

}  // namespace ddlsim
