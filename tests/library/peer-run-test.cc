// SPDX-License-Identifier: MIT
//
// Sends and receives under a library, alone and grouped, at packet level beside the closed form.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/input-error.h"
#include "cluster/test-cluster.h"
#include "hardware/host.h"
#include "library/ampere.h"
#include "library/peer-plan.h"

namespace ddlsim {
namespace {

class NextRank : public PairSizes {
 public:
  void Apply(CollectiveSpec& spec) const override { spec.is_send_receive = true; }
};

CollectiveRecord RunOnce(const LibraryConfig& library, uint32_t nodes, CollectiveType type,
                         uint64_t size_bytes, const PairSizes* pair_sizes = nullptr) {
  EndpointConfig config;
  config.library = &library;
  config.pair_sizes = pair_sizes;
  TestCluster cluster(LoadHost("hgx-a100"), nodes, config);
  CollectiveRequest request;
  request.type = type;
  request.size_bytes = size_bytes;
  request.root = IsRooted(type) ? 3 : 0;
  request.name = "x";
  for (uint32_t rank = 0; rank < cluster.cluster.RankCount(); ++rank) {
    cluster.endpoint.Issue(rank, 0, request, rank);
  }
  cluster.Run();
  EXPECT_EQ(cluster.completed, cluster.cluster.RankCount());
  EXPECT_EQ(cluster.records.size(), 1u);
  return cluster.records.at(0);
}

double Us(const CollectiveRecord& record) {
  return static_cast<double>(record.end_ps - record.start_ps) * 1e-6;
}

void ExpectNearModel(const CollectiveRecord& record, double tolerance) {
  const double model_us = static_cast<double>(record.model_ps) * 1e-6;
  EXPECT_NEAR(Us(record) / model_us, 1, tolerance)
      << OperationName(record.spec) << " of " << record.spec.size_bytes << " bytes among "
      << record.spec.rank_count << ": " << Us(record) << " us, by formula " << model_us << " us";
  EXPECT_GE(record.end_ps - record.start_ps, record.bound_ps);
}

TEST(PeerRun, GroupsBesideClosedForm) {
  for (uint32_t nodes : {1u, 2u}) {
    for (CollectiveType type :
         {CollectiveType::kAllToAll, CollectiveType::kGather, CollectiveType::kScatter}) {
      for (uint64_t size = 8; size <= 64u << 20; size *= 8) {
        // What arrives at once is copied when it is complete; between nodes messages begin late.
        ExpectNearModel(RunOnce(Ampere(), nodes, type, size), nodes > 1 ? 0.25 : 0.16);
      }
    }
  }
}

TEST(PeerRun, SendReceiveBesideClosedForm) {
  const NextRank next;
  for (uint32_t nodes : {1u, 2u}) {
    for (uint64_t size = 8; size <= 64u << 20; size *= 8) {
      const CollectiveRecord record =
          RunOnce(Ampere(), nodes, CollectiveType::kAllToAll, size, &next);
      EXPECT_STREQ(OperationName(record.spec), "sendrecv");
      EXPECT_DOUBLE_EQ(BusBandwidthFactor(record.spec), 1);
      ExpectNearModel(record, 0.03);
    }
  }
}

// By hand: 10 us, and between nodes 2 x 5 us; 17 us more for large messages within a node; 39 % of
// a NIC for one message.
TEST(PeerRun, WhatAMessageCosts) {
  const LibraryConfig library = Ampere();
  const NextRank next;
  const auto us = [&](uint32_t nodes, uint64_t size) {
    return Us(RunOnce(library, nodes, CollectiveType::kAllToAll, size, &next));
  };
  EXPECT_NEAR(us(1, 8), 10, 0.2);
  EXPECT_NEAR(us(1, 1 << 20), 27 + 1048576 / 232e3, 0.3);
  EXPECT_NEAR(us(2, 8), 20, 0.7);
  EXPECT_NEAR(us(2, 16 << 20), 20 + 16777216 / (0.39 * 25e3), 10);
}

// A message alone costs what one of a group does.
TEST(PeerRun, MessagesOfTwoRanks) {
  const LibraryConfig library = Ampere();
  EndpointConfig config;
  config.library = &library;
  for (const uint32_t dst : {1u, 8u}) {
    for (const uint64_t size : {uint64_t{0}, uint64_t{8}, uint64_t{1} << 20, uint64_t{16} << 20}) {
      TestCluster cluster(LoadHost("hgx-a100"), 2, config);
      cluster.Message(0, dst, size);
      cluster.Run();
      EXPECT_EQ(cluster.completed, 2u);
      const double rate = dst == 1 ? 232e3 : 0.39 * 25e3;
      const double base_us = dst == 8 ? 20 : size > 128 << 10 ? 27 : 10;
      EXPECT_NEAR(static_cast<double>(cluster.end_ps[dst]) * 1e-6,
                  base_us + static_cast<double>(size) / rate, 1.2)
          << size << " bytes to rank " << dst;
    }
  }
}

// A small message must not overtake the large one before it, whose copy begins later.
TEST(PeerRun, MessagesOfTwoRanksKeepTheirOrder) {
  const LibraryConfig library = Ampere();
  EndpointConfig config;
  config.library = &library;
  TestCluster cluster(LoadHost("hgx-a100"), 1, config);
  for (const uint64_t size : {uint64_t{4} << 20, uint64_t{8}}) {
    cluster.endpoint.PostReceive(1, 0, 0, size, 0);
    cluster.endpoint.PostSend(0, 1, 0, size, 1);
  }
  cluster.Run();
  EXPECT_EQ(cluster.completed, 4u);
}

// A copy engine launches nothing and waits for no library's copy; to another node there is none.
TEST(PeerRun, CopiesWithinANodeTakeTheWiresTimeAlone) {
  const LibraryConfig library = Ampere();
  EndpointConfig config;
  config.library = &library;
  const uint64_t size = 32 << 20;
  const auto end_us = [&](uint32_t dst, bool is_copy, const EndpointConfig& with) {
    TestCluster cluster(LoadHost("hgx-a100"), 2, with);
    cluster.endpoint.PostReceive(dst, 0, 0, size, 0);
    cluster.endpoint.PostSend(0, dst, 0, size, 1, is_copy);
    cluster.Run();
    EXPECT_EQ(cluster.completed, 2u);
    return static_cast<double>(cluster.end_ps[dst]) * 1e-6;
  };
  EXPECT_EQ(end_us(1, true, config), end_us(1, false, {}));
  EXPECT_LT(end_us(1, true, config), end_us(1, false, config) - 25);
  EXPECT_EQ(end_us(8, true, config), end_us(8, false, config));
}

TEST(PeerRun, TwoMessagesShareTheCopyOfTheirGpu) {
  const LibraryConfig library = Ampere();
  EndpointConfig config;
  config.library = &library;
  TestCluster cluster(LoadHost("hgx-a100"), 1, config);
  cluster.Message(0, 1, 32 << 20);
  cluster.Message(0, 2, 32 << 20);
  cluster.Run();
  for (const uint32_t rank : {1u, 2u}) {
    EXPECT_NEAR(static_cast<double>(cluster.end_ps[rank]) * 1e-6, 27.0 + (64 << 20) / 232e3, 5);
  }
}

// Frameworks call an all_reduce of one float.
TEST(Barrier, IsASmallAllReduce) {
  const CollectiveRecord barrier = RunOnce(Ampere(), 2, CollectiveType::kBarrier, 0);
  const CollectiveRecord sum = RunOnce(Ampere(), 2, CollectiveType::kAllReduce, 4);
  EXPECT_EQ(barrier.end_ps, sum.end_ps);
  EXPECT_EQ(barrier.model_ps, sum.model_ps);
  EXPECT_EQ(barrier.spec.type, CollectiveType::kBarrier);
  EXPECT_EQ(barrier.spec.size_bytes, 0u);
}

TEST(Reduce, IsAChainAsBroadcast) {
  for (const uint64_t size : {uint64_t{8}, uint64_t{1} << 20, uint64_t{64} << 20}) {
    ExpectNearModel(RunOnce(Ampere(), 1, CollectiveType::kReduce, size), 0.25);
  }
}

TEST(Channels, FewerCopyAtALowerRate) {
  constexpr uint64_t kSize = 64 << 20;
  for (const CollectiveType type : {CollectiveType::kAllReduce, CollectiveType::kAllToAll}) {
    LibraryConfig library = Ampere();
    const CollectiveRecord all = RunOnce(library, 1, type, kSize);
    library.channels = 6;
    const CollectiveRecord few = RunOnce(library, 1, type, kSize);
    EXPECT_EQ(few.channels, 6u);
    // What the steps of the ring synchronise takes as long with any number of channels.
    EXPECT_NEAR(Us(few) / Us(all), 3.7, 0.5) << CollectiveName(type);
    EXPECT_NEAR(static_cast<double>(few.model_ps) / static_cast<double>(all.model_ps), 4, 0.6);
    library.channels = 64;  // no more than there are
    EXPECT_EQ(RunOnce(library, 1, type, kSize).end_ps, all.end_ps);
  }
}

TEST(PeerPlan, OtherAlgorithmsAreRefused) {
  CollectiveSpec spec;
  spec.type = CollectiveType::kAllToAll;
  spec.rank_count = 8;
  spec.size_bytes = 8;
  spec.algorithm = Algorithm::kBruck;
  EXPECT_THROW(MakePeerPlan(spec, {}, Ampere()), InputError);
}

}  // namespace
}  // namespace ddlsim
