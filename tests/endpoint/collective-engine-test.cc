// SPDX-License-Identifier: MIT
//
// One byte takes 1 ns on the fake network and a message 1 us, so times can be worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/input-error.h"
#include "tests/endpoint/test-endpoint.h"

namespace ddlsim {
namespace {

constexpr uint64_t kUs = 1000000;  // ps

TEST(CollectiveEngine, RingTakesItsClosedForm) {
  TestEndpoint test(4);
  for (uint32_t rank = 0; rank < 4; ++rank) test.CollectiveAt(0, rank, "", RingAllReduce(4000), 7);
  test.Run();
  // 2(n-1) steps of 1000 B and one latency.
  for (uint32_t rank = 0; rank < 4; ++rank) EXPECT_EQ(test.EndPs(rank, 7), 12 * kUs);
  EXPECT_EQ(test.network.messages, 24u);
  ASSERT_EQ(test.records.size(), 1u);
  const CollectiveRecord& record = test.records[0];
  EXPECT_EQ(record.id, 0u);
  EXPECT_EQ(record.name, "op");
  EXPECT_EQ(record.group, "");
  EXPECT_EQ(record.first_rank, 0u);
  EXPECT_EQ(record.spec.algorithm, Algorithm::kRing);
  EXPECT_EQ(record.spec.rank_count, 4u);
  EXPECT_EQ(record.start_ps, 0u);
  EXPECT_EQ(record.end_ps, 12 * kUs);
  EXPECT_EQ(record.bound_ps, 0u);
}

TEST(CollectiveEngine, AutoAlgorithmIsResolvedAndConfigurable) {
  EndpointConfig config;
  config.algorithms[static_cast<size_t>(CollectiveType::kAllReduce)] = Algorithm::kRing;
  config.bound_rate_bps = 8000000000;
  config.bound_latency_ps = kUs;
  TestEndpoint test(3, {}, config);
  for (uint32_t rank = 0; rank < 3; ++rank) {
    test.CollectiveAt(0, rank, "", Request(CollectiveType::kAllReduce, 3000), 0);
    test.CollectiveAt(0, rank, "", Request(CollectiveType::kBarrier, 0), 1);
  }
  test.Run();
  ASSERT_EQ(test.records.size(), 2u);
  EXPECT_EQ(test.records[0].spec.algorithm, Algorithm::kRing);
  EXPECT_NE(test.records[1].spec.algorithm, Algorithm::kAuto);
  EXPECT_EQ(test.records[0].bound_ps, BoundPs(test.records[0].spec, 8000000000, kUs, 1.0));
  EXPECT_GT(test.records[0].bound_ps, 0u);
  // On this network the bound is what a ring takes.
  EXPECT_LE(test.records[0].bound_ps, test.records[0].end_ps);
}

// When rank r's step s may be sent, by the definition of a ring: its own start, the step before at
// the rank before, and its port.
std::vector<uint64_t> RingReference(const std::vector<uint64_t>& start_ps, uint64_t chunk_bytes) {
  const size_t n = start_ps.size();
  std::vector<uint64_t> may_send = start_ps;
  std::vector<uint64_t> port_free(n, 0);
  for (size_t step = 0; step < 2 * (n - 1); ++step) {
    std::vector<uint64_t> next(n);
    for (size_t rank = 0; rank < n; ++rank) {
      port_free[rank] = std::max(may_send[rank], port_free[rank]) + chunk_bytes * 1000;
    }
    for (size_t rank = 0; rank < n; ++rank) {
      const uint64_t arrival_ps = port_free[(rank + n - 1) % n] + kUs;
      next[rank] = std::max(may_send[rank], arrival_ps);
    }
    may_send = next;
  }
  for (size_t rank = 0; rank < n; ++rank)
    may_send[rank] = std::max(may_send[rank], port_free[rank]);
  return may_send;
}

TEST(CollectiveEngine, EarlyMessagesAreCounted) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    const uint32_t n = 2 + random() % 12;
    const uint64_t chunk_bytes = random() % 3000;
    std::vector<uint64_t> start_ps(n);
    for (uint64_t& start : start_ps) start = random() % 3 == 0 ? random() % (60 * kUs) : 0;
    TestEndpoint test(n);
    for (uint32_t rank = 0; rank < n; ++rank) {
      test.CollectiveAt(start_ps[rank], rank, "", RingAllReduce(n * chunk_bytes), 0);
    }
    test.Run();
    const std::vector<uint64_t> expected = RingReference(start_ps, chunk_bytes);
    if (chunk_bytes == 0) continue;  // a schedule may leave out what has no bytes
    for (uint32_t rank = 0; rank < n; ++rank) ASSERT_EQ(test.EndPs(rank, 0), expected[rank]);
    ASSERT_EQ(test.records.size(), 1u);
    EXPECT_EQ(test.records[0].issue_ps, *std::min_element(start_ps.begin(), start_ps.end()));
    EXPECT_EQ(test.records[0].ready_ps, *std::max_element(start_ps.begin(), start_ps.end()));
    EXPECT_EQ(test.records[0].end_ps, *std::max_element(expected.begin(), expected.end()));
  }
}

