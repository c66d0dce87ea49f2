// SPDX-License-Identifier: MIT
//
// A replay on a FakeNetwork that writes down what it reports, and short ways to nodes and
// workloads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "replay/graph-builder.h"
#include "replay/replay.h"
#include "tests/endpoint/fake-network.h"

namespace ddlsim {

struct Operation {
  std::string name;
  uint64_t issue_ps = 0;
  uint64_t start_ps = 0;
  uint64_t end_ps = 0;
  uint64_t size_bytes = 0;
  bool operator==(const Operation& other) const {
    return std::tie(name, issue_ps, start_ps, end_ps, size_bytes) ==
           std::tie(other.name, other.issue_ps, other.start_ps, other.end_ps, other.size_bytes);
  }
};

class TestReplay : public OperationObserver, public CollectiveObserver {
 public:
  explicit TestReplay(const Workload& workload, HostOrder order = HostOrder::kAscending,
                      uint32_t iterations = 1, uint64_t latency_ps = 1000000)
      : network(8000000000, latency_ps, order),
        ranks(workload.RankCount(), 1),
        endpoint(ranks, workload.Communicators(), RingConfig(), network, this),
        replay(workload, endpoint, this, iterations) {
    network.SetListener(&endpoint);
  }

  TestReplay& Run() {
    replay.Start();
    network.Run();
    replay.Finish();
    return *this;
  }
  const Operation& At(uint32_t rank, uint64_t id) const { return operations.at({rank, id}); }
  uint64_t EndPs(uint32_t rank, uint64_t id) const { return At(rank, id).end_ps; }

  void OnOperation(const OperationRecord& record) override {
    operations[{record.rank, record.node_id}] = {*record.name, record.issue_ps, record.start_ps,
                                                 record.end_ps, record.size_bytes};
    if (record.group != nullptr) groups[{record.rank, record.node_id}] = *record.group;
    order_of_report.emplace_back(record.rank, record.node_id);
  }
  void OnCollective(const CollectiveRecord& record) override { collectives.push_back(record); }

  FakeNetwork network;
  RankMap ranks;
  Endpoint endpoint;
  Replay replay;
  std::map<std::pair<uint32_t, uint64_t>, Operation> operations;
  std::map<std::pair<uint32_t, uint64_t>, std::string> groups;  // where they have any
  std::vector<std::pair<uint32_t, uint64_t>> order_of_report;
  std::vector<CollectiveRecord> collectives;

 private:
  static EndpointConfig RingConfig() {
    EndpointConfig config;
    config.algorithms[static_cast<size_t>(CollectiveType::kAllReduce)] = Algorithm::kRing;
    return config;
  }
};

inline GraphNode Compute(uint64_t id, uint64_t duration_ns, std::vector<uint64_t> after = {}) {
  GraphNode node;
  node.id = id;
  node.name = "compute" + std::to_string(id);
  node.type = NodeType::kCompute;
  node.duration_ns = duration_ns;
  node.data_dependencies = std::move(after);
  return node;
}

inline GraphNode Load(uint64_t id, uint64_t duration_ns, std::vector<uint64_t> after = {}) {
  GraphNode node = Compute(id, duration_ns, std::move(after));
  node.name = "load" + std::to_string(id);
  node.type = NodeType::kMemoryLoad;
  return node;
}

inline GraphNode AllReduce(uint64_t id, uint64_t size_bytes, std::vector<uint64_t> after = {},
                           const std::string& group = "") {
  GraphNode node = Compute(id, kNoDuration, std::move(after));
  node.name = "all_reduce" + std::to_string(id);
  node.type = NodeType::kCollective;
  node.collective = CollectiveType::kAllReduce;
  node.size_bytes = size_bytes;
  node.group = group;
  return node;
}

// A send or receive with an absolute peer.
inline GraphNode Message(NodeType type, uint64_t id, uint32_t peer, uint64_t size_bytes,
                         std::vector<uint64_t> after = {}, uint32_t tag = 0) {
  GraphNode node = Compute(id, kNoDuration, std::move(after));
  node.name = NodeTypeName(type) + std::to_string(id);
  node.type = type;
  node.size_bytes = size_bytes;
  node.peer_rank = peer;
  node.tag = tag;
  return node;
}

struct TestClass {
  std::vector<uint32_t> ranks;
  std::vector<GraphNode> nodes;
};

inline Workload MakeWorkload(uint32_t rank_count, const std::vector<TestClass>& classes,
                             std::vector<CommunicatorAxis> axes = {},
                             const DurationModel& durations = {}) {
  Workload workload(rank_count, std::move(axes));
  for (const TestClass& test_class : classes) {
    GraphBuilder builder("test", workload.Communicators(), durations);
    for (const GraphNode& node : test_class.nodes) builder.Add(node);
    workload.AddClass("test", builder.Finish(), test_class.ranks);
  }
  return workload;
}

}  // namespace ddlsim
