// SPDX-License-Identifier: MIT
#include "traces/import/torch-rank-graph.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/input-error.h"
#include "traces/import/memory-order.h"
#include "traces/import/torch-work.h"

namespace ddlsim {
namespace {

constexpr size_t kNone = TorchWork::kNone;

class RankGraphBuilder {
 public:
  RankGraphBuilder(const TorchRecording& recording, bool allow_unknown)
      : m_recording(recording),
        m_operators(recording.graph.operators),
        m_allow_unknown(allow_unknown) {}

  TorchRankGraph Run() {
    for (const KinetoEvent& event : m_recording.trace.events) {
      m_result.has_gpu_work |= event.kind == KinetoKind::kGpuWork;
    }
    TorchGpuWork gpu;
    if (m_result.has_gpu_work) {
      gpu = CollectGpuWork(m_recording, m_allow_unknown);
      m_result.unknown_computations = gpu.unknown_computations;
      m_result.gpu_work_outside = gpu.outside;
    }
    std::vector<TorchWork> work =
        m_result.has_gpu_work ? std::move(gpu.computations) : CollectHostWork(m_recording);
    AddCommunications(gpu, work);
    std::stable_sort(work.begin(), work.end(),
                     [](const TorchWork& a, const TorchWork& b) { return a.time_ns < b.time_ns; });
    for (const TorchWork& each : work) Emit(each);
    return std::move(m_result);
  }

 private:
  void AddCommunications(const TorchGpuWork& gpu, std::vector<TorchWork>& work) const {
    const TorchCallTree& tree = m_recording.tree;
    for (size_t i = 0; i < m_operators.size(); ++i) {
      if (tree.communication[i] != i || tree.is_backend_part[i]) continue;
      TorchWork next;
      next.event = m_recording.EventOf(i);
      if (next.event == nullptr) {
        throw InputError(m_recording.graph.path,
                         "operator " + std::to_string(m_operators[i].id) + " '" +
                             Printable(m_operators[i].name) + "' has no event",
                         "record it with the profiler");
      }
      next.op = i;
      next.is_communication = true;
      const auto first = gpu.first_of_communication.find(i);
      if (first != gpu.first_of_communication.end()) {
        next.time_ns = first->second.time_ns;
        next.lane = first->second.lane;
      } else {
        next.time_ns = next.event->start_ns;
        if (!m_result.has_gpu_work) next.lane = std::to_string(m_operators[i].thread);
      }
      work.push_back(std::move(next));
    }
  }

  void Emit(const TorchWork& work) {
    TorchNode next;
    next.node.id = m_result.nodes.size();
    const bool has_op = work.op != kNone;
    next.node.name = work.is_communication || !m_result.has_gpu_work ? m_operators[work.op].name
                                                                     : work.event->name;
    std::vector<TorchTensor> reads, writes;
    if (has_op) {
      reads = m_operators[work.op].inputs;
      writes = m_operators[work.op].outputs;
    }
    if (work.is_communication) {
      const auto read = ReadTorchCommunication(m_recording.graph.path, m_operators[work.op],
                                               m_recording.tree.Below(m_recording.graph, work.op));
      if (!read) return;
      next.is_communication = true;
      next.communication = *read;
      writes.insert(writes.end(), reads.begin(), reads.end());  // it may use any tensor as buffer
      next.node.type = read->type;
      next.node.collective = read->collective;
    } else {
      next.node.duration_ns = work.duration_ns;
      next.node.operation_class = ClassOf(work);
    }
    Depend(work, next, m_memory.Access(next.node.id, reads, writes));
    m_result.nodes.push_back(std::move(next));
  }

  std::string ClassOf(const TorchWork& work) const {
    const std::string& category = work.event->category;
    if (!m_result.has_gpu_work) return "host";
    return category.empty() ? "gpu" : category;
  }

  // The order of lanes is a control dependency. Waits for an earlier node of the own lane follow
  // from it and are left out; communications stand beside the lane that began them.
  void Depend(const TorchWork& work, TorchNode& next, const std::vector<uint64_t>& memory) {
    GraphNode& node = next.node;
    const bool is_collective = next.is_communication && node.type == NodeType::kCollective;
    const std::string group = next.communication.group.value_or("");
    const bool blocks_all = is_collective && node.collective == CollectiveType::kBarrier;
    const bool has_lane = !work.lane.empty();
    if (has_lane) AddControl(node, m_last_of_lane, work.lane);
    if (blocks_all || (next.is_communication && memory.empty())) {
      for (const auto& [lane, last] : m_last_of_lane) AddUnique(node.control_dependencies, last);
    }
    if (next.is_communication) {
      // A communicator runs its collectives in order; messages that cross each other must not wait.
      if (is_collective) AddControl(node, m_last_of_group, group);
    } else {
      if (m_barrier) AddUnique(node.control_dependencies, *m_barrier);
    }
    for (uint64_t each : memory) {
      const bool is_implied =
          !next.is_communication && m_lane_of_node[each] == work.lane && has_lane;
      const bool is_known =
          std::count(node.control_dependencies.begin(), node.control_dependencies.end(), each) != 0;
      if (!is_implied && !is_known) node.data_dependencies.push_back(each);
    }
    m_lane_of_node.push_back(next.is_communication ? "" : work.lane);
    if (is_collective) m_last_of_group[group] = node.id;
    // NCCL's kernels hold up their stream; the host goes on beside Gloo.
    const bool holds_lane = !next.is_communication || m_result.has_gpu_work;
    if (has_lane && holds_lane) m_last_of_lane[work.lane] = node.id;
    if (blocks_all) m_barrier = node.id;
  }

  static void AddUnique(std::vector<uint64_t>& ids, uint64_t id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }

  static void AddControl(GraphNode& node, const std::map<std::string, uint64_t>& last,
                         const std::string& key) {
    const auto found = last.find(key);
    if (found != last.end()) AddUnique(node.control_dependencies, found->second);
  }

  const TorchRecording m_recording;
  const std::vector<TorchOperator>& m_operators;
  bool m_allow_unknown;
  MemoryOrder m_memory;
  std::map<std::string, uint64_t> m_last_of_lane;
  std::map<std::string, uint64_t> m_last_of_group;
  std::vector<std::string> m_lane_of_node;
  std::optional<uint64_t> m_barrier;
  TorchRankGraph m_result;
};

}  // namespace

TorchRankGraph BuildTorchRankGraph(const TorchGraph& graph, const KinetoTrace& trace,
                                   const TorchMatch& match, bool allow_unknown) {
  const TorchCallTree tree = BuildTorchCallTree(graph);
  return RankGraphBuilder({graph, trace, match, tree}, allow_unknown).Run();
}

}  // namespace ddlsim
