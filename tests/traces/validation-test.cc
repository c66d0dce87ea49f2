// SPDX-License-Identifier: MIT
//
// Every way in which a set of readable files can fail a replay.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/traces/random-graph.h"
#include "tests/traces/test-support.h"
#include "traces/dependency-check.h"

namespace ddlsim {
namespace {

using Ranks = std::vector<std::vector<GraphNode>>;

const std::string kFile = "; correct the tool that wrote the file";
const std::string kSet = "; correct the tool that wrote the set";

// The validation's error of a foreign set, with DIR for its folder.
std::string ErrorOfSet(const Ranks& ranks, const std::string& groups = "") {
  const TemporaryFolder folder;
  WriteForeignSet(folder.Path(), "t", ranks);
  if (!groups.empty()) WriteFile(folder / "t.json", groups);
  std::string text = ErrorOf([&] { ValidateTraceSet(OpenTraceSet(folder / "t")); });
  for (size_t at; (at = text.find(folder.Path())) != std::string::npos;) {
    text.replace(at, folder.Path().size(), "DIR");
  }
  return text;
}

GraphNode WithControl(GraphNode node, std::vector<uint64_t> dependencies) {
  node.control_dependencies = std::move(dependencies);
  return node;
}

TEST(Validation, DependenciesOfBothKindsInAnyOrder) {
  const TemporaryFolder folder;
  WriteForeignSet(
      folder.Path(), "t",
      {{ComputeNode(3, 1, {9}), WithControl(ComputeNode(9, 1), {0}), ComputeNode(0, 1)}});
  const ValidationReport report = ValidateTraceSet(OpenTraceSet(folder / "t"));
  EXPECT_EQ(report.nodes, 3u);
  EXPECT_EQ(report.compute_nodes, 3u);
  EXPECT_FALSE(report.is_topological);
}

TEST(Validation, Cycles) {
  EXPECT_EQ(ErrorOfSet({{ComputeNode(0, 1), ComputeNode(3, 1, {9, 0}),
                         WithControl(ComputeNode(9, 1), {7}), ComputeNode(7, 1, {3})}}),
            "DIR/t.0.et: the dependencies form a cycle: node 3 -> 9 -> 7 -> 3" + kFile);
  EXPECT_EQ(ErrorOfSet({{ComputeNode(5, 1, {5})}}),
            "DIR/t.0.et: the dependencies form a cycle: node 5 -> 5" + kFile);
  std::vector<GraphNode> ring;
  for (uint64_t i = 0; i < 100; ++i) ring.push_back(ComputeNode(i, 1, {(i + 1) % 100}));
  EXPECT_EQ(
      ErrorOfSet({ring}),
      "DIR/t.0.et: the dependencies form a cycle: node 0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> "
      "... -> 0" +
          kFile);
}

TEST(Validation, MissingAndDuplicateNodes) {
  EXPECT_EQ(ErrorOfSet({{ComputeNode(0, 1, {4})}}),
            "DIR/t.0.et: node 0 depends on node 4, which does not exist" + kFile);
  EXPECT_EQ(ErrorOfSet({{ComputeNode(4, 1), ComputeNode(4, 1)}}),
            "DIR/t.0.et: node 4 stands twice" + kFile);
  EXPECT_EQ(ErrorOfSet({{ComputeNode(1, 1, {4}), ComputeNode(4, 1), ComputeNode(1, 1)}}),
            "DIR/t.0.et: node 1 stands twice" + kFile);
}

// A deep chain in reverse order: neither recursion nor quadratic time.
TEST(Validation, DeepReverseChain) {
  std::vector<GraphNode> chain;
  for (uint64_t i = 0; i < 200000; ++i) {
    chain.push_back(i == 199999 ? ComputeNode(i, 1) : ComputeNode(i, 1, {i + 1}));
  }
  EXPECT_EQ(ErrorOfSet({chain}), "no error");
}

TEST(Validation, IdSetAgreesWithAStandardSet) {
  RandomGraph random(TestSeed(12));
  for (int round = 0; round < 200; ++round) {
    IdSet ids;
    std::set<uint64_t> expected;
    const uint64_t top = random.Coin() ? 20 : UINT64_MAX - 20;
    for (int i = 0; i < 40; ++i) {
      const uint64_t id = top + random.Below(21) - (top == 20 ? 20 : 0);
      ASSERT_EQ(ids.Insert(id), expected.insert(id).second);
    }
    for (uint64_t i = 0; i <= 20; ++i) {
      const uint64_t id = top - (top == 20 ? 20 : 0) + i;
      ASSERT_EQ(ids.Contains(id), expected.count(id) != 0) << id;
    }
  }
}

TEST(Validation, MessagesMatchBySourceDestinationTagAndSize) {
  EXPECT_EQ(ErrorOfSet({{SendNode(0, 1, 8, 3), SendNode(1, 1, 16, 3), ReceiveNode(2, 1, 4)},
                        {ReceiveNode(0, 0, 16, 3), ReceiveNode(1, 0, 8, 3), SendNode(2, 0, 4)}}),
            "no error");
  EXPECT_EQ(
      ErrorOfSet({{SendNode(0, 1, 8, 3)}, {}}),
      "DIR/t: rank 0 sends 1 message(s) of 8 bytes with tag 3 that rank 1 does not receive" + kSet);
  EXPECT_EQ(
      ErrorOfSet({{}, {ReceiveNode(0, 0, 8, 3), ReceiveNode(1, 0, 8, 3)}}),
      "DIR/t: rank 1 receives 2 message(s) of 8 bytes with tag 3 that rank 0 does not send" + kSet);
  EXPECT_EQ(
      ErrorOfSet({{SendNode(0, 1, 8)}, {ReceiveNode(0, 0, 9)}}),
      "DIR/t: rank 0 sends 1 message(s) of 8 bytes with tag 0 that rank 1 does not receive" + kSet);
  EXPECT_EQ(
      ErrorOfSet({{SendNode(0, 1, 8, 1)}, {ReceiveNode(0, 0, 8, 2)}}),
      "DIR/t: rank 0 sends 1 message(s) of 8 bytes with tag 1 that rank 1 does not receive" + kSet);
  EXPECT_EQ(
      ErrorOfSet({{SendNode(0, 2, 8)}, {ReceiveNode(0, 0, 8)}, {}}),
      "DIR/t: rank 1 receives 1 message(s) of 8 bytes with tag 0 that rank 0 does not send" + kSet);
}

TEST(Validation, PeersOutsideTheSetAndOneself) {
  EXPECT_EQ(
      ErrorOfSet({{SendNode(6, 2, 8)}, {}}),
      "DIR/t.0.et: record 2 (byte 8): node 6 has rank 2 as its peer, in a set of 2 ranks" + kFile);
  EXPECT_EQ(
      ErrorOfSet({{SendNode(0, 0, 8), ReceiveNode(1, 0, 8)}}),
      "DIR/t: rank 0 receives from itself; a message needs two ranks: replace it by a dependency");
}

TEST(Validation, CollectivesAgreeInTypeSizeRootAndOrder) {
  const auto reduce = [](uint64_t id, uint64_t size) {
    return CollectiveNode(id, CollectiveType::kAllReduce, size);
  };
  GraphNode broadcast = CollectiveNode(1, CollectiveType::kBroadcast, 8);
  EXPECT_EQ(ErrorOfSet({{reduce(0, 8), reduce(1, 16)}, {reduce(5, 8), reduce(9, 16)}}), "no error");
  EXPECT_EQ(
      ErrorOfSet({{reduce(0, 8), reduce(1, 16)}, {reduce(0, 16), reduce(1, 8)}}),
      "DIR/t: all ranks (ranks 0-1): as collective 1, rank 0 issues all_reduce of 8 bytes (node "
      "0) but rank 1 issues all_reduce of 16 bytes (node 0)" +
          kSet);
  EXPECT_EQ(
      ErrorOfSet({{reduce(0, 8)}, {reduce(0, 8), broadcast}}),
      "DIR/t: all ranks (ranks 0-1): as collective 2, rank 0 issues no more but rank 1 issues "
      "broadcast of 8 bytes from root 0 (node 1)" +
          kSet);
  GraphNode other = broadcast;
  other.root = 1;
  EXPECT_EQ(
      ErrorOfSet({{broadcast}, {other}}),
      "DIR/t: all ranks (ranks 0-1): as collective 1, rank 0 issues broadcast of 8 bytes from "
      "root 0 (node 1) but rank 1 issues broadcast of 8 bytes from root 1 (node 1)" +
          kSet);
  other.root = 2;
  EXPECT_EQ(ErrorOfSet({{other}, {other}}),
            "DIR/t: all ranks (ranks 0-1): a collective has root 2 in a group of 2; the root is an "
            "index within the group, from 0");
}

GraphNode AllToAllNode(uint64_t id, std::vector<uint64_t> weights, bool are_sent = false) {
  GraphNode node = CollectiveNode(id, CollectiveType::kAllToAll, 64);
  node.shares = {std::move(weights), are_sent};
  return node;
}

TEST(Validation, MembersOfAnAllToAllAgreeInTheirShares) {
  const GraphNode equal = CollectiveNode(0, CollectiveType::kAllToAll, 64);
  const GraphNode first = AllToAllNode(0, {3, 1}), second = AllToAllNode(0, {1, 3});
  const GraphNode back = AllToAllNode(0, {3, 1}, true);
  EXPECT_EQ(ErrorOfSet({{first}, {first}}), "no error");
  EXPECT_EQ(ErrorOfSet({{back}, {back}}), "no error");
  EXPECT_EQ(ErrorOfSet({{first}, {second}}),
            "DIR/t: all ranks (ranks 0-1): as collective 1, ranks 0 and 1 state different shares "
            "(nodes 0 and 0)" +
                kSet);
  EXPECT_EQ(ErrorOfSet({{first}, {back}}),
            "DIR/t: all ranks (ranks 0-1): as collective 1, rank 0 issues all_to_all of 64 bytes "
            "with shares of what is received (node 0) but rank 1 issues all_to_all of 64 bytes "
            "with shares of what is sent (node 0)" +
                kSet);
  EXPECT_EQ(ErrorOfSet({{first}, {equal}}),
            "DIR/t: all ranks (ranks 0-1): as collective 1, rank 0 issues all_to_all of 64 bytes "
            "with shares of what is received (node 0) but rank 1 issues all_to_all of 64 bytes "
            "(node 0)" +
                kSet);
}

TEST(Validation, SharesAreOfAllMembers) {
  for (const std::vector<uint64_t>& weights : {std::vector<uint64_t>{3}, {3, 1, 1}}) {
    const GraphNode node = AllToAllNode(1, weights), right = AllToAllNode(0, {3, 1});
    EXPECT_EQ(ErrorOfSet({{right, node}, {right, node}}),
              "DIR/t: all ranks (ranks 0-1): an all_to_all has shares of " +
                  std::to_string(weights.size()) +
                  " members in a group of 2; state one share for each member of the group");
  }
}

TEST(Validation, Groups) {
  const GraphNode node = CollectiveNode(0, CollectiveType::kAllReduce, 8, "g");
  EXPECT_EQ(ErrorOfSet({{node}, {}, {node}}, "{\"g\":[2,0]}"), "no error");
  EXPECT_EQ(
      ErrorOfSet({{node}, {node}}),
      "DIR/t.0.et: record 2 (byte 8): node 0 names the unknown group 'g'; name the file of the "
      "groups with --groups=FILE");
  EXPECT_EQ(
      ErrorOfSet({{node}, {node}, {node}}, "{\"g\":[2,0]}"),
      "DIR/t: rank 1 is in no group 'g'; add the rank to the group or remove what it does there");
  EXPECT_EQ(
      ErrorOfSet({{node}, {}, {}}, "{\"g\":[2,0]}"),
      "DIR/t: group 'g' (ranks 2,0): as collective 1, rank 2 issues no more but rank 0 issues "
      "all_reduce of 8 bytes (node 0)" +
          kSet);
}

TEST(Validation, CommSizePerRankCountsAsTotal) {
  const TemporaryFolder folder;
  const GraphNode node = CollectiveNode(0, CollectiveType::kAllGather, 100);
  WriteForeignSet(folder.Path(), "t", {{node}, {node}, {node}});
  OpenOptions options;
  EXPECT_EQ(ValidateTraceSet(OpenTraceSet(folder / "t", options)).communication_bytes, 300u);
  options.comm_size_meaning = CommSizeMeaning::kPerRank;
  EXPECT_EQ(ValidateTraceSet(OpenTraceSet(folder / "t", options)).communication_bytes, 900u);
}

// Own sets: what the manifest certifies is checked, even where the checksum is right.
class Certificates : public testing::Test {
 protected:
  std::string ErrorOfChange(const std::function<void(TraceSet&)>& change) {
    RandomGraph random(8);
    RandomGraph::Write(random.TraceSetOf(6), m_folder / "set");
    TraceSet set = OpenTraceSet(m_folder / "set");
    change(set);
    return ErrorOf([&set] { ValidateTraceSet(set); });
  }
  TemporaryFolder m_folder;
};

TEST_F(Certificates, Totals) {
  EXPECT_EQ(ErrorOfChange([](TraceSet&) {}), "no error");
  for (uint64_t ClassTotals::*member :
       {&ClassTotals::nodes, &ClassTotals::compute_nodes, &ClassTotals::memory_nodes,
        &ClassTotals::send_nodes, &ClassTotals::receive_nodes, &ClassTotals::collective_nodes,
        &ClassTotals::communication_bytes, &ClassTotals::compute_ns}) {
    const std::string error =
        ErrorOfChange([member](TraceSet& set) { ++(set.stated_totals[0].*member); });
    EXPECT_NE(error.find("class-0.et: the manifest states "), std::string::npos) << error;
  }
}

TEST_F(Certificates, TopologicalOrder) {
  const std::string error = ErrorOfChange([](TraceSet& set) {
    WriteForeignSet(set.path, "x", {{ComputeNode(1, 1, {2}), ComputeNode(2, 1)}});
    set.classes[0].file = set.path + "/x.0.et";
  });
  EXPECT_NE(error.find("x.0.et: is not in topological order"), std::string::npos) << error;
}

// Random valid sets, one node of which is changed, are no longer valid.
TEST(Validation, FindsAnyChangeOfACommunicationNode) {
  RandomGraph random(TestSeed(2718));
  for (int round = 0; round < 150; ++round) {
    const TemporaryFolder folder;
    const RandomGraph::Set source = random.TraceSetOf(2 + static_cast<uint32_t>(random.Below(11)));
    Ranks ranks(source.options.rank_count);
    TraceSet resolver;
    resolver.rank_count = source.options.rank_count;
    resolver.axes = source.options.axes;
    std::vector<GraphNode*> candidates;
    for (size_t i = 0; i < source.class_ranks.size(); ++i) {
      for (uint32_t rank : source.class_ranks[i]) {
        for (GraphNode node : source.class_nodes[i]) {
          if (node.peer_is_relative) node.peer_rank = resolver.PeerOf(node, rank);
          node.peer_is_relative = false;
          // Columns and rows become communicators with names of their own.
          if (!node.group.empty() && node.type == NodeType::kCollective) {
            node.group += std::to_string(resolver.GroupOf(node.group, rank).front());
          }
          ranks[rank].push_back(node);
        }
      }
    }
    std::string groups = "{";
    for (const GroupAxis& axis : source.options.axes) {
      for (const auto& group : axis.groups) {
        groups +=
            (groups.size() > 1 ? ",\"" : "\"") + axis.name + std::to_string(group[0]) + "\":[";
        for (size_t i = 0; i < group.size(); ++i) {
          groups += (i == 0 ? "" : ",") + std::to_string(group[i]);
        }
        groups += "]";
      }
    }
    groups += "}";
    ASSERT_EQ(ErrorOfSet(ranks, groups), "no error");
    for (auto& nodes : ranks) {
      for (GraphNode& node : nodes) {
        const bool is_message = node.type == NodeType::kSend || node.type == NodeType::kReceive;
        const bool is_shared = node.type == NodeType::kCollective &&
                               node.collective != CollectiveType::kBarrier &&
                               groups.find(node.group + "\":[") != std::string::npos &&
                               groups.find(',', groups.find("\"" + node.group + "\"")) <
                                   groups.find(']', groups.find("\"" + node.group + "\""));
        if (is_message || is_shared) candidates.push_back(&node);
      }
    }
    if (candidates.empty()) continue;
    candidates[random.Below(candidates.size())]->size_bytes += 1;
    EXPECT_NE(ErrorOfSet(ranks, groups), "no error");
  }
}

}  // namespace
}  // namespace ddlsim
