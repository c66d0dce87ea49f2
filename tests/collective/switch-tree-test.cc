// SPDX-License-Identifier: MIT
//
// Reduction along trees of switches: correct on symbolic data for random trees, each node's bytes
// once up and once down, and trees that are none refused.
#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "collective/all-cases.h"
#include "collective/check/collective-oracle.h"

namespace ddlsim {
namespace {

// `engines` of which some have nothing below them, and maybe `spare` ones that are in no tree.
std::shared_ptr<const SwitchTree> RandomTree(uint32_t nodes, uint32_t engines, uint32_t spare,
                                             std::mt19937_64& random) {
  SwitchTree tree;
  tree.engine_above.assign(spare + engines, SwitchTree::kNone);
  for (uint32_t i = 1; i < engines; ++i) {
    tree.engine_above[spare + i] = spare + static_cast<uint32_t>(random() % i);
  }
  for (uint32_t node = 0; node < nodes; ++node) {
    tree.engine_of_node.push_back(spare + static_cast<uint32_t>(random() % engines));
  }
  return std::make_shared<const SwitchTree>(std::move(tree));
}

CollectiveSpec SpecOn(std::shared_ptr<const SwitchTree> tree, uint32_t local_size,
                      uint64_t size_bytes) {
  CollectiveSpec spec;
  spec.algorithm = Algorithm::kInNetwork;
  spec.local_size = local_size;
  spec.rank_count = local_size * static_cast<uint32_t>(tree->engine_of_node.size());
  spec.size_bytes = size_bytes;
  spec.switches = std::move(tree);
  return spec;
}

TEST(SwitchTree, EveryContributionExactlyOnce) {
  std::mt19937_64 random(PrintedSeed(20261121));
  for (int i = 0; i < 300; ++i) {
    const auto nodes = static_cast<uint32_t>(2 + random() % 12);
    const auto local = static_cast<uint32_t>(1 + random() % 4);
    const auto engines = static_cast<uint32_t>(1 + random() % 9);
    const CollectiveSpec spec =
        SpecOn(RandomTree(nodes, engines, random() % 3, random), local, 1 + random() % 100);
    const auto schedule = MakeSchedule(spec);
    for (const ExecutionOrder order : {ExecutionOrder::kUniform, ExecutionOrder::kNewestFirst}) {
      ASSERT_EQ(ScheduleProblem(spec, *schedule, order, random), "")
          << nodes << " nodes of " << local << ", " << engines << " engines";
    }
  }
}

TEST(SwitchTree, ANodeSendsAndReceivesItsBytesOnce) {
  std::mt19937_64 random(PrintedSeed(7));
  const CollectiveSpec spec = SpecOn(RandomTree(10, 6, 1, random), 2, 1000);
  const auto schedule = MakeSchedule(spec);
  StepActions actions;
  for (uint32_t rank = 0; rank < spec.rank_count; ++rank) {
    uint64_t sent_bytes = 0, received_bytes = 0;
    for (uint32_t step = 0; step < schedule->StepCount(); ++step) {
      schedule->Step(rank, step, actions);
      for (const SendAction& send : actions.sends) {
        if (send.peer >= spec.rank_count) sent_bytes += send.size_bytes;
      }
      for (const ReceiveAction& receive : actions.receives) {
        if (receive.peer >= spec.rank_count) received_bytes += receive.size_bytes;
      }
    }
    EXPECT_EQ(sent_bytes, rank % 2 == 0 ? 1000u : 0u);
    EXPECT_EQ(received_bytes, sent_bytes);
  }
}

TEST(SwitchTree, WhatIsNoTreeIsRefused) {
  constexpr uint32_t kNone = SwitchTree::kNone;
  const auto make = [](std::vector<uint32_t> of_node, std::vector<uint32_t> above) {
    auto tree =
        std::make_shared<const SwitchTree>(SwitchTree{std::move(of_node), std::move(above)});
    CollectiveSpec spec = SpecOn(tree, 1, 8);
    spec.rank_count = 2;
    return MakeSchedule(spec);
  };
  EXPECT_NO_THROW(make({0, 1}, {kNone, 0}));
  EXPECT_THROW(make({0, 1}, {kNone, kNone}), std::invalid_argument);  // two roots
  EXPECT_THROW(make({0, 1}, {1, 0}), std::invalid_argument);          // a circle
  EXPECT_THROW(make({0}, {kNone}), std::invalid_argument);            // of one node
}

}  // namespace
}  // namespace ddlsim
