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
    const Event* next = wheel.Peek(UINT64_MAX);
    ASSERT_NE(next, nullptr);
    const Event expected = reference.top();
    ASSERT_EQ(next->time_ps, expected.time_ps);
    ASSERT_EQ(next->key, expected.key);
    ASSERT_EQ(next->ref, expected.ref);
    wheel.Pop();
    reference.pop();
    ASSERT_EQ(wheel.Size(), reference.size());
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
  EXPECT_EQ(wheel.Peek(5000), nullptr);
  ASSERT_NE(wheel.Peek(5001), nullptr);
  EXPECT_EQ(wheel.Peek(5001)->ref, 10u);
  wheel.Pop();
  EXPECT_EQ(wheel.Peek(7000), nullptr);
  wheel.Push(6000, 1, 12);  // earlier than what was looked at
  ASSERT_NE(wheel.Peek(7000), nullptr);
  EXPECT_EQ(wheel.Peek(7000)->ref, 12u);
  wheel.Pop();
  EXPECT_EQ(wheel.Peek(UINT64_MAX)->ref, 11u);
  wheel.Pop();
  EXPECT_EQ(wheel.Peek(UINT64_MAX), nullptr);
  EXPECT_EQ(wheel.Size(), 0u);
}

TEST(EventWheel, CrowdsAtOneTimeAreOrderedByKey) {
  EventWheel wheel(1000);
  for (uint32_t i = 0; i < 5000; ++i) wheel.Push(123456, (i * 2654435761u) >> 8, i);
  uint32_t last = 0;
  for (int i = 0; i < 5000; ++i) {
    const Event* next = wheel.Peek(UINT64_MAX);
    ASSERT_NE(next, nullptr);
    EXPECT_GE(next->key, last);
    last = next->key;
    wheel.Pop();
  }
}

}  // namespace
}  // namespace ddlsim
