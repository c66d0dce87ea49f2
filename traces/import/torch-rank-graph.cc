// SPDX-License-Identifier: MIT
#include "traces/import/torch-rank-graph.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/input-error.h"
#include "traces/import/memory-order.h"

namespace ddlsim {
namespace {

constexpr size_t kNone = SIZE_MAX;

// A piece of work in the order in which the host began or launched it.
struct Work {
  uint64_t time_ns = 0;
  size_t op = kNone;     // of graph.operators
  size_t event = kNone;  // of trace.events; its name and lane
  uint64_t duration_ns = 0;
  bool is_communication = false;
  std::string lane;
};

class RankGraphBuilder {
 public:
  RankGraphBuilder(const TorchGraph& graph, const KinetoTrace& trace, const TorchMatch& match,
                   bool allow_unknown)
      : m_graph(graph),
        m_operators(graph.operators),
        m_trace(trace),
        m_match(match),
        m_allow_unknown(allow_unknown) {}

  TorchRankGraph Run() {
    for (const KinetoEvent& event : m_trace.events) {
      m_result.has_gpu_work |= event.kind == KinetoKind::kGpuWork;
    }
    Relate();
    DropPairedBackendEvents();
    if (m_result.has_gpu_work) {
      CollectGpuWork();
    } else {
      CollectHostWork();
    }
    CollectCommunications();
    std::stable_sort(m_work.begin(), m_work.end(),
                     [](const Work& a, const Work& b) { return a.time_ns < b.time_ns; });
    for (const Work& work : m_work) Emit(work);
    return std::move(m_result);
  }

 private:
  // Parents, children and, for everything within a communication, its outermost operator.
  void Relate() {
    std::unordered_map<uint64_t, size_t> index_of_id;
    m_children.resize(m_operators.size());
    m_communication.assign(m_operators.size(), kNone);
    for (size_t i = 0; i < m_operators.size(); ++i) {
      index_of_id[m_operators[i].id] = i;
      const size_t parent = m_operators[i].parent == 0 ? kNone : index_of_id[m_operators[i].parent];
      if (parent != kNone) {
        m_children[parent].push_back(i);
        m_communication[i] = m_communication[parent];
      }
      if (m_communication[i] == kNone && IsTorchCommunication(m_operators[i].name)) {
        m_communication[i] = i;
      }
    }
  }

  // c10d::allreduce_ hands over to a thread that records gloo:all_reduce, sometimes under another
  // parent. It is the same communication if there are as many of both.
  void DropPairedBackendEvents() {
    std::map<std::string, size_t> dispatched, executed;
    const auto is_backend = [](const std::string& name) {
      return name.find("::") == std::string::npos && name.find(':') != std::string::npos;
    };
    for (const TorchOperator& op : m_operators) {
      if (op.name.rfind("c10d::", 0) == 0) ++dispatched[TorchCommunicationKind(op.name)];
      if (IsTorchCommunication(op.name) && is_backend(op.name)) {
        ++executed[TorchCommunicationKind(op.name)];
      }
    }
    for (size_t i = 0; i < m_operators.size(); ++i) {
      const TorchOperator& op = m_operators[i];
      if (m_communication[i] != i || !is_backend(op.name)) continue;
      const std::string kind = TorchCommunicationKind(op.name);
      const size_t count = dispatched[kind];
      if (count == 0) continue;
      if (count != executed[kind]) {
        Refuse(i,
               "is one of " + std::to_string(executed[kind]) + " that belong to " +
                   std::to_string(count) + " operators of c10d",
               "record whole steps");
      }
      m_is_dropped[i] = true;
    }
  }

  uint64_t DurationNs(size_t op) const {
    const size_t event = m_match.event_of_operator[op];
    return event == TorchMatch::kNone ? 0 : m_trace.events[event].duration_ns;
  }

  // Each operator when it ends, for the time that its callees leave.
  void CollectHostWork() {
    std::map<uint64_t, std::vector<size_t>> roots_of_thread;
    for (size_t i = 0; i < m_operators.size(); ++i) {
      if (m_match.event_of_operator[i] == TorchMatch::kNone || m_communication[i] != kNone)
        continue;
      if (IsRootOfThread(i)) roots_of_thread[m_operators[i].thread].push_back(i);
    }
    for (const auto& [thread, roots] : roots_of_thread) {
      uint64_t latest_ns = 0;
      for (size_t root : roots) Finish(root, latest_ns);
    }
  }

  bool IsRootOfThread(size_t op) const {
    const auto parent =
        std::lower_bound(m_operators.begin(), m_operators.end(), m_operators[op].parent,
                         [](const TorchOperator& each, uint64_t id) { return each.id < id; });
    return m_operators[op].parent == 0 || parent->thread != m_operators[op].thread;
  }

