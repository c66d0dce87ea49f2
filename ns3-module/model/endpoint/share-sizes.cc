// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/share-sizes.h"

#include "base/input-error.h"

namespace ddlsim {

ShareSizes::PairBytes ShareSizes::Of(const std::string& place, uint32_t rank_count,
                                     uint64_t size_bytes, const MemberShares& shares) {
  const size_t n = rank_count;
  if (shares.weights.size() != n) {
    throw InputError(place,
                     "an all_to_all has shares of " + std::to_string(shares.weights.size()) +
                         " members in a group of " + std::to_string(n),
                     "state one share for each member of the group");
  }
  if (n > kRanksMax) {
    throw InputError(place,
                     "an all_to_all with shares has " + std::to_string(n) +
                         " members: sizes by pair take too much memory",
                     "use groups of at most " + std::to_string(kRanksMax));
  }
  std::weak_ptr<const std::vector<uint64_t>>& known =
      m_tables[Key(size_bytes, shares.are_sent, shares.weights)];
  if (PairBytes bytes = known.lock()) return bytes;
  auto bytes = std::make_shared<const std::vector<uint64_t>>(PairBytesOf(size_bytes, shares));
  known = bytes;
  return bytes;
}

}  // namespace ddlsim
