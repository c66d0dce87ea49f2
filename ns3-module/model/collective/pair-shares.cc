// SPDX-License-Identifier: GPL-2.0-only
#include "collective/pair-shares.h"

#include "traces/member-shares.h"

namespace ddlsim {

std::vector<uint64_t> PairBytesOf(uint64_t size_bytes, const MemberShares& shares) {
  const std::vector<uint64_t> parts = CutByShares(size_bytes, shares.weights);
  std::vector<uint64_t> bytes;
  bytes.reserve(parts.size() * parts.size());
  for (const uint64_t part : parts) {
    if (shares.are_sent) {
      bytes.insert(bytes.end(), parts.size(), part);
    } else {
      bytes.insert(bytes.end(), parts.begin(), parts.end());
    }
  }
  return bytes;
}

}  // namespace ddlsim
