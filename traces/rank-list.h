// SPDX-License-Identifier: MIT
//
// Lists of ranks as short texts, so that a manifest of many thousand ranks stays small.
//
//   list   = item *("," item)            "0-3,8" is 0 1 2 3 8
//   item   = RANK | RANK "-" RANK | RANK "-" RANK ":" STRIDE      "0-12:4" is 0 4 8 12
//   groups = list | list "*" COUNT "+" STEP      "0-1*3+4" is the groups 0 1, 4 5 and 8 9
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

std::string FormatRankList(const std::vector<uint32_t>& ranks);
// One text per run of groups that are alike but for a constant step.
std::vector<std::string> FormatGroups(const std::vector<std::vector<uint32_t>>& groups);

// Takes texts of lists or groups in which no rank may stand twice, so that what they expand to is
// bounded by the rank count, whatever they say.
class RankListParser {
 public:
  explicit RankListParser(uint32_t rank_count) : m_is_taken(rank_count) {}

  // Throw InputError (place `place`): syntax, a rank outside the set, a rank that stands twice.
  std::vector<uint32_t> ParseList(const std::string& place, const std::string& text);
  void ParseGroups(const std::string& place, const std::string& text,
                   std::vector<std::vector<uint32_t>>& groups);

  // The lowest rank that no list has named so far, or the rank count.
  uint32_t FirstMissing() const;

 private:
  void Take(const std::string& place, uint64_t rank);

  std::vector<bool> m_is_taken;
};

}  // namespace ddlsim
