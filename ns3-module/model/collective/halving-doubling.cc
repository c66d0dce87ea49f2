// SPDX-License-Identifier: GPL-2.0-only
#include "collective/halving-doubling.h"

namespace ddlsim {

HalvingDoubling::HalvingDoubling(uint32_t rank_count, uint64_t size_bytes)
    : m_size_bytes(size_bytes),
      m_level_count(FloorLog2(rank_count)),
      m_core_count(uint32_t{1} << m_level_count),
      m_extra_count(rank_count - m_core_count),
      m_blocks(size_bytes, m_core_count) {}

uint32_t HalvingDoubling::StepCount() const {
  return 2 * m_level_count + (m_extra_count > 0 ? 2 : 0);
}

void HalvingDoubling::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  if (m_extra_count > 0) {
    const bool fold = step == 0;
    const bool unfold = step == StepCount() - 1;
    if (fold || unfold) return FoldStep(rank, unfold, actions);
    --step;
  }
  const bool is_extra = rank < 2 * m_extra_count && rank % 2 == 0;
  if (is_extra) return;
  const uint32_t core = rank < 2 * m_extra_count ? rank / 2 : rank - m_extra_count;
  const bool halving = step < m_level_count;
  ExchangeStep(core, halving ? step : 2 * m_level_count - 1 - step, halving, actions);
}

void HalvingDoubling::FoldStep(uint32_t rank, bool unfold, StepActions& actions) const {
  if (rank >= 2 * m_extra_count) return;
  const bool is_extra = rank % 2 == 0;
  if (is_extra != unfold) {
    actions.sends.push_back({rank ^ 1, 0, m_size_bytes});
  } else {
    actions.receives.push_back({rank ^ 1, 0, m_size_bytes, !unfold});
  }
}

// Between the halvings `bit` and `bit` + 1 the two partners hold together what each of them held
// before: a halving sends away what the partner keeps, a doubling sends what the own rank kept.
void HalvingDoubling::ExchangeStep(uint32_t core, uint32_t bit, bool halving,
                                   StepActions& actions) const {
  const uint32_t partner = core ^ (uint32_t{1} << bit);
  const Range own = HeldRange(core, bit + 1);
  const Range other = HeldRange(partner, bit + 1);
  const Range& sent = halving ? other : own;
  const Range& received = halving ? own : other;
  const uint32_t peer = RankOfCore(partner);
  if (sent.size_bytes > 0) actions.sends.push_back({peer, sent.offset_bytes, sent.size_bytes});
  if (received.size_bytes > 0) {
    actions.receives.push_back({peer, received.offset_bytes, received.size_bytes, halving});
  }
}

// Bit i of the core rank says whether it keeps the lower or the upper half in halving i.
HalvingDoubling::Range HalvingDoubling::HeldRange(uint32_t core, uint32_t halvings) const {
  uint32_t first_block = 0;
  uint32_t block_count = m_core_count;
  for (uint32_t i = 0; i < halvings; ++i) {
    block_count /= 2;
    if ((core >> i & 1) != 0) first_block += block_count;
  }
  const uint64_t offset_bytes = m_blocks.OffsetBytes(first_block);
  return {offset_bytes, m_blocks.OffsetBytes(first_block + block_count) - offset_bytes};
}

uint32_t HalvingDoubling::RankOfCore(uint32_t core) const {
  return core < m_extra_count ? 2 * core + 1 : core + m_extra_count;
}

// Core rank 0 takes in what it keeps while halving, and all but its block while doubling. It is
// folded, if any is.
CriticalPath HalvingDoubling::PortPath() const {
  uint64_t received_bytes = m_size_bytes - m_blocks.SizeBytes(0);
  for (uint32_t i = 1; i <= m_level_count; ++i) received_bytes += HeldRange(0, i).size_bytes;
  return {1, received_bytes + (m_extra_count > 0 ? m_size_bytes : 0)};
}

// A chain in which each message depends on the one before changes its core rank at every exchange:
// from c to its complement while halving, and back while doubling. The messages on the way are the
// ranges that the complement holds. Powers of two: the chain from the last core rank to rank 0,
// which holds the largest range after every halving, is the longest. Otherwise a fold adds two
// messages of the whole buffer to the chains that begin and end at a folded core rank; the one from
// core rank 0 to the last one and back exists where the last block, the smallest, is not empty.
CriticalPath HalvingDoubling::Path() const {
  const bool through_fold = m_extra_count > 0 && m_size_bytes >= m_core_count;
  CriticalPath path;
  if (through_fold) path = {2, 2 * m_size_bytes};
  const uint32_t turning_core = through_fold ? m_core_count - 1 : 0;
  for (uint32_t i = 1; i <= m_level_count; ++i) {
    path.hops += 2;
    path.size_bytes += 2 * HeldRange(turning_core, i).size_bytes;
  }
  return path;
}

}  // namespace ddlsim
