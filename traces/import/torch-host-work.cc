// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "traces/import/torch-work.h"

namespace ddlsim {
namespace {

class HostWorkCollector {
 public:
  explicit HostWorkCollector(const TorchRecording& recording)
      : m_recording(recording), m_operators(recording.graph.operators) {}

  std::vector<TorchWork> Run() {
    std::map<uint64_t, std::vector<size_t>> roots_of_thread;
    for (size_t i = 0; i < m_operators.size(); ++i) {
      if (IsOwnWork(i) && IsRootOfThread(i)) roots_of_thread[m_operators[i].thread].push_back(i);
    }
    for (const auto& [thread, roots] : roots_of_thread) {
      m_latest_ns = 0;
      for (size_t root : roots) Finish(root);
    }
    return std::move(m_work);
  }

 private:
  bool IsOwnWork(size_t op) const {
    return m_recording.EventOf(op) != nullptr &&
           m_recording.tree.communication[op] == TorchCallTree::kNone;
  }

  bool IsRootOfThread(size_t op) const {
    const size_t parent = m_recording.tree.parent[op];
    return parent == TorchCallTree::kNone || m_operators[parent].thread != m_operators[op].thread;
  }

  // Callees before callers. Without recursion: profiles nest as deep as programs call.
  void Finish(size_t root) {
    std::vector<std::pair<size_t, size_t>> open{{root, 0}};  // operator, next child
    while (!open.empty()) {
      const size_t op = open.back().first;
      const std::vector<size_t>& children = m_recording.tree.children[op];
      if (open.back().second < children.size()) {
        const size_t child = children[open.back().second++];
        if (IsOwnWork(child) && !IsRootOfThread(child)) open.emplace_back(child, 0);
        continue;
      }
      open.pop_back();
      Add(op);
    }
  }

  void Add(size_t op) {
    // A user's range is no operator; what Python does between operators is not in the set.
    if (m_operators[op].scope == kTorchUserScope) return;
    TorchWork work;
    work.op = op;
    work.event = m_recording.EventOf(op);
    uint64_t callees_ns = 0;
    for (size_t child : m_recording.tree.children[op]) {
      const KinetoEvent* event = m_recording.EventOf(child);
      // What another thread does meanwhile is not the caller's time.
      if (event != nullptr && event->lane == work.event->lane) callees_ns += event->duration_ns;
    }
    // Rounded times may end before those of callees; the order stays that of the calls.
    m_latest_ns = std::max(m_latest_ns, work.event->EndNs());
    work.time_ns = m_latest_ns;
    work.duration_ns = work.event->duration_ns - std::min(work.event->duration_ns, callees_ns);
    work.lane = std::to_string(m_operators[op].thread);
    m_work.push_back(std::move(work));
  }

  const TorchRecording& m_recording;
  const std::vector<TorchOperator>& m_operators;
  uint64_t m_latest_ns = 0;
  std::vector<TorchWork> m_work;
};

}  // namespace

std::vector<TorchWork> CollectHostWork(const TorchRecording& recording) {
  return HostWorkCollector(recording).Run();
}

}  // namespace ddlsim
