// SPDX-License-Identifier: MIT
#include "traces/import/torch-match.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/input-error.h"

namespace ddlsim {
namespace {

const char* const kRecordTogether =
    "start and stop the graph observer and the profiler around the same steps";

bool IsGlooEvent(const std::string& name) {
  return name.rfind("gloo:", 0) == 0;
}

std::string Shown(const TorchOperator& op) {
  return "operator " + std::to_string(op.id) + " '" + Printable(op.name) + "'";
}

class Matcher {
 public:
  Matcher(const TorchGraph& graph, const KinetoTrace& trace) : m_graph(graph), m_trace(trace) {
    m_match.event_of_operator.assign(graph.operators.size(), TorchMatch::kNone);
    FindLibraryLanes();
  }

  TorchMatch Run() {
    for (const KinetoEvent& event : m_trace.events) {
      if (event.record_function_id != KinetoEvent::kNone) m_match.by_record_function = true;
    }
    if (m_match.by_record_function) {
      ById();
    } else {
      ByOrder();
    }
    return std::move(m_match);
  }

 private:
  // Gloo runs its collectives on threads of its own, on which nothing else begins.
  void FindLibraryLanes() {
    std::map<std::string, bool> has_only_gloo;
    for (const KinetoEvent& event : m_trace.events) {
      if (event.kind != KinetoKind::kOperator) continue;
      const auto lane = has_only_gloo.emplace(event.lane, true).first;
      lane->second = lane->second && IsGlooEvent(event.name);
    }
    for (const auto& [lane, is_library] : has_only_gloo) {
      if (is_library) m_library_lanes.insert(lane);
    }
  }

  void ById() {
    std::map<uint64_t, size_t> event_of_id;
    for (size_t i = 0; i < m_trace.events.size(); ++i) {
      const KinetoEvent& event = m_trace.events[i];
      if (event.kind != KinetoKind::kOperator || event.record_function_id == KinetoEvent::kNone) {
        continue;
      }
      if (!event_of_id.emplace(event.record_function_id, i).second) {
        throw InputError(
            m_trace.path,
            "record function id " + std::to_string(event.record_function_id) + " stands twice",
            "name the trace of one rank and one recording");
      }
    }
    uint64_t first_ns = UINT64_MAX, last_ns = 0;
    const std::set<uint64_t> library_threads = LibraryThreads(event_of_id);
    for (size_t i = 0; i < m_graph.operators.size(); ++i) {
      const TorchOperator& op = m_graph.operators[i];
      const auto found = event_of_id.find(op.record_function_id);
      if (found == event_of_id.end() && library_threads.count(op.thread) != 0) continue;
      if (op.record_function_id == 0 || found == event_of_id.end()) RefuseMissing(op);
      const KinetoEvent& event = m_trace.events[found->second];
      if (event.name != op.name) {
        throw InputError(m_trace.path,
                         Shown(op) + " is called '" + Printable(event.name) + "' here",
                         "name the files of the same rank and recording");
      }
      m_match.event_of_operator[i] = found->second;
      first_ns = std::min(first_ns, event.start_ns);
      last_ns = std::max(last_ns, event.start_ns);
      event_of_id.erase(found);
    }
    for (const auto& [id, index] : event_of_id) {
      const KinetoEvent& event = m_trace.events[index];
      if (event.start_ns > first_ns && event.start_ns < last_ns &&
          event.category != "user_annotation") {
        throw InputError(m_trace.path,
                         "'" + Printable(event.name) + "' (record function id " +
                             std::to_string(id) + ") is not in the graph",
                         kRecordTogether);
      }
    }
    m_match.events_outside = event_of_id.size();
  }

  // Threads of the graph of which the profiler saw no operator, where Gloo has threads of its own.
  std::set<uint64_t> LibraryThreads(const std::map<uint64_t, size_t>& event_of_id) const {
    std::set<uint64_t> unseen, seen;
    for (const TorchOperator& op : m_graph.operators) {
      const bool is_seen = event_of_id.count(op.record_function_id) != 0;
      if (!IsGlooEvent(op.name)) (is_seen ? seen : unseen).insert(op.thread);
    }
    if (m_library_lanes.empty()) unseen.clear();
    for (uint64_t thread : seen) unseen.erase(thread);
    return unseen;
  }

