// SPDX-License-Identifier: GPL-2.0-only
#include "collective/recursive-blocks.h"

namespace ddlsim {

RecursiveBlocks::RecursiveBlocks(uint32_t rank_count, uint64_t size_bytes, bool reduces)
    : m_rank_count(rank_count),
      m_reduces(reduces),
      m_level_count(FloorLog2(rank_count)),
      m_core_count(uint32_t{1} << m_level_count),
      m_extra_count(rank_count - m_core_count),
      m_size_bytes(size_bytes),
      m_blocks(size_bytes, rank_count) {}

uint32_t RecursiveBlocks::StepCount() const {
  return m_level_count + (m_extra_count > 0 ? 2 : 0);
}

void RecursiveBlocks::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  if (m_extra_count > 0) {
    const bool first = step == 0;
    if (first || step == StepCount() - 1) return FoldStep(rank, first, actions);
    --step;
  }
  const bool is_extra = rank < 2 * m_extra_count && rank % 2 == 0;
  if (is_extra) return;
  const uint32_t core = rank < 2 * m_extra_count ? rank / 2 : rank - m_extra_count;
  ExchangeStep(core, m_reduces ? m_level_count - 1 - step : step, actions);
}

// All-gather: the block first, the whole buffer last. Reduce-scatter: the other way round.
void RecursiveBlocks::FoldStep(uint32_t rank, bool first, StepActions& actions) const {
  if (rank >= 2 * m_extra_count) return;
  const bool is_extra = rank % 2 == 0;
  const Bytes bytes = first == m_reduces ? Bytes{0, m_size_bytes} : BlockOf(rank & ~uint32_t{1});
  if (bytes.size == 0) return;
  if (is_extra == first) {
    actions.sends.push_back({rank ^ 1, bytes.offset, bytes.size});
  } else {
    actions.receives.push_back({rank ^ 1, bytes.offset, bytes.size, first && m_reduces});
  }
}

// Before an exchange of bit i in the all-gather, the core ranks that differ below bit i alone hold
// the same blocks; in the reduce-scatter, after it.
void RecursiveBlocks::ExchangeStep(uint32_t core, uint32_t bit, StepActions& actions) const {
  const uint32_t distance = uint32_t{1} << bit;
  const uint32_t partner = core ^ distance;
  const Bytes own = BlocksOf(core & ~(distance - 1), distance);
  const Bytes other = BlocksOf(partner & ~(distance - 1), distance);
  const Bytes& sent = m_reduces ? other : own;
  const Bytes& received = m_reduces ? own : other;
  const uint32_t peer = RankOfCore(partner);
  if (sent.size > 0) actions.sends.push_back({peer, sent.offset, sent.size});
  if (received.size > 0) {
    actions.receives.push_back({peer, received.offset, received.size, m_reduces});
  }
}

// A folded core rank stands for the even rank before it, too.
RecursiveBlocks::Bytes RecursiveBlocks::BlocksOf(uint32_t first_core, uint32_t core_count) const {
  const auto first_block = [this](uint32_t core) {
    return core < m_extra_count ? 2 * core : core + m_extra_count;
  };
  const uint64_t begin = m_blocks.OffsetBytes(first_block(first_core));
  return {begin, m_blocks.OffsetBytes(first_block(first_core + core_count)) - begin};
}

RecursiveBlocks::Bytes RecursiveBlocks::BlockOf(uint32_t rank) const {
  return {m_blocks.OffsetBytes(rank), m_blocks.SizeBytes(rank)};
}

uint32_t RecursiveBlocks::RankOfCore(uint32_t core) const {
  return core < m_extra_count ? 2 * core + 1 : core + m_extra_count;
}

// Each message is of at least as many blocks as core ranks. With empty blocks nothing is certain
// but that block 0 crosses every bit. The exchanges change sides each time, so that a chain which
// begins at core rank c ends at its complement. Only where more than half of the core is folded are
// both of some pair.
CriticalPath RecursiveBlocks::Path() const {
  const uint64_t smallest_bytes = m_blocks.SizeBytes(m_rank_count - 1);
  if (smallest_bytes == 0) {
    const uint64_t hops = m_level_count + (m_extra_count > 0 ? 1 : 0);
    return {hops, hops * m_blocks.SizeBytes(0)};
  }
  CriticalPath path{m_level_count, (m_core_count - 1) * smallest_bytes};
  if (m_extra_count > 0) path = path + CriticalPath{1, m_size_bytes};
  if (2 * m_extra_count > m_core_count) path = path + CriticalPath{1, smallest_bytes};
  return path;
}

CriticalPath RecursiveBlocks::PortPath() const {
  const uint64_t others_bytes = m_size_bytes - m_blocks.SizeBytes(m_rank_count - 1);
  return {1, m_extra_count > 0 ? m_size_bytes : others_bytes};
}

}  // namespace ddlsim
