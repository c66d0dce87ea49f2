// SPDX-License-Identifier: MIT
#include "workload-gen/estimate/iteration-estimate.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "workload-gen/estimate/network-estimate.h"
#include "workload-gen/estimate/network-sharing.h"
#include "workload-gen/layers/axes.h"

namespace ddlsim {
namespace {

constexpr uint64_t kNodesMax = 40000000;

// Which message a send and its receive are: the stage that it goes to, and their tag.
struct MessageKey {
  uint32_t stage;
  bool is_ring;
  uint32_t tag;
  bool operator<(const MessageKey& other) const {
    return std::tie(stage, is_ring, tag) < std::tie(other.stage, other.is_ring, other.tag);
  }
};

struct Node {
  NodeType type = NodeType::kCompute;
  uint32_t waits_for = 0;  // predecessors that have not ended
  uint64_t ready_ns = 0;
  ExchangeEstimate exchange{};  // of computation: its duration
  MessageKey message{};
};

struct Stage {
  std::vector<Node> nodes;                           // by identifier, from 1
  std::vector<std::pair<uint32_t, uint32_t>> edges;  // from, to; sorted by `from`
  std::vector<uint32_t> first_edge;
  NetworkSharing network;
  uint32_t network_events = 0;  // that have been queued: only the last one is true
  uint64_t compute_ns = 0;
  uint64_t compute_end_ns = 0;
};

class Estimator {
 public:
  Estimator(const Workload& workload, const Host& host, uint32_t ranks_per_host)
      : m_network(host, ranks_per_host, GroupAxes(workload.options.parallelism)) {
    const uint32_t stages = workload.StageCount();
    m_stages.resize(stages);
    for (uint32_t stage = 0; stage < stages; ++stage) {
      m_stages[stage].nodes.resize(1);
      EmitTrainingGraph(workload.plan, stage,
                        [this, stage](const GraphNode& node) { Add(stage, node); });
      Index(m_stages[stage]);
    }
  }

  IterationEstimate Run() {
    for (uint32_t stage = 0; stage < m_stages.size(); ++stage) {
      for (uint32_t id = 1; id < m_stages[stage].nodes.size(); ++id) {
        if (m_stages[stage].nodes[id].waits_for == 0) Push(stage, id);
      }
    }
    IterationEstimate estimate;
    while (!m_events.empty()) {
      const Event event = m_events.top();
      m_events.pop();
      Stage& own = m_stages[event.stage];
      if (event.kind == Event::Kind::kReady) {
        Start(event.stage, event.id, event.time_ns);
      } else if (event.kind == Event::Kind::kComputed) {
        End(event.stage, event.id, event.time_ns);
      } else if (event.id == own.network_events) {
        End(event.stage, own.network.End(), event.time_ns);
        Await(event.stage);
      } else {
        continue;
      }
      estimate.iteration_ns = std::max(estimate.iteration_ns, event.time_ns);
    }
    for (const Stage& stage : m_stages) {
      estimate.compute_ns = std::max(estimate.compute_ns, stage.compute_ns);
      estimate.compute_end_ns = std::max(estimate.compute_end_ns, stage.compute_end_ns);
      estimate.nodes += stage.nodes.size() - 1;
    }
    return estimate;
  }

 private:
  struct Event {
    enum class Kind : uint8_t { kComputed, kExchanged, kReady };
    uint64_t time_ns;
    Kind kind;
    uint32_t stage;
    uint32_t id;  // of the node; of kExchanged: which of Stage::network_events
    bool operator>(const Event& other) const {
      return std::tie(time_ns, kind, stage, id) >
             std::tie(other.time_ns, other.kind, other.stage, other.id);
    }
  };

  // A receive waits for its send as for any other predecessor.
  void Add(uint32_t stage, const GraphNode& from) {
    if (++m_node_count > kNodesMax) {
      throw InputError("--estimate", absl::StrCat("there are more than ", kNodesMax, " nodes"),
                       "use fewer micro-batches or layers");
    }
    Node node;
    node.type = from.type;
    if (from.type == NodeType::kCompute) {
      node.exchange.duration_ns = from.duration_ns;
    } else if (from.type == NodeType::kCollective) {
      node.exchange = m_network.Collective(from.collective, from.size_bytes, from.group);
    } else {
      const bool is_send = from.type == NodeType::kSend;
      const uint32_t to = is_send ? Neighbour(stage, from) : stage;
      node.message = {to, from.group != kPipelineAxis, from.tag};
      if (is_send) {
        const bool is_ring = node.message.is_ring;
        const uint32_t lower = is_ring ? 0 : from.peer_offset > 0 ? stage : to;
        const uint32_t offset = is_ring ? static_cast<uint32_t>(from.peer_offset) : 1;
        node.exchange = from.is_copy
                            ? m_network.Copy(from.size_bytes, from.group, offset)
                            : m_network.Message(from.size_bytes, from.group, lower, offset);
      } else {
        node.waits_for = 1;
      }
    }
    Stage& own = m_stages[stage];
    const auto id = static_cast<uint32_t>(own.nodes.size());
    for (const auto* dependencies : {&from.data_dependencies, &from.control_dependencies}) {
      for (uint64_t dependency : *dependencies) {
        own.edges.emplace_back(static_cast<uint32_t>(dependency), id);
        ++node.waits_for;
      }
    }
    own.nodes.push_back(node);
    if (from.type == NodeType::kReceive) m_receives[node.message] = id;
  }