  [[noreturn]] void RefuseMissing(const TorchOperator& op) const {
    throw InputError(m_graph.path, Shown(op) + " has no event in " + m_trace.path, kRecordTogether);
  }

  void ByOrder() {
    std::map<uint64_t, std::vector<size_t>> operators_of_thread;
    for (size_t i = 0; i < m_graph.operators.size(); ++i) {
      const TorchOperator& op = m_graph.operators[i];
      // Communications end on other threads than they began, where their events then stand.
      if (!IsGlooEvent(op.name)) operators_of_thread[op.thread].push_back(i);
    }
    std::map<std::string, std::vector<size_t>> events_of_lane;
    for (size_t i = 0; i < m_trace.events.size(); ++i) {
      const KinetoEvent& event = m_trace.events[i];
      if (event.kind == KinetoKind::kOperator && !IsGlooEvent(event.name)) {
        events_of_lane[event.lane].push_back(i);
      }
    }
    for (const auto& [thread, operators] : operators_of_thread) {
      const std::string lane = std::to_string(thread);
      if (m_library_lanes.count(lane) != 0) continue;
      MatchThread(operators, events_of_lane[lane]);
      events_of_lane.erase(lane);
    }
    for (const auto& [lane, events] : events_of_lane) {
      if (events.empty()) continue;
      throw InputError(m_trace.path,
                       "thread " + Printable(lane) + " has '" +
                           Printable(m_trace.events[events[0]].name) +
                           "', the graph has no such thread",
                       kRecordTogether);
    }
    MatchGloo();
  }

  // Events that begin within the same microsecond may stand in any order.
  void MatchThread(const std::vector<size_t>& operators, const std::vector<size_t>& events) {
    std::vector<bool> is_taken(events.size());
    size_t first = 0;
    for (size_t each : operators) {
      const TorchOperator& op = m_graph.operators[each];
      while (first < events.size() && is_taken[first]) ++first;
      size_t found = first;
      while (found < events.size() &&
             (is_taken[found] || m_trace.events[events[found]].name != op.name)) {
        ++found;
        if (found < events.size() &&
            m_trace.events[events[found]].start_ns != m_trace.events[events[first]].start_ns) {
          found = events.size();
        }
      }
      if (found >= events.size()) {
        const std::string other = first < events.size()
                                      ? "'" + Printable(m_trace.events[events[first]].name) + "'"
                                      : "the end";
        throw InputError(m_trace.path, Shown(op) + " of the graph meets " + other + " here",
                         kRecordTogether);
      }
      is_taken[found] = true;
      m_match.event_of_operator[each] = events[found];
    }
    while (first < events.size() && is_taken[first]) ++first;
    if (first < events.size()) {
      throw InputError(m_trace.path,
                       "'" + Printable(m_trace.events[events[first]].name) +
                           "' comes after the last operator of the graph",
                       kRecordTogether);
    }
  }

  // The k-th gloo:X of the graph is the k-th to begin.
  void MatchGloo() {
    std::map<std::string, std::vector<size_t>> events;
    for (size_t i = m_trace.events.size(); i > 0; --i) {
      if (IsGlooEvent(m_trace.events[i - 1].name)) {
        events[m_trace.events[i - 1].name].push_back(i - 1);
      }
    }
    for (size_t i = 0; i < m_graph.operators.size(); ++i) {
      const TorchOperator& op = m_graph.operators[i];
      if (!IsGlooEvent(op.name)) continue;
      std::vector<size_t>& rest = events[op.name];
      if (rest.empty()) RefuseMissing(op);
      m_match.event_of_operator[i] = rest.back();
      rest.pop_back();
    }
    for (const auto& [name, rest] : events) {
      if (rest.empty()) continue;
      throw InputError(
          m_trace.path,
          "has " + std::to_string(rest.size()) + " more '" + Printable(name) + "' than the graph",
          kRecordTogether);
    }
  }

  const TorchGraph& m_graph;
  const KinetoTrace& m_trace;
  std::set<std::string> m_library_lanes;
  TorchMatch m_match;
};

}  // namespace

TorchMatch MatchTorch(const TorchGraph& graph, const KinetoTrace& trace) {
  return Matcher(graph, trace).Run();
}

}  // namespace ddlsim
