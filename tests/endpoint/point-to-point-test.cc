// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "base/input-error.h"
#include "tests/endpoint/test-endpoint.h"

namespace ddlsim {
namespace {

constexpr uint64_t kUs = 1000000;  // ps

TEST(PointToPoint, ReceiveEndsOnArrivalAndSendOnAcknowledgement) {
  TestEndpoint test(2);
  test.network.At(0, [&] { test.endpoint.PostReceive(1, 0, 5, 3000, 1); });
  test.network.At(2 * kUs, [&] { test.endpoint.PostSend(0, 1, 5, 3000, 2); });
  test.Run();
  EXPECT_EQ(test.StartPs(1, 1), 0u);
  EXPECT_EQ(test.EndPs(1, 1), 6 * kUs);
  EXPECT_EQ(test.StartPs(0, 2), 2 * kUs);
  EXPECT_EQ(test.EndPs(0, 2), 7 * kUs);
  EXPECT_EQ(test.network.channels, (std::set<uint32_t>{CommunicatorTable::kPointToPointChannel}));
}

TEST(PointToPoint, UnexpectedMessageWaits) {
  TestEndpoint test(2);
  test.network.At(0, [&] { test.endpoint.PostSend(0, 1, 5, 3000, 2); });
  test.network.At(50 * kUs, [&] { test.endpoint.PostReceive(1, 0, 5, 3000, 1); });
  test.Run();
  EXPECT_EQ(test.EndPs(0, 2), 5 * kUs);
  EXPECT_EQ(test.EndPs(1, 1), 50 * kUs);
}

TEST(PointToPoint, ConcurrentReceivesWithOneTagEachCompleteOnce) {
  TestEndpoint test(3);
  test.network.At(0, [&] {
    for (uint64_t i = 0; i < 4; ++i) test.endpoint.PostReceive(2, 0, 0, 1000 * (i + 1), i);
    for (uint64_t i = 0; i < 4; ++i) test.endpoint.PostReceive(2, 1, 0, 500, 10 + i);
  });
  test.network.At(0, [&] {
    for (uint64_t i = 0; i < 4; ++i) test.endpoint.PostSend(0, 2, 0, 1000 * (i + 1), 20 + i);
    for (uint64_t i = 0; i < 4; ++i) test.endpoint.PostSend(1, 2, 0, 500, 30 + i);
  });
  test.Run();
  const uint64_t sums[] = {1, 3, 6, 10};
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(test.EndPs(2, i), (sums[i] + 1) * kUs);
    EXPECT_EQ(test.EndPs(2, 10 + i), 500000 * (i + 1) + kUs);
    EXPECT_EQ(test.EndPs(0, 20 + i), (sums[i] + 2) * kUs);
  }
  EXPECT_EQ(test.completed.size(), 16u);
}

TEST(PointToPoint, TagsAreSeparate) {
  TestEndpoint test(2);
  test.network.At(0, [&] {
    test.endpoint.PostReceive(1, 0, 1, 1000, 1);
    test.endpoint.PostReceive(1, 0, 2, 2000, 2);
    test.endpoint.PostSend(0, 1, 2, 2000, 3);
    test.endpoint.PostSend(0, 1, 1, 1000, 4);
  });
  test.Run();
  EXPECT_EQ(test.EndPs(1, 2), 3 * kUs);
  EXPECT_EQ(test.EndPs(1, 1), 4 * kUs);
}

TEST(PointToPoint, ZeroBytesIsAMessage) {
  TestEndpoint test(2);
  test.network.At(0, [&] {
    test.endpoint.PostReceive(1, 0, 0, 0, 1);
    test.endpoint.PostSend(0, 1, 0, 0, 2);
  });
  test.Run();
  EXPECT_EQ(test.EndPs(1, 1), kUs);
  EXPECT_EQ(test.EndPs(0, 2), 2 * kUs);
}

TEST(PointToPoint, SizesMustAgree) {
  for (const bool receive_first : {true, false}) {
    TestEndpoint test(2);
    test.network.At(0, [&] { test.endpoint.PostSend(0, 1, 3, 4096, 2); });
    test.network.At(receive_first ? 0 : 90 * kUs,
                    [&] { test.endpoint.PostReceive(1, 0, 3, 8192, 1); });
    try {
      test.Run();
      FAIL();
    } catch (const InputError& error) {
      EXPECT_EQ(error.Place(), "rank 0 to rank 1, tag 3");
      EXPECT_EQ(error.Problem(), "a send of 4KiB meets a receive of 8KiB");
    }
  }
}

TEST(PointToPoint, RefusesImpossiblePeers) {
  TestEndpoint test(2);
  EXPECT_THROW(test.endpoint.PostSend(0, 0, 0, 1, 0), InputError);
  EXPECT_THROW(test.endpoint.PostSend(0, 2, 0, 1, 0), InputError);
  EXPECT_THROW(test.endpoint.PostReceive(0, 7, 0, 1, 0), InputError);
}

TEST(PointToPoint, SlotsFollowWhatIsInFlight) {
  TestEndpoint test(2);
  test.on_complete = [&](const Completion& completion) {
    if (completion.rank == 0 && completion.token < 5000) {
      test.endpoint.PostSend(0, 1, 0, 100, completion.token + 1);
    } else if (completion.rank == 1) {
      test.endpoint.PostReceive(1, 0, 0, 100, completion.token + 1);
    }
  };
  test.network.At(0, [&] {
    test.endpoint.PostReceive(1, 0, 0, 100, 0);
    test.endpoint.PostSend(0, 1, 0, 100, 0);
  });
  test.Run();
  EXPECT_EQ(test.completed.size(), 5001u + 5001u);
  EXPECT_LE(test.endpoint.Messages().SlotCount(), 2u);
  EXPECT_EQ(test.endpoint.Messages().SendsInFlight(), 0u);
}

TEST(PointToPoint, SaysWhatIsMissing) {
  TestEndpoint test(3);
  test.network.Cut(0, 1);
  test.network.At(0, [&] {
    test.endpoint.PostReceive(1, 0, 4, 4096, 1);
    test.endpoint.PostReceive(1, 0, 4, 4096, 2);
    test.endpoint.PostSend(0, 1, 4, 4096, 3);
    test.endpoint.PostReceive(2, 1, 0, 1024, 5);
  });
  test.Run();
  std::vector<WaitingOperation> waiting = test.endpoint.Waiting(1, 8);
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0].reason, "receive of 4KiB from rank 0, tag 4: was sent and has not arrived");
  EXPECT_EQ(waiting[1].token, 2u);
  EXPECT_EQ(waiting[1].reason, "receive of 4KiB from rank 0, tag 4: has not been sent");
  waiting = test.endpoint.Waiting(0, 8);
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].reason, "send of 4KiB to rank 1, tag 4: has not arrived");
}

