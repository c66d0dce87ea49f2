// SPDX-License-Identifier: GPL-2.0-only
#include "collective/direct-exchange.h"

namespace ddlsim {

DirectExchange::DirectExchange(CollectiveType type, uint32_t rank_count, uint64_t size_bytes,
                               uint32_t root)
    : m_type(type),
      m_rank_count(rank_count),
      m_root(root),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, rank_count) {}

void DirectExchange::Step(uint32_t rank, uint32_t /*step*/, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  for (uint32_t i = 1; i < n; ++i) {
    AddMessage(rank, rank, (rank + i) % n, actions);
    AddMessage(rank, (rank + n - i) % n, rank, actions);
  }
}

// The half of the message that is `rank`'s, if there is such a message.
void DirectExchange::AddMessage(uint32_t rank, uint32_t from, uint32_t to,
                                StepActions& actions) const {
  if (m_type == CollectiveType::kGather && to != m_root) return;
  if (m_type == CollectiveType::kScatter && from != m_root) return;
  const bool is_senders_block =
      m_type == CollectiveType::kAllGather || m_type == CollectiveType::kGather;
  const bool is_whole = m_type == CollectiveType::kAllReduce;
  const uint32_t block = is_senders_block ? from : to;
  const uint64_t offset_bytes = is_whole ? 0 : m_blocks.OffsetBytes(block);
  const uint64_t size_bytes = is_whole ? m_size_bytes : m_blocks.SizeBytes(block);
  const bool reduce = is_whole || m_type == CollectiveType::kReduceScatter;
  if (size_bytes == 0) return;
  if (rank == from) {
    actions.sends.push_back({to, offset_bytes, size_bytes});
  } else {
    actions.receives.push_back({from, offset_bytes, size_bytes, reduce});
  }
}

// The port of the root, or of rank 0, whose block is as large as any.
CriticalPath DirectExchange::Path() const {
  if (m_type == CollectiveType::kAllReduce) return {1, PathBytes(m_rank_count - 1, m_size_bytes)};
  if (IsRooted(m_type)) {
    const uint64_t moved_bytes = m_size_bytes - m_blocks.SizeBytes(m_root);
    return {moved_bytes > 0 ? uint64_t{1} : 0, moved_bytes};
  }
  return {1, (m_rank_count - 1) * m_blocks.SizeBytes(0)};
}

}  // namespace ddlsim
