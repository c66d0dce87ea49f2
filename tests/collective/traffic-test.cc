// SPDX-License-Identifier: MIT
//
// What schedules put on the network: closed forms of bytes and messages per rank, and that the two
// ends of every message agree, up to sizes at which nothing could be unrolled.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "collective/all-cases.h"
#include "collective/check/collective-oracle.h"

namespace ddlsim {
namespace {

struct Traffic {
  std::vector<uint64_t> sent_bytes;
  std::vector<uint64_t> received_bytes;
  std::vector<uint64_t> sent_messages;
};

Traffic TrafficOf(const CollectiveSpec& spec) {
  const auto schedule = MakeSchedule(spec);
  const uint32_t n = spec.rank_count;
  Traffic traffic{std::vector<uint64_t>(n), std::vector<uint64_t>(n), std::vector<uint64_t>(n)};
  StepActions actions;
  for (uint32_t rank = 0; rank < n; ++rank) {
    for (uint32_t step = 0; step < schedule->StepCount(); ++step) {
      schedule->Step(rank, step, actions);
      for (const SendAction& send : actions.sends) traffic.sent_bytes[rank] += send.size_bytes;
      for (const ReceiveAction& receive : actions.receives) {
        traffic.received_bytes[rank] += receive.size_bytes;
      }
      traffic.sent_messages[rank] += actions.sends.size();
    }
  }
  return traffic;
}

CollectiveSpec Spec(CollectiveType type, Algorithm algorithm, uint32_t rank_count,
                    uint64_t size_bytes) {
  CollectiveSpec spec;
  spec.type = type;
  spec.algorithm = algorithm;
  spec.rank_count = rank_count;
  spec.size_bytes = size_bytes;
  return spec;
}

TEST(CollectiveTraffic, EverySendHasExactlyOneReceiveOfItsSize) {
  for (const uint32_t n : RankCounts()) {
    for (const CollectiveSpec& spec : AllCases(n)) {
      const auto schedule = MakeSchedule(spec);
      StepActions actions;
      for (uint32_t step = 0; step < schedule->StepCount(); ++step) {
        std::map<std::pair<uint32_t, uint32_t>, uint64_t> sent;  // by (from, to)
        std::map<std::pair<uint32_t, uint32_t>, uint64_t> received;
        for (uint32_t rank = 0; rank < n + schedule->EngineCount(); ++rank) {
          schedule->Step(rank, step, actions);
          for (const SendAction& send : actions.sends) {
            EXPECT_TRUE(sent.emplace(std::make_pair(rank, send.peer), send.size_bytes).second);
            EXPECT_EQ(send.size_bytes == 0, spec.type == CollectiveType::kBarrier);
          }
          for (const ReceiveAction& receive : actions.receives) {
            EXPECT_TRUE(
                received.emplace(std::make_pair(receive.peer, rank), receive.size_bytes).second);
          }
        }
        ASSERT_EQ(sent, received) << DescribeCase(spec) << ", step " << step;
      }
    }
  }
}

TEST(CollectiveTraffic, RingsSendAllBlocksButTheirOwn) {
  for (const uint32_t n : RankCounts()) {
    for (const uint64_t size : Sizes(n)) {
      const Traffic reduced =
          TrafficOf(Spec(CollectiveType::kAllReduce, Algorithm::kRing, n, size));
      const Traffic scattered =
          TrafficOf(Spec(CollectiveType::kReduceScatter, Algorithm::kRing, n, size));
      const Traffic gathered =
          TrafficOf(Spec(CollectiveType::kAllGather, Algorithm::kRing, n, size));
      for (uint32_t rank = 0; rank < n; ++rank) {
        const uint64_t kept = BlockSize(size, n, rank);
        const uint64_t last = BlockSize(size, n, (rank + 1) % n);  // gathered last, not passed on
        EXPECT_EQ(scattered.sent_bytes[rank], size - kept);
        EXPECT_EQ(gathered.sent_bytes[rank], size - last);
        EXPECT_EQ(gathered.received_bytes[rank], size - kept);
        EXPECT_EQ(reduced.sent_bytes[rank], 2 * size - kept - last);
        if (size % n == 0) {
          EXPECT_EQ(reduced.sent_bytes[rank], size / n * 2 * (n - 1));
        }
        if (size >= n) {
          EXPECT_EQ(reduced.sent_messages[rank], 2 * (n - 1));
        }
      }
    }
  }
}

TEST(CollectiveTraffic, HalvingDoublingSendsTheSameInFewerMessages) {
  for (const uint32_t n : RankCounts()) {
    uint32_t levels = 0;
    while (uint32_t{2} << levels <= n) ++levels;
    const uint32_t p = 1u << levels;
    const uint64_t size = uint64_t{1024} * p;
    const Traffic traffic =
        TrafficOf(Spec(CollectiveType::kAllReduce, Algorithm::kHalvingDoubling, n, size));
    for (uint32_t rank = 0; rank < n; ++rank) {
      const bool is_folded = rank < 2 * (n - p);
      const bool is_extra = is_folded && rank % 2 == 0;
      const uint64_t exchanged = is_extra ? 0 : size / p * 2 * (p - 1);
      EXPECT_EQ(traffic.sent_bytes[rank], exchanged + (is_folded ? size : 0));
      EXPECT_EQ(traffic.received_bytes[rank], exchanged + (is_folded ? size : 0));
      EXPECT_EQ(traffic.sent_messages[rank], (is_extra ? 0 : 2 * levels) + (is_folded ? 1 : 0));
    }
  }
}

TEST(CollectiveTraffic, BroadcastsSendTheBufferToEveryRankOnce) {
  for (const uint32_t n : RankCounts()) {
    for (const Algorithm algorithm : {Algorithm::kTree, Algorithm::kRing}) {
      for (const uint64_t size : Sizes(n)) {
        CollectiveSpec spec = Spec(CollectiveType::kBroadcast, algorithm, n, size);
        spec.root = n / 2;
        const Traffic traffic = TrafficOf(spec);
        uint64_t tree_children = 0;
        while (uint64_t{1} << tree_children < n) ++tree_children;
        const uint64_t ring_children = n > 1 ? 1 : 0;
        EXPECT_EQ(traffic.sent_bytes[spec.root],
                  size * (algorithm == Algorithm::kTree ? tree_children : ring_children));
        for (uint32_t rank = 0; rank < n; ++rank) {
          EXPECT_EQ(traffic.received_bytes[rank], rank == spec.root ? 0 : size);
        }
      }
    }
  }
}

TEST(CollectiveTraffic, AllToAllSendsAllButTheOwnBlockAndTakesTurns) {
  for (const uint32_t n : RankCounts()) {
    for (const uint64_t size : Sizes(n)) {
      const CollectiveSpec spec = Spec(CollectiveType::kAllToAll, Algorithm::kDirect, n, size);
      const Traffic traffic = TrafficOf(spec);
      for (uint32_t rank = 0; rank < n; ++rank) {
        EXPECT_EQ(traffic.sent_bytes[rank], size - BlockSize(size, n, rank));
        EXPECT_EQ(traffic.received_bytes[rank], (n - 1) * BlockSize(size, n, rank));
      }
    }
    // The i-th messages of all ranks go to different receivers.
    const auto schedule = MakeSchedule(Spec(CollectiveType::kAllToAll, Algorithm::kDirect, n, n));
    std::vector<StepActions> actions(n);
    if (n > 1) {
      for (uint32_t rank = 0; rank < n; ++rank) schedule->Step(rank, 0, actions[rank]);
    }
    for (uint32_t i = 0; i + 1 < n; ++i) {
      std::set<uint32_t> receivers;
      for (const StepActions& of_rank : actions) receivers.insert(of_rank.sends[i].peer);
      EXPECT_EQ(receivers.size(), n);
    }
  }
}

TEST(CollectiveTraffic, BarrierSendsOneEmptyMessagePerLevel) {
  for (const uint32_t n : RankCounts()) {
    const Traffic traffic =
        TrafficOf(Spec(CollectiveType::kBarrier, Algorithm::kDissemination, n, 0));
    uint32_t levels = 0;
    while (uint32_t{1} << levels < n) ++levels;
    EXPECT_EQ(traffic.sent_messages, std::vector<uint64_t>(n, levels));
    EXPECT_EQ(traffic.sent_bytes, std::vector<uint64_t>(n, 0));
  }
}

// 1,024 ranks in 2,046 steps, each looked up by itself at both ends.
TEST(CollectiveTraffic, LargeRingMatchesAtBothEnds) {
  const uint32_t n = 1024;
  const CollectiveSpec spec =
      Spec(CollectiveType::kAllReduce, Algorithm::kRing, n, (uint64_t{1} << 40) + 1000);
  const auto schedule = MakeSchedule(spec);
  ASSERT_EQ(schedule->StepCount(), 2046u);
  StepActions own;
  StepActions next;
  uint64_t mismatches = 0;
  for (uint32_t rank = 0; rank < n; ++rank) {
    for (uint32_t step = 0; step < schedule->StepCount(); ++step) {
      schedule->Step(rank, step, own);
      schedule->Step((rank + 1) % n, step, next);
      const SendAction& send = own.sends.at(0);
      const ReceiveAction& receive = next.receives.at(0);
      const bool matches = send.peer == (rank + 1) % n && receive.peer == rank &&
                           send.offset_bytes == receive.offset_bytes &&
                           send.size_bytes == receive.size_bytes &&
                           receive.reduce == (step < n - 1);
      mismatches += matches ? 0 : 1;
    }
  }
  EXPECT_EQ(mismatches, 0u);
}

}  // namespace
}  // namespace ddlsim
