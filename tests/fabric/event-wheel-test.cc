// SPDX-License-Identifier: MIT
//
// The wheel pops exactly the order of a sorted reference, whatever the density and reach of events.
#include "fabric/event-wheel.h"

#include <gtest/gtest.h>

#include <queue>
#include <random>

namespace ddlsim {
namespace {

struct Later {
  bool operator()(const Event& a, const Event& b) const { return b < a; }
};

void ExpectSameOrder(uint64_t seed, uint64_t delay_min_ps, uint64_t delay_max_ps, int population) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  EventWheel wheel(delay_min_ps);
  std::priority_queue<Event, std::vector<Event>, Later> reference;
  uint32_t ref = 0;
  const auto push = [&](uint64_t now_ps) {
    // Mostly link-like delays, some in the current window, some ties, some far in the future.
    uint64_t delay_ps = delay_min_ps + random() % delay_max_ps;
    const uint64_t kind = random() % 16;
    if (kind == 0) delay_ps = random() % 3;
    if (kind == 1) delay_ps = random() % (delay_max_ps * 100000);
    if (kind == 2) delay_ps = delay_min_ps;
    const Event event{now_ps + delay_ps, ref++, static_cast<uint32_t>(random() % 4)};
    wheel.Push(event.time_ps, event.key, event.ref);
    reference.push(event);
  };
  for (int i = 0; i < population; ++i) push(0);
  for (int i = 0; i < population * 20 && !reference.empty(); ++i) {
    const Event expected = reference.top();
    if (i % 7 == 0) {
      ASSERT_EQ(wheel.NextTimePs(), expected.time_ps);
    }
    Event next;
    ASSERT_FALSE(wheel.Next(expected.time_ps, next));
    ASSERT_TRUE(wheel.Next(expected.time_ps + 1, next));
    ASSERT_EQ(next.time_ps, expected.time_ps);
    ASSERT_EQ(next.key, expected.key);
    ASSERT_EQ(next.ref, expected.ref);
    reference.pop();
    ASSERT_EQ(wheel.Empty(), reference.empty());
    if (i < population * 10) push(expected.time_ps);
    if (random() % 512 == 0) {  // bursts make the wheel retune
      for (int k = 0; k < population / 2 && i < population * 5; ++k) push(expected.time_ps);
    }
  }
}

TEST(EventWheel, PopsInTotalOrder) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    ExpectSameOrder(seed, 500000, 2000000, 300);
    ExpectSameOrder(seed, 1, 10, 300);
    ExpectSameOrder(seed, 1000, 50000000000, 100);
  }
  ExpectSameOrder(99, 1000, 1000, 30000);  // dense enough to narrow the windows
}

TEST(EventWheel, KeepsEventsBehindTheLimit) {
  EventWheel wheel(1000);
  wheel.Push(5000, 1, 10);
  wheel.Push(7000, 1, 11);
  Event next;
  EXPECT_FALSE(wheel.Next(5000, next));
  ASSERT_TRUE(wheel.Next(5001, next));
  EXPECT_EQ(next.ref, 10u);
  EXPECT_FALSE(wheel.Next(7000, next));
  wheel.Push(6000, 1, 12);  // earlier than what was looked at
  EXPECT_EQ(wheel.NextTimePs(), 6000u);
  ASSERT_TRUE(wheel.Next(7000, next));
  EXPECT_EQ(next.ref, 12u);
  ASSERT_TRUE(wheel.Next(UINT64_MAX, next));
  EXPECT_EQ(next.ref, 11u);
  EXPECT_FALSE(wheel.Next(UINT64_MAX, next));
  EXPECT_EQ(wheel.NextTimePs(), UINT64_MAX);
  EXPECT_TRUE(wheel.Empty());
}

TEST(EventWheel, CrowdsAtOneTimeAreOrderedByKey) {
  EventWheel wheel(1000);
  for (uint32_t i = 0; i < 5000; ++i) wheel.Push(123456, (i * 2654435761u) >> 8, i);
  uint32_t last = 0;
  for (int i = 0; i < 5000; ++i) {
    Event next;
    ASSERT_TRUE(wheel.Next(UINT64_MAX, next));
    EXPECT_GE(next.key, last);
    last = next.key;
  }
}

}  // namespace
}  // namespace ddlsim
