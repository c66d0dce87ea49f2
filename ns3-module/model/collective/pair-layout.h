// SPDX-License-Identifier: GPL-2.0-only
//
// Where the blocks of an all_to_all lie: equal shares, or sizes by pair.
#pragma once

#include <memory>
#include <vector>

#include "collective/block-split.h"
#include "collective/schedule.h"

namespace ddlsim {

class PairLayout {
 public:
  explicit PairLayout(const CollectiveSpec& spec);
  uint32_t RankCount() const { return m_rank_count; }
  bool HasSizesByPair() const { return m_pair_bytes != nullptr || m_is_send_receive; }
  // From member `from` to member `to`: the size, and where it lies in the one's input and in the
  // other's output.
  uint64_t SizeBytes(uint32_t from, uint32_t to) const;
  uint64_t InputOffset(uint32_t from, uint32_t to) const;
  uint64_t OutputOffset(uint32_t from, uint32_t to) const;
  // The most that a rank sends to or receives from others.
  uint64_t BusiestPortBytes() const;
  // The most that a rank receives, what it keeps for itself included.
  uint64_t LargestOutputBytes() const;

 private:
  bool IsNext(uint32_t from, uint32_t to) const { return (from + 1) % m_rank_count == to; }

  uint32_t m_rank_count;
  bool m_is_send_receive;
  uint64_t m_size_bytes;
  BlockSplit m_blocks;
  std::shared_ptr<const std::vector<uint64_t>> m_pair_bytes;  // null: equal shares
  std::vector<uint64_t> m_input_offsets;                      // as m_pair_bytes
  std::vector<uint64_t> m_output_offsets;
};

}  // namespace ddlsim
