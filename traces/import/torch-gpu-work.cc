// SPDX-License-Identifier: MIT
#include <algorithm>
#include <unordered_map>

#include "base/input-error.h"
#include "traces/import/torch-work.h"

namespace ddlsim {
namespace {

constexpr size_t kNone = TorchWork::kNone;

class GpuWorkCollector {
 public:
  GpuWorkCollector(const TorchRecording& recording, bool allow_unknown)
      : m_recording(recording), m_allow_unknown(allow_unknown) {}

  TorchGpuWork Run() {
    IndexEvents();
    for (const KinetoEvent& event : m_recording.trace.events) {
      if (event.kind != KinetoKind::kGpuWork) continue;
      const auto launch = m_launch_of_correlation.find(event.correlation);
      const KinetoEvent* launch_event =
          launch == m_launch_of_correlation.end() ? nullptr : launch->second;
      TorchWork work;
      work.time_ns = launch_event == nullptr ? event.start_ns : launch_event->start_ns;
      work.event = &event;
      work.duration_ns = event.duration_ns;
      work.lane = event.lane;
      const auto found = m_operator_of_external_id.find(event.external_id);
      if (found != m_operator_of_external_id.end()) {
        work.op = found->second;
      } else if (launch_event != nullptr) {
        work.op = OperatorAround(*launch_event);
      }
      Add(std::move(work));
    }
    return std::move(m_result);
  }

 private:
  void IndexEvents() {
    for (const KinetoEvent& event : m_recording.trace.events) {
      if (event.kind == KinetoKind::kLaunch && event.correlation != KinetoEvent::kNone) {
        m_launch_of_correlation[event.correlation] = &event;
      }
    }
    for (size_t i = 0; i < m_recording.graph.operators.size(); ++i) {
      const KinetoEvent* event = m_recording.EventOf(i);
      if (event == nullptr) continue;
      if (event->external_id != KinetoEvent::kNone)
        m_operator_of_external_id[event->external_id] = i;
      m_operators_of_lane[event->lane].push_back(i);
      m_start_ns = std::min(m_start_ns, event->start_ns);
      m_end_ns = std::max(m_end_ns, event->EndNs());
    }
    for (auto& [lane, operators] : m_operators_of_lane) {
      std::stable_sort(operators.begin(), operators.end(), [this](size_t a, size_t b) {
        return m_recording.EventOf(a)->start_ns < m_recording.EventOf(b)->start_ns;
      });
    }
  }

  // The innermost operator during which a kernel was launched, for kernels without External id: the
  // last one to begin before, or the nearest of its callers that had not ended.
  size_t OperatorAround(const KinetoEvent& launch) const {
    const auto lane = m_operators_of_lane.find(launch.lane);
    if (lane == m_operators_of_lane.end()) return kNone;
    const auto next = std::upper_bound(lane->second.begin(), lane->second.end(), launch.start_ns,
                                       [this](uint64_t time_ns, size_t op) {
                                         return time_ns < m_recording.EventOf(op)->start_ns;
                                       });
    if (next == lane->second.begin()) return kNone;
    size_t op = *(next - 1);
    while (op != TorchCallTree::kNone) {
      const KinetoEvent* event = m_recording.EventOf(op);
      if (event != nullptr && event->lane == launch.lane && launch.start_ns <= event->EndNs()) {
        return op;
      }
      op = m_recording.tree.parent[op];
    }
    return kNone;
  }

  void Add(TorchWork work) {
    const KinetoEvent& event = *work.event;
    const bool is_of_library = event.name.rfind("nccl", 0) == 0;
    const size_t communication =
        work.op == kNone ? TorchCallTree::kNone : m_recording.tree.communication[work.op];
    if (communication != TorchCallTree::kNone) {
      // Its kernels, copies and memsets together are the communication, which the network times.
      m_result.first_of_communication.emplace(communication, std::move(work));
      return;
    }
    if (work.op == kNone && (work.time_ns < m_start_ns || work.time_ns > m_end_ns)) {
      ++m_result.outside;  // the profiler began before the graph, or ended after it
      return;
    }
    if (is_of_library || (work.op == kNone && !m_allow_unknown)) {
      throw InputError(
          m_recording.trace.path,
          "'" + Printable(event.name) + "' on " + Printable(event.lane) + " belongs to no " +
              (is_of_library ? "communication" : "operator") + " of the graph",
          is_of_library ? "record whole steps" : "--allow-unknown takes it for a computation");
    }
    if (work.op == kNone) ++m_result.unknown_computations;
    m_result.computations.push_back(std::move(work));
  }

  const TorchRecording& m_recording;
  bool m_allow_unknown;
  std::unordered_map<uint64_t, const KinetoEvent*> m_launch_of_correlation;
  std::unordered_map<uint64_t, size_t> m_operator_of_external_id;
  std::map<std::string, std::vector<size_t>> m_operators_of_lane;  // by start
  uint64_t m_start_ns = UINT64_MAX;  // of the first operator of the graph
  uint64_t m_end_ns = 0;             // of the last one
  TorchGpuWork m_result;
};

}  // namespace

TorchGpuWork CollectGpuWork(const TorchRecording& recording, bool allow_unknown) {
  return GpuWorkCollector(recording, allow_unknown).Run();
}

}  // namespace ddlsim