TEST(Endpoint, TimersComeBackToTheirRank) {
  TestEndpoint test(2);
  test.endpoint.SetTimer(1, 10, 1);
  test.endpoint.SetTimer(1, 10, 0);
  test.endpoint.SetTimer(0, 20, 1);
  test.Run();
  EXPECT_EQ(test.timers, (std::vector<std::pair<uint32_t, uint32_t>>{{1, 0}, {1, 1}, {0, 1}}));
}

TEST(Endpoint, RanksOfOneHostCannotExchangeMessages) {
  FakeNetwork network;
  const RankMap ranks(4, 2);
  const CommunicatorTable communicators(4, {{"rail", {{0, 2}, {1, 3}}}});
  Endpoint endpoint(ranks, communicators, {}, network, nullptr);
  const uint32_t rail = communicators.FindAxis("rail");
  EXPECT_NO_THROW(endpoint.Collectives().Check(communicators.Find(rail, 0), RingAllReduce(16)));
  EXPECT_THROW(endpoint.Collectives().Check(communicators.Find(0, 0), RingAllReduce(16)),
               InputError);
  EXPECT_NO_THROW(endpoint.Messages().Check(0, 2));
  EXPECT_THROW(endpoint.Messages().Check(0, 1), InputError);
}

}  // namespace
}  // namespace ddlsim
