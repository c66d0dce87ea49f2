// SPDX-License-Identifier: GPL-2.0-only
#include "collective/pair-layout.h"

#include <algorithm>

namespace ddlsim {

PairLayout::PairLayout(const CollectiveSpec& spec)
    : m_rank_count(spec.rank_count),
      m_is_send_receive(spec.is_send_receive),
      m_size_bytes(spec.size_bytes),
      m_blocks(spec.size_bytes, spec.rank_count),
      m_pair_bytes(spec.pair_bytes) {
  if (m_pair_bytes == nullptr) return;
  const size_t n = m_rank_count;
  m_input_offsets.resize(n * n);
  m_output_offsets.resize(n * n);
  for (size_t from = 0; from < n; ++from) {
    for (size_t to = 0; to < n; ++to) {
      const size_t pair = from * n + to;
      if (to > 0) m_input_offsets[pair] = m_input_offsets[pair - 1] + (*m_pair_bytes)[pair - 1];
      if (from > 0) m_output_offsets[pair] = m_output_offsets[pair - n] + (*m_pair_bytes)[pair - n];
    }
  }
}

uint64_t PairLayout::SizeBytes(uint32_t from, uint32_t to) const {
  if (m_is_send_receive) return IsNext(from, to) ? m_size_bytes : 0;
  if (m_pair_bytes == nullptr) return m_blocks.SizeBytes(to);
  return (*m_pair_bytes)[size_t{from} * m_rank_count + to];
}

uint64_t PairLayout::InputOffset(uint32_t from, uint32_t to) const {
  if (m_is_send_receive) return to > (from + 1) % m_rank_count ? m_size_bytes : 0;
  if (m_pair_bytes == nullptr) return m_blocks.OffsetBytes(to);
  return m_input_offsets[size_t{from} * m_rank_count + to];
}

uint64_t PairLayout::OutputOffset(uint32_t from, uint32_t to) const {
  if (m_is_send_receive) {
    return from > (to + m_rank_count - 1) % m_rank_count ? m_size_bytes : 0;
  }
  if (m_pair_bytes == nullptr) return from * m_blocks.SizeBytes(to);
  return m_output_offsets[size_t{from} * m_rank_count + to];
}

uint64_t PairLayout::BusiestPortBytes() const {
  const uint32_t n = m_rank_count;
  if (m_is_send_receive) return m_size_bytes;
  if (m_pair_bytes == nullptr) return (n - 1) * m_blocks.SizeBytes(0);
  uint64_t busiest_bytes = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const uint64_t sent = InputOffset(i, n - 1) + SizeBytes(i, n - 1) - SizeBytes(i, i);
    const uint64_t received = OutputOffset(n - 1, i) + SizeBytes(n - 1, i) - SizeBytes(i, i);
    busiest_bytes = std::max({busiest_bytes, sent, received});
  }
  return busiest_bytes;
}

uint64_t PairLayout::LargestOutputBytes() const {
  const uint32_t n = m_rank_count;
  if (m_is_send_receive) return m_size_bytes;
  if (m_pair_bytes == nullptr) return n * m_blocks.SizeBytes(0);
  uint64_t largest_bytes = 0;
  for (uint32_t i = 0; i < n; ++i) {
    largest_bytes = std::max(largest_bytes, OutputOffset(n - 1, i) + SizeBytes(n - 1, i));
  }
  return largest_bytes;
}

}  // namespace ddlsim