TEST(CollectiveEngine, OneCommunicatorOneOperationAtATime) {
  TestEndpoint test(4);
  for (uint32_t rank = 0; rank < 4; ++rank) {
    test.CollectiveAt(0, rank, "", RingAllReduce(4000), 0);
    test.CollectiveAt(0, rank, "", RingAllReduce(8000), 1);
    test.CollectiveAt(rank == 2 ? 50 * kUs : 0, rank, "", RingAllReduce(4000), 2);
  }
  test.Run();
  for (uint32_t rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(test.EndPs(rank, 0), 12 * kUs);
    EXPECT_EQ(test.StartPs(rank, 1), 12 * kUs);
    EXPECT_EQ(test.EndPs(rank, 1), 30 * kUs);
    EXPECT_EQ(test.StartPs(rank, 2), (rank == 2 ? 50 : 30) * kUs);
  }
  ASSERT_EQ(test.records.size(), 3u);
  EXPECT_EQ(test.records[2].issue_ps, 0u);
  EXPECT_EQ(test.records[2].start_ps, 30 * kUs);
  EXPECT_EQ(test.records[2].ready_ps, 50 * kUs);
}

TEST(CollectiveEngine, DifferentCommunicatorsRunSideBySide) {
  // Every rank is in one group of each axis; the ports are shared, the latencies overlap.
  TestEndpoint test(4, {{"a", {{0, 1}, {2, 3}}}, {"b", {{0, 2}, {1, 3}}}});
  for (uint32_t rank = 0; rank < 4; ++rank) {
    test.CollectiveAt(0, rank, "a", RingAllReduce(2000), 0);
    test.CollectiveAt(0, rank, "b", RingAllReduce(2000), 1);
  }
  test.Run();
  for (uint32_t rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(test.EndPs(rank, 0), 4 * kUs);  // sent 0-1 and 2-3
    EXPECT_EQ(test.EndPs(rank, 1), 5 * kUs);  // sent 1-2 and 3-4
    EXPECT_EQ(test.StartPs(rank, 1), 0u);
  }
  EXPECT_EQ(test.network.channels.size(), 2u);
  ASSERT_EQ(test.records.size(), 4u);
  EXPECT_EQ(test.records[0].group, "a");
  EXPECT_EQ(test.records[0].first_rank, 0u);
  EXPECT_EQ(test.records[1].group, "a");
  EXPECT_EQ(test.records[1].first_rank, 2u);
  EXPECT_EQ(test.records[3].first_rank, 1u);
  for (uint64_t id = 0; id < 4; ++id) EXPECT_EQ(test.records[id].id, id);
}

TEST(CollectiveEngine, PartlyOverlappingGroupsDoNotWaitForEachOther) {
  // Rank 1 is in both groups; the second starts there although rank 0 never joins the first.
  TestEndpoint test(3, {{"a", {{0, 1}}}, {"b", {{1, 2}}}});
  test.CollectiveAt(0, 1, "a", RingAllReduce(2000), 0);
  test.CollectiveAt(0, 1, "b", RingAllReduce(2000), 1);
  test.CollectiveAt(0, 2, "b", RingAllReduce(2000), 1);
  test.Run();
  EXPECT_EQ(test.EndPs(1, 0), kNeverPs);
  EXPECT_EQ(test.EndPs(2, 1), 4 * kUs);
  EXPECT_EQ(test.EndPs(1, 1), 5 * kUs);
}

TEST(CollectiveEngine, BarrierHoldsUntilTheLast) {
  TestEndpoint test(5);
  for (uint32_t rank = 0; rank < 5; ++rank) {
    test.CollectiveAt(rank == 3 ? 40 * kUs : 0, rank, "", Request(CollectiveType::kBarrier, 0), 0);
  }
  test.Run();
  for (uint32_t rank = 0; rank < 5; ++rank) {
    EXPECT_GE(test.EndPs(rank, 0), (rank == 3 ? 40 : 41) * kUs) << rank;
    EXPECT_LE(test.EndPs(rank, 0), 43 * kUs) << rank;
  }
}

