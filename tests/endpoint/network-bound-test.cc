// SPDX-License-Identifier: MIT
//
// What NICs and scale-up ports must carry at least, against closed forms. Links pass a byte of a
// NIC in 1000 ps and one of a scale-up port in 100 ps, without headers.
#include "endpoint/network-bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>

namespace ddlsim {
namespace {

constexpr uint64_t kNicPs = 1000;
constexpr uint64_t kUpPs = 100;

EndpointConfig Links(uint64_t latency_ps = 0) {
  EndpointConfig config;
  config.bound_rate_bps = 8000000000;
  config.bound_latency_ps = latency_ps;
  config.scale_up_rate_bps = 80000000000;
  return config;
}

// `hosts` of `gpus` each, which share `nics` NICs in order.
RankMap Hosts(uint32_t hosts, uint32_t gpus, uint32_t nics, NicPlanes planes = {}) {
  std::vector<RankPlacement> placements;
  for (uint32_t rank = 0; rank < hosts * gpus; ++rank) {
    RankPlacement placement;
    placement.host = placement.domain = rank / gpus;
    placement.gpu = rank % gpus;
    placement.nic = placement.gpu * nics / gpus;
    placement.scale_up = placement.host * (gpus + nics) + placement.gpu;
    placement.scale_out = placement.host * (gpus + nics) + gpus + placement.nic;
    placements.push_back(placement);
  }
  return RankMap(std::move(placements), std::move(planes));
}

std::vector<uint32_t> AllRanks(const RankMap& ranks) {
  std::vector<uint32_t> members(ranks.RankCount());
  std::iota(members.begin(), members.end(), 0);
  return members;
}

uint64_t BoundOf(CollectiveType type, Algorithm algorithm, uint64_t size_bytes,
                 const RankMap& ranks, const std::vector<uint32_t>& members,
                 const EndpointConfig& config = Links()) {
  CollectiveSpec spec;
  spec.type = type;
  spec.algorithm = algorithm;
  spec.rank_count = static_cast<uint32_t>(members.size());
  spec.size_bytes = size_bytes;
  return NetworkBoundPs(spec, GroupDomains(ranks, members), config);
}

// N hosts of L GPUs with M NICs; n ranks, S bytes.
TEST(NetworkBound, WhatHasToCrossPassesTheNics) {
  for (const uint64_t hosts : {2u, 3u, 4u}) {
    for (const uint64_t nics : {1u, 2u, 4u}) {
      const RankMap ranks = Hosts(static_cast<uint32_t>(hosts), 4, static_cast<uint32_t>(nics));
      const uint64_t n = hosts * 4, block = 720, size = block * n;
      const auto expect = [&](CollectiveType type, Algorithm algorithm, uint64_t nic_bytes) {
        EXPECT_EQ(BoundOf(type, algorithm, size, ranks, AllRanks(ranks)), nic_bytes * kNicPs / nics)
            << CollectiveName(type) << " " << AlgorithmName(algorithm) << " " << hosts << " hosts";
      };
      const uint64_t others = n - 4;  // ranks on other hosts
      expect(CollectiveType::kAllToAll, Algorithm::kDirect, 4 * others * block);
      expect(CollectiveType::kAllToAll, Algorithm::kBruck, 4 * others * block);
      expect(CollectiveType::kAllGather, Algorithm::kRing, others * block);
      expect(CollectiveType::kAllGather, Algorithm::kDirect, 4 * others * block);
      expect(CollectiveType::kReduceScatter, Algorithm::kHierarchical, others * block);
      expect(CollectiveType::kBroadcast, Algorithm::kTree, size);
      expect(CollectiveType::kReduce, Algorithm::kTree, size);
      expect(CollectiveType::kGather, Algorithm::kTree, others * block);
      // Straight to the root, which has one NIC.
      expect(CollectiveType::kGather, Algorithm::kDirect, others * block * nics);
      expect(CollectiveType::kScatter, Algorithm::kDirect, others * block * nics);
      expect(CollectiveType::kScatter, Algorithm::kTree, others * block);
      expect(CollectiveType::kBarrier, Algorithm::kTree, 0);
      // Reduced by the ranks the data crosses 2 (N - 1) times, by switches each host sends it once.
      for (const Algorithm algorithm :
           {Algorithm::kTree, Algorithm::kNvlsTree, Algorithm::kDoubleBinaryTree}) {
        expect(CollectiveType::kAllReduce, algorithm, 2 * (hosts - 1) * size / hosts);
      }
      expect(CollectiveType::kAllReduce, Algorithm::kInNetwork, size);
      expect(CollectiveType::kAllReduce, Algorithm::kDirect, 4 * others * size);
    }
  }
}

// A latency is added to what crosses, and nothing where nothing does.
TEST(NetworkBound, TheLastByteHasAWayToGo) {
  const RankMap ranks = Hosts(2, 2, 2);
  EXPECT_EQ(
      BoundOf(CollectiveType::kBroadcast, Algorithm::kTree, 1000, ranks, AllRanks(ranks), Links(7)),
      1000 * kNicPs / 2 + 7);
  EXPECT_EQ(
      BoundOf(CollectiveType::kBarrier, Algorithm::kTree, 0, ranks, AllRanks(ranks), Links(7)), 0u);
}

// One GPU on a host of its own: hardly anything crosses, and the ports of the others are busy.
TEST(NetworkBound, WhatStaysInsidePassesThePorts) {
  const RankMap ranks = Hosts(2, 8, 8);
  const std::vector<uint32_t> members{0, 1, 2, 3, 4, 5, 6, 7, 8};
  const uint64_t block = 1000, size = 9 * block;
  EndpointConfig config = Links();
  config.bound_rate_bps = 800000000000;  // NICs of a hundred times the rate
  for (const CollectiveType type : {CollectiveType::kAllToAll, CollectiveType::kAllGather,
                                    CollectiveType::kReduceScatter, CollectiveType::kGather}) {
    EXPECT_EQ(BoundOf(type, Algorithm::kDirect, size, ranks, members, config), 7 * block * kUpPs)
        << CollectiveName(type);
  }
  EXPECT_EQ(BoundOf(CollectiveType::kAllReduce, Algorithm::kDirect, size, ranks, members, config),
            7 * size * kUpPs);
}

TEST(NetworkBound, HierarchicalAlgorithmsPassThePortsInEachPhase) {
  const RankMap ranks = Hosts(2, 4, 4);
  EndpointConfig config = Links();
  config.bound_rate_bps = 8000000000000;
  CollectiveSpec spec;
  spec.algorithm = Algorithm::kHierarchical;
  spec.rank_count = 8;
  spec.local_size = 4;
  spec.size_bytes = 8000;
  const GroupDomains domains(ranks, AllRanks(ranks));
  spec.type = CollectiveType::kAllReduce;
  EXPECT_EQ(NetworkBoundPs(spec, domains, config), 2 * 6000 * kUpPs);
  spec.type = CollectiveType::kAllGather;
  EXPECT_EQ(NetworkBoundPs(spec, domains, config), 6000 * kUpPs);
}

// Hosts with unequally many members: the one with a single NIC in the group waits longest.
TEST(NetworkBound, UnequalHostsHaveUnequalNics) {
  const RankMap ranks = Hosts(2, 4, 4);
  const std::vector<uint32_t> members{0, 1, 2, 4};
  // The fourth rank takes in the three blocks of the others, which leave by three NICs.
  EXPECT_EQ(BoundOf(CollectiveType::kAllGather, Algorithm::kRing, 4000, ranks, members),
            3000 * kNicPs);
  EXPECT_EQ(BoundOf(CollectiveType::kBroadcast, Algorithm::kTree, 4000, ranks, members),
            4000 * kNicPs);
  // Both hosts pass 4000 bytes each way, and one of them by one NIC.
  EXPECT_EQ(BoundOf(CollectiveType::kAllReduce, Algorithm::kRing, 4000, ranks, members),
            4000 * kNicPs);
}

// Blocks differ by a byte, the larger ones first.
TEST(NetworkBound, CountsBytesAndNotMeans) {
  const RankMap ranks = Hosts(2, 2, 1);
  EXPECT_EQ(BoundOf(CollectiveType::kAllGather, Algorithm::kRing, 6, ranks, AllRanks(ranks)),
            4 * kNicPs);  // 2 + 2 | 1 + 1
}

TEST(NetworkBound, SizesByPairAndNeighbours) {
  const RankMap ranks = Hosts(2, 2, 2);
  const GroupDomains domains(ranks, AllRanks(ranks));
  CollectiveSpec spec;
  spec.type = CollectiveType::kAllToAll;
  spec.algorithm = Algorithm::kDirect;
  spec.rank_count = 4;
  std::vector<uint64_t> bytes(16, 0);
  bytes[0 * 4 + 2] = 300;  // across
  bytes[1 * 4 + 2] = 500;
  bytes[3 * 4 + 2] = 9000;  // inside
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(bytes);
  EXPECT_EQ(NetworkBoundPs(spec, domains, Links()), 9000 * kUpPs);
  // What two ranks send by a NIC each arrives by the one of the third; two there have one each.
  bytes[1 * 4 + 2] = 1700;
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(bytes);
  EXPECT_EQ(NetworkBoundPs(spec, domains, Links()), 2000 * kNicPs);
  bytes[0 * 4 + 2] = 0;
  bytes[0 * 4 + 3] = 300;
  spec.pair_bytes = std::make_shared<const std::vector<uint64_t>>(bytes);
  EXPECT_EQ(NetworkBoundPs(spec, domains, Links()), 1700 * kNicPs);
  // Of four ranks in a ring one per host sends to the other host, by one of its NICs.
  spec.pair_bytes = nullptr;
  spec.is_send_receive = true;
  spec.size_bytes = 1000;
  EXPECT_EQ(NetworkBoundPs(spec, domains, Links()), 1000 * kNicPs);
}

// A library sends what is for one receiver by the NIC on its rail, what is for many by as many.
TEST(NetworkBound, ALibrarySendsByTheNicsOfTheReceivers) {
  const RankMap ranks = Hosts(2, 4, 4);
  const LibraryConfig library;
  EndpointConfig config = Links();
  config.library = &library;
  const uint64_t block = 1000;
  EXPECT_EQ(BoundOf(CollectiveType::kScatter, Algorithm::kDirect, 8 * block, ranks, AllRanks(ranks),
                    config),
            block * kNicPs);
  EXPECT_EQ(BoundOf(CollectiveType::kGather, Algorithm::kDirect, 8 * block, ranks, AllRanks(ranks),
                    config),
            4 * block * kNicPs);
}

// In planes a host may receive by all its NICs, though only one member sends by one.
TEST(NetworkBound, PlanesReceiveByTheSendersNics) {
  NicPlanes planes;
  planes.plane_of_nic = {0, 1};
  planes.endpoints = {2, 3, 6, 7};
  const RankMap ranks = Hosts(2, 2, 2, planes);
  const std::vector<uint32_t> members{0, 1, 2};
  EXPECT_EQ(BoundOf(CollectiveType::kGather, Algorithm::kDirect, 3000, ranks, members),
            1000 * kNicPs / 1);
  EXPECT_EQ(BoundOf(CollectiveType::kBroadcast, Algorithm::kTree, 3000, ranks, members),
            3000 * kNicPs / 2);
}

TEST(NetworkBound, HugeSizesStayBounds) {
  const RankMap ranks = Hosts(2, 4, 1);
  const uint64_t least_ps =
      BoundOf(CollectiveType::kAllReduce, Algorithm::kDirect, 1u << 30, ranks, AllRanks(ranks));
  EXPECT_GE(BoundOf(CollectiveType::kAllReduce, Algorithm::kDirect, kSizeMaxBytes, ranks,
                    AllRanks(ranks)),
            least_ps);
}

}  // namespace
}  // namespace ddlsim
