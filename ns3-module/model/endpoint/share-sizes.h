// SPDX-License-Identifier: GPL-2.0-only
//
// Sizes by pair of all_to_all whose members have unequal shares, as a trace states them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "collective/pair-shares.h"

namespace ddlsim {

// Keeps no sizes beyond those that somebody uses: all members of an operation get the same table.
class ShareSizes {
 public:
  using PairBytes = std::shared_ptr<const std::vector<uint64_t>>;
  static constexpr uint32_t kRanksMax = 4096;  // a table has a size for each pair

  // As PairBytesOf(). Throws InputError (place `place`) where there are not as
  // many shares as ranks, or too many of them.
  PairBytes Of(const std::string& place, uint32_t rank_count, uint64_t size_bytes,
               const MemberShares& shares);

 private:
  using Key = std::tuple<uint64_t, bool, std::vector<uint64_t>>;  // size, direction, weights

  std::map<Key, std::weak_ptr<const std::vector<uint64_t>>> m_tables;
};

}  // namespace ddlsim