TEST(CollectiveEngine, GroupsOfOneAndChainsOfThemEndAtOnce) {
  TestEndpoint test(1);
  constexpr uint64_t kCount = 100000;  // would overflow the stack if each ended inside the last
  uint64_t issued = 0;
  bool is_inside = false;
  test.on_complete = [&](const Completion& completion) {
    EXPECT_FALSE(is_inside) << "called back from inside Issue()";
    is_inside = true;
    if (++issued < kCount) {
      test.endpoint.Issue(0, 0, Request(CollectiveType::kAllReduce, 1 << 20), issued);
    }
    is_inside = false;
  };
  test.CollectiveAt(5 * kUs, 0, "", Request(CollectiveType::kAllReduce, 1 << 20), 0);
  test.Run();
  EXPECT_EQ(test.completed.size(), kCount);
  EXPECT_EQ(test.EndPs(0, kCount - 1), 5 * kUs);
  ASSERT_EQ(test.records.size(), kCount);
  EXPECT_EQ(test.records.back().id, kCount - 1);
  EXPECT_LE(test.endpoint.Collectives().SlotCount(), 2u);
  EXPECT_EQ(test.network.messages, 0u);
}

TEST(CollectiveEngine, ZeroBytesComplete) {
  for (const CollectiveType type :
       {CollectiveType::kAllReduce, CollectiveType::kAllGather, CollectiveType::kReduceScatter,
        CollectiveType::kAllToAll, CollectiveType::kBroadcast}) {
    TestEndpoint test(3);
    for (uint32_t rank = 0; rank < 3; ++rank) test.CollectiveAt(0, rank, "", Request(type, 0), 0);
    test.Run();
    for (uint32_t rank = 0; rank < 3; ++rank) EXPECT_NE(test.EndPs(rank, 0), kNeverPs);
    EXPECT_EQ(test.records.size(), 1u);
  }
}

TEST(CollectiveEngine, SlotsFollowWhatIsInFlight) {
  TestEndpoint test(4);
  constexpr uint64_t kCount = 2000;
  test.on_complete = [&](const Completion& completion) {
    if (completion.token + 1 == kCount) return;
    CollectiveRequest request = RingAllReduce(400 + completion.token % 7 * 4);
    test.endpoint.Issue(completion.rank, 0, request, completion.token + 1);
  };
  for (uint32_t rank = 0; rank < 4; ++rank) test.CollectiveAt(0, rank, "", RingAllReduce(400), 0);
  test.Run();
  EXPECT_EQ(test.records.size(), kCount);
  EXPECT_LE(test.endpoint.Collectives().SlotCount(), 3u);
  EXPECT_EQ(test.endpoint.Collectives().OperationsInFlight(), 0u);
}

TEST(CollectiveEngine, EndsWhenTransmittedNotWhenAcknowledged) {
  // The root of a broadcast receives nothing: it is done when its last byte has left.
  TestEndpoint test(2);
  for (uint32_t rank = 0; rank < 2; ++rank) {
    test.CollectiveAt(0, rank, "", Request(CollectiveType::kBroadcast, 5000), 0);
  }
  test.Run();
  EXPECT_EQ(test.EndPs(0, 0), 5 * kUs);
  EXPECT_EQ(test.EndPs(1, 0), 6 * kUs);
}

TEST(CollectiveEngine, SendsOfAStepLeaveBeforeTheNextStep) {
  // A binomial tree over ports that share: what each child has is not later for its siblings.
  TestEndpoint test(8);
  for (uint32_t rank = 0; rank < 8; ++rank) {
    test.CollectiveAt(0, rank, "", Request(CollectiveType::kBroadcast, 4000, 0, Algorithm::kTree),
                      0);
  }
  test.network.Run(3 * kUs);
  EXPECT_EQ(test.network.messages, 1u);  // under way to the first child, nothing else is queued
  test.network.Run(4 * kUs);
  EXPECT_EQ(test.network.messages, 2u);
  test.Run();
  EXPECT_EQ(test.EndPs(0, 0), 12 * kUs);
  EXPECT_EQ(test.records[0].end_ps, 15 * kUs);  // three times 4 us and 1 us
}