  uint32_t Neighbour(uint32_t stage, const GraphNode& node) const {
    if (node.group != kPipelineAxis) return stage;  // members of a ring are alike
    const auto stages = static_cast<int64_t>(m_stages.size());
    return static_cast<uint32_t>((int64_t{stage} + node.peer_offset + stages) % stages);
  }

  static void Index(Stage& stage) {
    std::sort(stage.edges.begin(), stage.edges.end());
    stage.first_edge.assign(stage.nodes.size() + 1, 0);
    for (const auto& edge : stage.edges) ++stage.first_edge[edge.first + 1];
    for (size_t i = 1; i < stage.first_edge.size(); ++i) {
      stage.first_edge[i] += stage.first_edge[i - 1];
    }
  }

  void Push(uint32_t stage, uint32_t id) {
    m_events.push({m_stages[stage].nodes[id].ready_ns, Event::Kind::kReady, stage, id});
  }

  // The graph orders a rank's kernels; a receive has ended when its message has.
  void Start(uint32_t stage, uint32_t id, uint64_t now_ns) {
    Stage& own = m_stages[stage];
    const Node& node = own.nodes[id];
    if (node.type == NodeType::kReceive) {
      End(stage, id, now_ns);
    } else if (node.type == NodeType::kCompute) {
      const uint64_t end_ns = now_ns + node.exchange.duration_ns;
      own.compute_ns += node.exchange.duration_ns;
      own.compute_end_ns = std::max(own.compute_end_ns, end_ns);
      m_events.push({end_ns, Event::Kind::kComputed, stage, id});
    } else {
      own.network.Start(id, node.exchange, static_cast<double>(now_ns));
      Await(stage);
    }
  }

  // Queues the end of the stage's next exchange, as things are now.
  void Await(uint32_t stage) {
    Stage& own = m_stages[stage];
    ++own.network_events;
    if (own.network.IsIdle()) return;
    const auto end_ns = static_cast<uint64_t>(std::ceil(own.network.NextEnd()));
    m_events.push({end_ns, Event::Kind::kExchanged, stage, own.network_events});
  }

  void End(uint32_t stage, uint32_t id, uint64_t end_ns) {
    Stage& own = m_stages[stage];
    for (uint32_t i = own.first_edge[id]; i < own.first_edge[id + 1]; ++i) {
      Release(stage, own.edges[i].second, end_ns);
    }
    const Node& node = own.nodes[id];
    if (node.type == NodeType::kSend) {
      Release(node.message.stage, m_receives.at(node.message), end_ns);
    }
  }

  void Release(uint32_t stage, uint32_t id, uint64_t end_ns) {
    Node& node = m_stages[stage].nodes[id];
    node.ready_ns = std::max(node.ready_ns, end_ns);
    if (--node.waits_for == 0) Push(stage, id);
  }

  const NetworkEstimate m_network;
  std::vector<Stage> m_stages;
  std::map<MessageKey, uint32_t> m_receives;
  std::priority_queue<Event, std::vector<Event>, std::greater<Event>> m_events;
  uint64_t m_node_count = 0;
};

}  // namespace

IterationEstimate EstimateIteration(const Workload& workload, const Host& host, uint32_t nodes) {
  const uint32_t ranks = workload.options.parallelism.RankCount();
  if (nodes == 0) nodes = (ranks + host.gpu_count - 1) / host.gpu_count;
  if (ranks % nodes != 0 || ranks / nodes > host.gpu_count) {
    throw InputError("--nodes",
                     absl::StrCat(ranks, " ranks do not lie evenly on ", nodes, " hosts of ",
                                  host.gpu_count, " GPUs"),
                     "choose degrees or nodes that do");
  }
  if (workload.options.parallelism.servers > 0) {
    throw InputError("--estimate", "has no formula for parameter servers", "simulate them instead");
  }
  if (workload.hardware.size() > 1) {
    throw InputError("--estimate", "ranks of several GPUs or speeds wait for each other",
                     "simulate them instead");
  }
  if (workload.batch.sharding.expert_loads != nullptr) {
    throw InputError("--estimate", "has no formula for experts that get more tokens than others",
                     "simulate them instead");
  }
  const auto& tables = workload.batch.sharding.tables;
  if (tables != nullptr && !tables->UnequalCounts().empty()) {
    throw InputError("--estimate", "has no formula for ranks with unequally many embedding tables",
                     "simulate them instead");
  }
  Workload single = workload;
  single.plan.iterations = 1;
  return Estimator(single, host, ranks / nodes).Run();
}

}  // namespace ddlsim
