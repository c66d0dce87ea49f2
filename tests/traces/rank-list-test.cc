// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <numeric>

#include "tests/traces/random-graph.h"
#include "tests/traces/test-support.h"
#include "traces/rank-list.h"

namespace ddlsim {
namespace {

using Ranks = std::vector<uint32_t>;
using Groups = std::vector<Ranks>;

Groups Parse(const std::vector<std::string>& texts, uint32_t rank_count) {
  RankListParser parser(rank_count);
  Groups groups;
  for (const std::string& text : texts) parser.ParseGroups("place", text, groups);
  return groups;
}

TEST(RankList, Formats) {
  EXPECT_EQ(FormatRankList({}), "");
  EXPECT_EQ(FormatRankList({5}), "5");
  EXPECT_EQ(FormatRankList({0, 1, 2, 3}), "0-3");
  EXPECT_EQ(FormatRankList({0, 4, 8, 12}), "0-12:4");
  EXPECT_EQ(FormatRankList({0, 8}), "0,8");
  EXPECT_EQ(FormatRankList({0, 5, 6, 7}), "0,5-7");
  EXPECT_EQ(FormatRankList({3, 2, 1}), "3,2,1");
  EXPECT_EQ(FormatGroups({{0, 1}, {4, 5}, {8, 9}}), std::vector<std::string>{"0-1*3+4"});
  EXPECT_EQ(FormatGroups({{2, 3}, {0, 1}}), (std::vector<std::string>{"2-3", "0-1"}));
}

TEST(RankList, SixteenThousandRanksStaySmall) {
  // 16,384 ranks, tensor 8, data 128, pipeline 16: data-parallel groups are strided.
  Groups groups;
  for (uint32_t pp = 0; pp < 16; ++pp) {
    for (uint32_t tp = 0; tp < 8; ++tp) {
      groups.emplace_back();
      for (uint32_t dp = 0; dp < 128; ++dp) groups.back().push_back((pp * 128 + dp) * 8 + tp);
    }
  }
  const std::vector<std::string> texts = FormatGroups(groups);
  EXPECT_EQ(texts.size(), 16u);
  EXPECT_EQ(texts[0], "0-1016:8*8+1");
  EXPECT_EQ(Parse(texts, 16384), groups);
}

TEST(RankList, RandomGroupsComeBack) {
  RandomGraph random(TestSeed(99));
  for (int round = 0; round < 500; ++round) {
    const auto rank_count = static_cast<uint32_t>(1 + random.Below(60));
    Ranks ranks(rank_count);
    std::iota(ranks.begin(), ranks.end(), 0u);
    if (random.Coin()) {
      for (uint32_t i = rank_count - 1; i > 0; --i) {
        std::swap(ranks[i], ranks[random.Below(i + 1)]);
      }
    }
    Groups groups;
    while (!ranks.empty()) {
      const size_t size = 1 + random.Below(std::min<uint64_t>(ranks.size(), 6));
      groups.emplace_back(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(size));
      ranks.erase(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(size));
    }
    ASSERT_EQ(Parse(FormatGroups(groups), rank_count), groups);
    RankListParser parser(rank_count);
    ASSERT_EQ(parser.ParseList("place", FormatRankList(groups[0])), groups[0]);
  }
}

TEST(RankList, Refuses) {
  const auto error = [](const std::string& text) { return ErrorOf([&] { Parse({text}, 8); }); };
  for (const char* text : {"", "x", "1-", "-1", "3-1", "1-3:0", "1,,2", "1 2", "0*2", "0*0+1",
                           "0*2+", "1-3:", "0x1", "99999999999", "0*2+1*2+2"}) {
    EXPECT_EQ(error(text), "place: '" + std::string(text) +
                               "' is no list of ranks; write lists such as 0-3,8 or 0-12:4, groups "
                               "such as 0-3*2+4");
  }
  EXPECT_EQ(error("8"), "place: rank 8 is outside the set; the set has ranks 0 to 7");
  EXPECT_EQ(error("0-3*3+4"), "place: rank 8 is outside the set; the set has ranks 0 to 7");
  EXPECT_EQ(error("0-3,2"), "place: rank 2 stands twice; name each rank in one list only");
  // Bounded by the ranks of the set, whatever they claim.
  EXPECT_EQ(error("0-999999999"), "place: rank 8 is outside the set; the set has ranks 0 to 7");
  EXPECT_EQ(error("0*999999999+0"), "place: rank 0 stands twice; name each rank in one list only");
}

}  // namespace
}  // namespace ddlsim