std::string Disagreement(const CollectiveRequest& first, const CollectiveRequest& second) {
  TestEndpoint test(6, {{"dp", {{0, 2, 4}, {1, 3, 5}}}});
  test.CollectiveAt(0, 2, "dp", RingAllReduce(3000), 0);
  test.CollectiveAt(0, 4, "dp", RingAllReduce(3000), 0);
  test.CollectiveAt(0, 2, "dp", first, 1);
  test.CollectiveAt(0, 4, "dp", second, 1);
  try {
    test.Run();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(CollectiveEngine, MembersMustAgree) {
  const CollectiveRequest request = Request(CollectiveType::kBroadcast, 1 << 20, 1);
  EXPECT_EQ(Disagreement(request, request), "");
  const std::string size = Disagreement(request, Request(CollectiveType::kBroadcast, 2 << 20, 1));
  for (const char* part : {"group 'dp' (ranks 0,2,4)", "operation 1", "rank 2", "rank 4",
                           "broadcast 'op' of 1MiB", "broadcast 'op' of 2MiB"}) {
    EXPECT_NE(size.find(part), std::string::npos) << size;
  }
  EXPECT_NE(Disagreement(request, RingAllReduce(1 << 20)), "");
  EXPECT_NE(Disagreement(request, Request(CollectiveType::kBroadcast, 1 << 20, 2)), "");
  EXPECT_NE(Disagreement(request, Request(CollectiveType::kBroadcast, 1 << 20, 3)), "");
  // The root of a collective without one does not count.
  EXPECT_EQ(Disagreement(Request(CollectiveType::kAllGather, 3000, 1),
                         Request(CollectiveType::kAllGather, 3000, 2)),
            "");
}

TEST(CollectiveEngine, RefusesRanksOutsideTheGroup) {
  TestEndpoint test(3, {{"a", {{0, 1}}}});
  EXPECT_THROW(test.endpoint.Issue(2, test.communicators.FindAxis("a"), RingAllReduce(8), 0),
               InputError);
}

TEST(CollectiveEngine, OrderOfHostsChangesNothing) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (int round = 0; round < 20; ++round) {
    std::vector<std::map<std::pair<uint32_t, uint64_t>, Completed>> results;
    std::vector<std::vector<CollectiveRecord>> records;
    for (const HostOrder order :
         {HostOrder::kAscending, HostOrder::kDescending, HostOrder::kShuffled}) {
      std::mt19937_64 random(seed + round);
      TestEndpoint test(8, {{"a", {{0, 1, 2, 3}, {4, 5, 6, 7}}}, {"b", {{0, 4}, {1, 5}, {6, 2}}}},
                        {}, order);
      const char* axes[] = {"", "a", "b"};
      for (uint64_t token = 0; token < 12; ++token) {
        const std::string axis = axes[random() % 3];
        const uint64_t size_bytes = 8 * (random() % 500 + 1);
        for (uint32_t rank = 0; rank < 8; ++rank) {
          const uint64_t time_ps = random() % 3 * 20 * kUs * token;
          if (axis == "b" && (rank == 3 || rank == 7)) continue;
          // Later tokens of a rank come later, so that all members agree on the order.
          test.CollectiveAt(token * 100 * kUs + time_ps % (100 * kUs), rank, axis,
                            RingAllReduce(size_bytes), token);
        }
      }
      test.Run();
      results.push_back(test.completed);
      records.push_back(test.records);
    }
    for (size_t i = 1; i < results.size(); ++i) {
      EXPECT_TRUE(results[i] == results[0]);
      ASSERT_EQ(records[i].size(), records[0].size());
      for (size_t k = 0; k < records[0].size(); ++k) {
        EXPECT_EQ(records[i][k].group, records[0][k].group);
        EXPECT_EQ(records[i][k].first_rank, records[0][k].first_rank);
        EXPECT_EQ(records[i][k].start_ps, records[0][k].start_ps);
        EXPECT_EQ(records[i][k].end_ps, records[0][k].end_ps);
      }
    }
  }
}

TEST(CollectiveEngine, SaysWhatIsMissing) {
  TestEndpoint test(4, {{"dp", {{0, 1, 2, 3}}}});
  for (const uint32_t rank : {0u, 1u, 3u}) test.CollectiveAt(0, rank, "dp", RingAllReduce(4096), 9);
  test.CollectiveAt(0, 1, "dp", RingAllReduce(4096), 10);
  test.Run();
  const std::vector<WaitingOperation> waiting = test.endpoint.Waiting(1, 8);
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0].token, 9u);
  EXPECT_EQ(waiting[0].reason,
            "all_reduce of 4KiB on group 'dp' (ranks 0-3), operation 0: not started by rank 2: the "
            "message of step 2 of 6 from rank 0 has not been sent");
  EXPECT_EQ(waiting[1].token, 10u);
  EXPECT_EQ(waiting[1].reason,
            "all_reduce of 4KiB on group 'dp' (ranks 0-3), operation 1: queued behind operation 0");
  EXPECT_TRUE(test.endpoint.Waiting(2, 8).empty());
  EXPECT_EQ(test.endpoint.Waiting(1, 1).size(), 1u);
}