  // Depth first without recursion: profiles nest as deep as programs call.
  void Finish(size_t root, uint64_t& latest_ns) {
    std::vector<std::pair<size_t, size_t>> open{{root, 0}};  // operator, next child
    while (!open.empty()) {
      const size_t op = open.back().first;
      if (open.back().second < m_children[op].size()) {
        const size_t child = m_children[op][open.back().second++];
        const bool is_own = m_operators[child].thread == m_operators[op].thread;
        if (is_own && m_communication[child] == kNone) open.emplace_back(child, 0);
        continue;
      }
      open.pop_back();
      AddHostWork(op, latest_ns);
    }
  }

  void AddHostWork(size_t op, uint64_t& latest_ns) {
    // A user's range is no operator; what Python does between operators is not in the set.
    if (m_operators[op].scope == kTorchUserScope) return;
    const KinetoEvent& event = m_trace.events[m_match.event_of_operator[op]];
    uint64_t callees_ns = 0;
    for (size_t child : m_children[op]) {
      const size_t of_child = m_match.event_of_operator[child];
      // What another thread does meanwhile is not the caller's time.
      if (of_child == TorchMatch::kNone || m_trace.events[of_child].lane != event.lane) continue;
      callees_ns += m_trace.events[of_child].duration_ns;
    }
    Work work;
    latest_ns = std::max(latest_ns, event.EndNs());
    work.time_ns = latest_ns;
    work.op = op;
    work.event = m_match.event_of_operator[op];
    work.duration_ns = event.duration_ns - std::min(event.duration_ns, callees_ns);
    work.lane = std::to_string(m_operators[op].thread);
    m_work.push_back(work);
  }

  void CollectGpuWork() {
    std::unordered_map<uint64_t, size_t> launch_of_correlation;
    std::unordered_map<uint64_t, size_t> operator_of_external_id;
    for (size_t i = 0; i < m_trace.events.size(); ++i) {
      const KinetoEvent& event = m_trace.events[i];
      if (event.kind == KinetoKind::kLaunch && event.correlation != KinetoEvent::kNone) {
        launch_of_correlation[event.correlation] = i;
      }
    }
    for (size_t i = 0; i < m_operators.size(); ++i) {
      const size_t event = m_match.event_of_operator[i];
      if (event == TorchMatch::kNone) continue;
      const uint64_t id = m_trace.events[event].external_id;
      if (id != KinetoEvent::kNone) operator_of_external_id[id] = i;
    }
    for (size_t i = 0; i < m_trace.events.size(); ++i) {
      const KinetoEvent& event = m_trace.events[i];
      if (event.kind != KinetoKind::kGpuWork) continue;
      const auto launch = launch_of_correlation.find(event.correlation);
      const size_t launch_event = launch == launch_of_correlation.end() ? kNone : launch->second;
      Work work;
      work.time_ns = launch_event == kNone ? event.start_ns : m_trace.events[launch_event].start_ns;
      work.event = i;
      work.duration_ns = event.duration_ns;
      work.lane = event.lane;
      const auto found = operator_of_external_id.find(event.external_id);
      work.op =
          found != operator_of_external_id.end() ? found->second : OperatorAround(launch_event);
      AddGpuWork(work);
    }
  }

  // The innermost operator during which a kernel was launched, for kernels without External id.
  size_t OperatorAround(size_t launch_event) const {
    if (launch_event == kNone) return kNone;
    const KinetoEvent& launch = m_trace.events[launch_event];
    size_t found = kNone;
    uint64_t shortest_ns = UINT64_MAX;
    for (size_t i = 0; i < m_operators.size(); ++i) {
      const size_t index = m_match.event_of_operator[i];
      if (index == TorchMatch::kNone) continue;
      const KinetoEvent& event = m_trace.events[index];
      const bool is_around = event.lane == launch.lane && event.start_ns <= launch.start_ns &&
                             launch.start_ns <= event.EndNs();
      if (!is_around || event.duration_ns > shortest_ns) continue;
      found = i;
      shortest_ns = event.duration_ns;
    }
    return found;
  }

  void AddGpuWork(Work& work) {
    const KinetoEvent& event = m_trace.events[work.event];
    const bool is_library = event.name.rfind("nccl", 0) == 0;
    const size_t communication = work.op == kNone ? kNone : m_communication[work.op];
    if (communication != kNone) {
      // Its kernels, copies and memsets together are the communication, which the network times.
      if (m_kernel_of_communication.emplace(communication, work).second) return;
      return;
    }
    if (work.op == kNone || is_library) {
      const bool is_outside = work.op == kNone && IsOutsideGraph(work.time_ns);
      if (is_outside) return;
      if (!m_allow_unknown || is_library) {
        throw InputError(
            m_trace.path,
            "'" + Printable(event.name) + "' on " + Printable(event.lane) +
                (is_library ? " belongs to no communication of the graph"
                            : " belongs to no operator of the graph"),
            is_library ? "record whole steps" : "--allow-unknown takes it for a computation");
      }
      ++m_result.unknown_computations;
    }
    m_work.push_back(work);
  }

