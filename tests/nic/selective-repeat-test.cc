// SPDX-License-Identifier: MIT
#include "nic/selective-repeat.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace ddlsim {
namespace {

TEST(SackScoreboard, WhatLiesBelowAnArrivalIsLostOnce) {
  SackScoreboard board(1);
  EXPECT_FALSE(board.HasLost());
  EXPECT_TRUE(board.Sack(10, 13, 100));
  EXPECT_FALSE(board.Sack(10, 13, 100));  // again
  EXPECT_FALSE(board.Sack(10, 9, 100));   // before all
  for (uint32_t psn : {10u, 11u, 12u}) {
    ASSERT_TRUE(board.HasLost());
    EXPECT_EQ(board.NextLost(), psn);
    board.NoteRetransmitted(1000000);
  }
  EXPECT_FALSE(board.HasLost());
  EXPECT_TRUE(board.Sack(10, 15, 50));
  ASSERT_TRUE(board.HasLost());
  EXPECT_EQ(board.NextLost(), 14u);
  EXPECT_EQ(board.Advance(14, 1000000), 100u);
  EXPECT_EQ(board.NextLost(), 14u);
  board.DeclareLost(14, 17);  // a timeout: all that has not come, also at the end
  ASSERT_TRUE(board.HasLost());
  EXPECT_EQ(board.NextLost(), 14u);
  board.NoteRetransmitted(1000000);
  ASSERT_TRUE(board.HasLost());
  EXPECT_EQ(board.NextLost(), 16u);
  board.NoteRetransmitted(1000000);
  EXPECT_FALSE(board.HasLost());
  EXPECT_EQ(board.Advance(17, 1000000), 50u);
}

TEST(SackScoreboard, ReorderedPacketsAreNotLostAtOnce) {
  SackScoreboard board(3);
  board.Sack(0, 1, 1);
  board.Sack(0, 2, 1);
  EXPECT_FALSE(board.HasLost());
  board.Sack(0, 3, 1);  // the third that has overtaken packet 0
  ASSERT_TRUE(board.HasLost());
  EXPECT_EQ(board.NextLost(), 0u);
}

TEST(SackScoreboard, ALostRetransmissionOfTheOldestIsSeen) {
  SackScoreboard board(1);
  board.Sack(5, 6, 1);
  ASSERT_TRUE(board.HasLost());
  EXPECT_EQ(board.NextLost(), 5u);
  board.NoteRetransmitted(20);  // packets 7 to 19 were sent before
  board.Sack(5, 7, 1);
  board.Sack(5, 19, 1);
  while (board.HasLost()) {
    EXPECT_GT(board.NextLost(), 7u);
    board.NoteRetransmitted(20);
  }
  board.Sack(5, 20, 1);  // sent after it
  ASSERT_TRUE(board.HasLost());
  EXPECT_EQ(board.NextLost(), 5u);
  board.NoteRetransmitted(30);
  board.Sack(5, 29, 1);
  EXPECT_EQ(board.Advance(8, 30), 2u);  // packet 8 was sent again before 30 too
  while (board.HasLost()) board.NoteRetransmitted(30);
  board.Sack(8, 30, 1);
  ASSERT_TRUE(board.HasLost());
  EXPECT_EQ(board.NextLost(), 8u);
}

constexpr uint32_t kFar = 1u << 30;  // beyond all that is sent: no retransmission counts as lost

// Against sets, also where sequence numbers wrap and windows outgrow the ring.
TEST(SackScoreboard, EqualsSets) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const uint32_t base = UINT32_MAX - static_cast<uint32_t>(random() % 3000);
    SackScoreboard board(1);
    std::map<uint64_t, uint16_t> sacked;  // by offset from base
    uint64_t una = 0, lost_end = 0, retransmit = 0;
    for (int step = 0; step < 3000; ++step) {
      const uint64_t psn = una + 1 + random() % (1 + random() % 900);
      const uint16_t size = static_cast<uint16_t>(1 + random() % 4000);
      const uint32_t number = base + static_cast<uint32_t>(psn);
      ASSERT_EQ(board.Sack(base + static_cast<uint32_t>(una), number, size),
                sacked.emplace(psn, size).second);
      lost_end = std::max(lost_end, psn);
      if (random() % 4 == 0) {
        una += random() % 300;
        uint64_t bytes = 0;
        while (!sacked.empty() && sacked.begin()->first < una) {
          bytes += sacked.begin()->second;
          sacked.erase(sacked.begin());
        }
        ASSERT_EQ(board.Advance(base + static_cast<uint32_t>(una), kFar + base), bytes);
      }
      if (random() % 50 == 0) {
        board.DeclareLost(base + static_cast<uint32_t>(una),
                          base + static_cast<uint32_t>(una + 1000));
        retransmit = una;
        lost_end = std::max(lost_end, una + 1000);
      }
      for (uint64_t sends = random() % 4; sends > 0; --sends) {
        retransmit = std::max(retransmit, una);
        while (retransmit < lost_end && sacked.count(retransmit) != 0) ++retransmit;
        ASSERT_EQ(board.HasLost(), retransmit < lost_end);
        if (retransmit >= lost_end) break;
        ASSERT_EQ(board.NextLost(), base + static_cast<uint32_t>(retransmit));
        board.NoteRetransmitted(kFar + base);
        ++retransmit;
      }
    }
  }
}

TEST(ReorderBuffer, GivesBackWhatWasPut) {
  ReorderBuffer buffer;
  EXPECT_TRUE(buffer.IsEmpty());
  const uint32_t base = UINT32_MAX - 100;
  for (uint32_t i = 1; i < 2000; i += 2) EXPECT_TRUE(buffer.Put(base, base + i, i));
  EXPECT_FALSE(buffer.Put(base, base + 7, 1));
  uint32_t frame = 0;
  EXPECT_FALSE(buffer.Take(base, frame));
  for (uint32_t i = 1; i < 2000; i += 2) {
    ASSERT_TRUE(buffer.Take(base + i, frame));
    EXPECT_EQ(frame, i);
    EXPECT_FALSE(buffer.Take(base + i, frame));
  }
  EXPECT_TRUE(buffer.IsEmpty());
}

}  // namespace
}  // namespace ddlsim