TEST(CollectiveEngine, NamesTheLostMessageAmongMany) {
  TestEndpoint test(5);
  test.network.Cut(3, 1);
  for (uint32_t rank = 0; rank < 5; ++rank) {
    test.CollectiveAt(0, rank, "", Request(CollectiveType::kAllToAll, 5000), 0);
  }
  test.Run();
  EXPECT_NE(test.EndPs(0, 0), kNeverPs);
  const std::vector<WaitingOperation> waiting = test.endpoint.Waiting(1, 8);
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_NE(waiting[0].reason.find("from rank 3 was sent and has not arrived"), std::string::npos)
      << waiting[0].reason;
}

CollectiveRequest AllToAllBy(const MemberShares& shares, uint64_t size_bytes) {
  CollectiveRequest request = Request(CollectiveType::kAllToAll, size_bytes);
  request.shares = &shares;
  return request;
}

// A byte takes a nanosecond, and a message 1 us beside; at its port a rank waits for its own alone.
TEST(CollectiveEngine, AllToAllByShares) {
  const MemberShares received{{5, 1, 1, 1}, false}, sent{{5, 1, 1, 1}, true};
  const uint64_t ns = 1000, latency_ps = 1000000;
  TestEndpoint there(4), back(4);
  for (uint32_t rank = 0; rank < 4; ++rank) {
    there.CollectiveAt(0, rank, "", AllToAllBy(received, 8000), 0);
    back.CollectiveAt(0, rank, "", AllToAllBy(sent, 8000), 0);
  }
  there.Run();
  back.Run();
  // There rank 0 sends three messages of 1,000 bytes, and the others 5,000 to it and 2 x 1,000.
  // Back, rank 0 sends 3 x 5,000 and the others 3 x 1,000.
  EXPECT_GE(there.EndPs(0, 0), 5000 * ns + latency_ps);
  for (uint32_t rank = 1; rank < 4; ++rank) EXPECT_GE(there.EndPs(rank, 0), 7000 * ns);
  EXPECT_LE(there.EndPs(0, 0), 7000 * ns + latency_ps);
  EXPECT_EQ(back.EndPs(0, 0), 15000 * ns);
  for (uint32_t rank = 1; rank < 4; ++rank) {
    EXPECT_GE(back.EndPs(rank, 0), 5000 * ns + latency_ps);
    EXPECT_LE(back.EndPs(rank, 0), 15000 * ns + latency_ps);
  }
  ASSERT_EQ(there.records.size(), 1u);
  EXPECT_EQ(there.records[0].spec.size_bytes, 8000u);
  ASSERT_NE(back.records.at(0).spec.pair_bytes, nullptr);
  const std::vector<uint64_t>& out = *there.records[0].spec.pair_bytes;
  const std::vector<uint64_t>& home = *back.records[0].spec.pair_bytes;
  for (size_t from = 0; from < 4; ++from) {
    for (size_t to = 0; to < 4; ++to) {
      EXPECT_EQ(out[from * 4 + to], to == 0 ? 5000u : 1000u);
      EXPECT_EQ(home[to * 4 + from], out[from * 4 + to]) << "the way back";
    }
  }
}

TEST(CollectiveEngine, SharesMustAgreeAndFit) {
  const MemberShares one{{3, 1}, false}, other{{1, 3}, false}, back{{3, 1}, true};
  for (const MemberShares* second : {&other, &back, static_cast<const MemberShares*>(nullptr)}) {
    TestEndpoint test(2);
    test.CollectiveAt(0, 0, "", AllToAllBy(one, 64), 0);
    CollectiveRequest request = AllToAllBy(one, 64);
    request.shares = second;
    test.CollectiveAt(0, 1, "", request, 0);
    EXPECT_THROW(test.Run(), InputError);
  }
  TestEndpoint three(3);
  EXPECT_THROW(three.endpoint.Collectives().Check(0, AllToAllBy(one, 64)), InputError);
  TestEndpoint two(2);
  CollectiveRequest bruck = AllToAllBy(one, 64);
  bruck.algorithm = Algorithm::kBruck;
  EXPECT_THROW(two.endpoint.Collectives().Check(0, bruck), InputError);
  EXPECT_NO_THROW(two.endpoint.Collectives().Check(0, AllToAllBy(one, 0)));
}

}  // namespace
}  // namespace ddlsim