  // Launched before the graph's first operator began or after its last one ended.
  bool IsOutsideGraph(uint64_t time_ns) {
    if (m_graph_end_ns == 0) {
      m_graph_start_ns = UINT64_MAX;
      for (size_t i = 0; i < m_operators.size(); ++i) {
        const size_t index = m_match.event_of_operator[i];
        if (index == TorchMatch::kNone) continue;
        m_graph_start_ns = std::min(m_graph_start_ns, m_trace.events[index].start_ns);
        m_graph_end_ns = std::max(m_graph_end_ns, m_trace.events[index].EndNs());
      }
    }
    return time_ns < m_graph_start_ns || time_ns > m_graph_end_ns;
  }

  void CollectCommunications() {
    for (size_t i = 0; i < m_operators.size(); ++i) {
      if (m_communication[i] != i || m_is_dropped.count(i) != 0) continue;
      Work work;
      const auto kernel = m_kernel_of_communication.find(i);
      if (kernel != m_kernel_of_communication.end()) work = kernel->second;
      work.op = i;
      work.is_communication = true;
      const size_t event = m_match.event_of_operator[i];
      if (event == TorchMatch::kNone) Refuse(i, "has no event", "record it with the profiler");
      if (kernel == m_kernel_of_communication.end()) {
        work.time_ns = m_trace.events[event].start_ns;
        work.lane = m_result.has_gpu_work ? "" : std::to_string(m_operators[i].thread);
      }
      work.event = event;
      m_work.push_back(work);
    }
  }

  void Emit(const Work& work) {
    TorchNode next;
    next.node.id = m_result.nodes.size();
    const bool has_op = work.op != kNone;
    next.node.name = work.is_communication || !m_result.has_gpu_work
                         ? m_operators[work.op].name
                         : m_trace.events[work.event].name;
    std::vector<TorchTensor> reads, writes;
    if (has_op) {
      reads = m_operators[work.op].inputs;
      writes = m_operators[work.op].outputs;
    }
    if (work.is_communication) {
      std::vector<const TorchOperator*> within;
      CollectWithin(work.op, within);
      const auto read = ReadTorchCommunication(m_graph.path, m_operators[work.op], within);
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

  std::string ClassOf(const Work& work) const {
    const std::string& category = m_trace.events[work.event].category;
    if (!m_result.has_gpu_work) return "host";
    return category.empty() ? "gpu" : category;
  }

  void CollectWithin(size_t op, std::vector<const TorchOperator*>& within) const {
    std::vector<size_t> open = m_children[op];
    std::reverse(open.begin(), open.end());
    while (!open.empty()) {
      const size_t next = open.back();
      open.pop_back();
      within.push_back(&m_operators[next]);
      open.insert(open.end(), m_children[next].rbegin(), m_children[next].rend());
    }
  }

  // The order of lanes is a control dependency. Waits for an earlier node of the own lane follow
  // from it and are left out; communications stand beside the lane that began them.
  void Depend(const Work& work, TorchNode& next, const std::vector<uint64_t>& memory) {
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
      if (m_barrier != kNone) AddUnique(node.control_dependencies, m_barrier);
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

  [[noreturn]] void Refuse(size_t op, const std::string& problem, const std::string& remedy) const {
    throw InputError(m_graph.path,
                     "operator " + std::to_string(m_operators[op].id) + " '" +
                         Printable(m_operators[op].name) + "' " + problem,
                     remedy);
  }

  const TorchGraph& m_graph;
  const std::vector<TorchOperator>& m_operators;
  const KinetoTrace& m_trace;
  const TorchMatch& m_match;
  bool m_allow_unknown;
  std::vector<std::vector<size_t>> m_children;
  std::vector<size_t> m_communication;  // by operator: the outermost one of its communication
  std::map<size_t, bool> m_is_dropped;
  std::map<size_t, Work> m_kernel_of_communication;
  std::vector<Work> m_work;
  uint64_t m_graph_start_ns = 0;
  uint64_t m_graph_end_ns = 0;
  MemoryOrder m_memory;
  std::map<std::string, uint64_t> m_last_of_lane;
  std::map<std::string, uint64_t> m_last_of_group;
  std::vector<std::string> m_lane_of_node;
  uint64_t m_barrier = kNone;
  TorchRankGraph m_result;
};

}  // namespace

TorchRankGraph BuildTorchRankGraph(const TorchGraph& graph, const KinetoTrace& trace,
                                   const TorchMatch& match, bool allow_unknown) {
  return RankGraphBuilder(graph, trace, match, allow_unknown).Run();
}

}  // namespace ddlsim
