// SPDX-License-Identifier: MIT
//
// Random graphs: one rank against a list scheduler written a second time, several ranks against
// what must hold of any run, under every order of simultaneous events.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/replay/test-replay.h"

namespace ddlsim {
namespace {

constexpr uint64_t kPsPerNs = 1000;

std::vector<uint64_t> RandomDependencies(std::mt19937_64& random, uint64_t id) {
  std::vector<uint64_t> dependencies;
  for (uint64_t i = random() % 4; i > 0 && id > 0; --i) dependencies.push_back(random() % id);
  return dependencies;
}

// Compute and memory nodes, some without duration; short durations, so that many ends coincide.
std::vector<GraphNode> RandomLocalGraph(std::mt19937_64& random) {
  std::vector<GraphNode> nodes;
  const uint64_t count = 1 + random() % 60;
  for (uint64_t id = 0; id < count; ++id) {
    const uint64_t duration_ns = random() % 4 == 0 ? 0 : random() % 6;
    std::vector<uint64_t> dependencies = RandomDependencies(random, id);
    nodes.push_back(random() % 3 == 0 ? Load(id, duration_ns, dependencies)
                                      : Compute(id, duration_ns, dependencies));
  }
  // The order in the file is not that of the dependencies.
  if (random() % 2 == 0) std::shuffle(nodes.begin(), nodes.end(), random);
  return nodes;
}

// What a list scheduler with two resources makes of it: sets scanned from the start at each step.
class ListScheduler {
 public:
  explicit ListScheduler(const std::vector<GraphNode>& nodes) : m_nodes(nodes) {
    m_ready_ns.assign(nodes.size(), UINT64_MAX);
    m_is_started.assign(nodes.size(), false);
  }
  std::map<uint64_t, uint64_t> EndsNs() {
    while (m_end_ns.size() < m_nodes.size()) {
      while (StartOne()) {
      }
      if (m_end_ns.size() == m_nodes.size()) break;
      // The compute stream ends first among equals, and what that frees starts before the other's.
      const int stream = m_busy_until_ns[0] <= m_busy_until_ns[1] ? 0 : 1;
      m_now_ns = m_busy_until_ns[stream];
      m_end_ns[m_running_id[stream]] = m_now_ns;
      m_busy_until_ns[stream] = UINT64_MAX;
    }
    return m_end_ns;
  }

 private:
  void MarkReady() {
    for (size_t i = 0; i < m_nodes.size(); ++i) {
      if (m_ready_ns[i] != UINT64_MAX) continue;
      bool is_ready = true;
      for (uint64_t id : m_nodes[i].data_dependencies) is_ready &= m_end_ns.count(id) > 0;
      if (is_ready) m_ready_ns[i] = m_now_ns;
    }
  }
  bool StartOne() {
    MarkReady();
    for (int stream = 0; stream < 2; ++stream) {
      if (m_busy_until_ns[stream] != UINT64_MAX) continue;
      size_t best = m_nodes.size();
      for (size_t i = 0; i < m_nodes.size(); ++i) {
        const bool is_memory = m_nodes[i].type != NodeType::kCompute;
        if (m_is_started[i] || m_ready_ns[i] == UINT64_MAX || is_memory != (stream == 1)) continue;
        if (best == m_nodes.size() || m_ready_ns[i] < m_ready_ns[best]) best = i;
      }
      if (best == m_nodes.size()) continue;
      m_is_started[best] = true;
      if (m_nodes[best].duration_ns == 0) {
        m_end_ns[m_nodes[best].id] = m_now_ns;
      } else {
        m_busy_until_ns[stream] = m_now_ns + m_nodes[best].duration_ns;
        m_running_id[stream] = m_nodes[best].id;
      }
      return true;
    }
    return false;
  }

  const std::vector<GraphNode>& m_nodes;
  std::vector<uint64_t> m_ready_ns;
  std::vector<bool> m_is_started;
  std::map<uint64_t, uint64_t> m_end_ns;
  uint64_t m_now_ns = 0;
  uint64_t m_busy_until_ns[2] = {UINT64_MAX, UINT64_MAX};
  uint64_t m_running_id[2] = {0, 0};
};

TEST(RandomGraph, EqualsAListScheduler) {
  const uint32_t seed = std::random_device()();
  for (uint32_t round = 0; round < 1000; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    std::mt19937_64 random(seed + round);
    const std::vector<GraphNode> nodes = RandomLocalGraph(random);
    const Workload workload = MakeWorkload(1, {{{0}, nodes}});
    TestReplay test(workload);
    test.Run();
    ASSERT_TRUE(test.replay.IsDone());
    for (const auto& [id, end_ns] : ListScheduler(nodes).EndsNs()) {
      ASSERT_EQ(test.EndPs(0, id), end_ns * kPsPerNs) << "node " << id;
    }
  }
}

// All ranks communicate in the same order, each between computations of its own.
struct RandomProgram {
  std::vector<TestClass> classes;
  std::vector<CommunicatorAxis> axes;
};

RandomProgram MakeRandomProgram(std::mt19937_64& random, uint32_t rank_count) {
  RandomProgram program;
  std::vector<uint32_t> ranks(rank_count);
  for (uint32_t rank = 0; rank < rank_count; ++rank) ranks[rank] = rank;
  for (const char* name : {"a", "b"}) {
    std::shuffle(ranks.begin(), ranks.end(), random);
    CommunicatorAxis axis{name, {}};
    for (uint32_t i = 0; i < rank_count;) {
      const uint32_t size = std::min<uint32_t>(1 + random() % 4, rank_count - i);
      axis.groups.emplace_back(ranks.begin() + i, ranks.begin() + i + size);
      i += size;
    }
    program.axes.push_back(axis);
  }
  for (uint32_t rank = 0; rank < rank_count; ++rank) program.classes.push_back({{rank}, {}});
  const auto add = [&](uint32_t rank, GraphNode node) {
    std::vector<GraphNode>& nodes = program.classes[rank].nodes;
    node.id = nodes.size();
    node.data_dependencies = RandomDependencies(random, node.id);
    nodes.push_back(node);
  };
  for (int step = 0; step < 25; ++step) {
    const uint64_t size_bytes = 12 * (random() % 400);
    const uint32_t source = random() % rank_count;
    const uint32_t destination = (source + 1 + random() % (rank_count - 1)) % rank_count;
    const uint32_t kind = random() % 4;
    const char* groups[] = {"", "a", "b"};
    for (uint32_t rank = 0; rank < rank_count; ++rank) {
      if (random() % 2 == 0) add(rank, Compute(0, random() % 5000));
      if (kind < 3) add(rank, AllReduce(0, size_bytes, {}, groups[kind]));
      const uint32_t tag = step % 2;
      if (kind == 3 && rank == source) {
        add(rank, Message(NodeType::kSend, 0, destination, size_bytes, {}, tag));
      }
      if (kind == 3 && rank == destination) {
        add(rank, Message(NodeType::kReceive, 0, source, size_bytes, {}, tag));
      }
    }
  }
  return program;
}

void CheckRank(const TestReplay& test, uint32_t rank, const std::vector<GraphNode>& nodes) {
  std::vector<std::pair<uint64_t, uint64_t>> computing;
  std::map<std::string, uint64_t> communicator_free_ps;
  for (const GraphNode& node : nodes) {
    const Operation& operation = test.At(rank, node.id);
    uint64_t ready_ps = 0;
    for (const uint64_t id : node.data_dependencies) {
      ready_ps = std::max(ready_ps, test.EndPs(rank, id));
    }
    ASSERT_EQ(operation.issue_ps, ready_ps);
    ASSERT_GE(operation.start_ps, operation.issue_ps);
    ASSERT_GE(operation.end_ps, operation.start_ps);
    if (node.type == NodeType::kCompute) {
      ASSERT_EQ(operation.end_ps - operation.start_ps, node.duration_ns * kPsPerNs);
      if (node.duration_ns > 0) computing.emplace_back(operation.start_ps, operation.end_ps);
    }
    if (node.type == NodeType::kCollective) {
      ASSERT_GE(operation.start_ps, communicator_free_ps[node.group]);
      communicator_free_ps[node.group] = operation.end_ps;
    }
  }
  std::sort(computing.begin(), computing.end());
  uint64_t compute_ps = 0;
  for (size_t i = 0; i < computing.size(); ++i) {
    if (i > 0) {
      ASSERT_GE(computing[i].first, computing[i - 1].second);
    }
    compute_ps += computing[i].second - computing[i].first;
  }
  const RankRecord record = test.replay.RankRecords()[rank];
  ASSERT_EQ(record.compute_ps, compute_ps);
  ASSERT_EQ(record.compute_ps + record.exposed_communication_ps + record.idle_ps,
            test.replay.IterationTimePs(0));
  ASSERT_LE(record.exposed_communication_ps, record.communication_ps);
}

TEST(RandomGraph, RanksTogetherKeepTheirPromisesInAnyOrderOfHosts) {
  const uint32_t seed = std::random_device()();
  for (uint32_t round = 0; round < 100; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    std::mt19937_64 random(seed + round);
    const uint32_t rank_count = 2 + random() % 7;
    const RandomProgram program = MakeRandomProgram(random, rank_count);
    const Workload workload = MakeWorkload(rank_count, program.classes, program.axes);
    TestReplay first(workload);
    first.Run();
    ASSERT_TRUE(first.replay.IsDone()) << first.replay.Waiting(1)[0].operations[0];
    for (uint32_t rank = 0; rank < rank_count; ++rank) {
      ASSERT_NO_FATAL_FAILURE(CheckRank(first, rank, program.classes[rank].nodes));
    }
    for (const HostOrder order : {HostOrder::kDescending, HostOrder::kShuffled}) {
      TestReplay other(workload, order);
      other.Run();
      ASSERT_TRUE(first.operations == other.operations);
      ASSERT_EQ(first.order_of_report, other.order_of_report);
      ASSERT_EQ(first.collectives.size(), other.collectives.size());
      for (size_t i = 0; i < first.collectives.size(); ++i) {
        ASSERT_EQ(first.collectives[i].name, other.collectives[i].name);
        ASSERT_EQ(first.collectives[i].first_rank, other.collectives[i].first_rank);
        ASSERT_EQ(first.collectives[i].end_ps, other.collectives[i].end_ps);
      }
    }
  }
}

}  // namespace
}  // namespace ddlsim
