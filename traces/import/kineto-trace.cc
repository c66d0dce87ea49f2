// SPDX-License-Identifier: MIT
#include "traces/import/kineto-trace.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/input-error.h"
#include "traces/execution-graph.h"
#include "traces/import/decimal-time.h"
#include "traces/import/import-fields.h"
#include "traces/import/json-elements.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kPsPerUs = 1000000;

struct Category {
  const char* name;
  std::optional<KinetoKind> kind;  // none: says nothing that another event does not say
};

// libkineto's ActivityType names, and those of before torch 1.13 in capitals.
const std::vector<Category>& Categories() {
  static const std::vector<Category> kCategories{
      {"cpu_op", KinetoKind::kOperator},
      {"Operator", KinetoKind::kOperator},
      {"user_annotation", KinetoKind::kOperator},
      {"cuda_runtime", KinetoKind::kLaunch},
      {"cuda_driver", KinetoKind::kLaunch},
      {"Runtime", KinetoKind::kLaunch},
      {"kernel", KinetoKind::kGpuWork},
      {"Kernel", KinetoKind::kGpuWork},
      {"gpu_memcpy", KinetoKind::kGpuWork},
      {"Memcpy", KinetoKind::kGpuWork},
      {"gpu_memset", KinetoKind::kGpuWork},
      {"Memset", KinetoKind::kGpuWork},
      {"python_function", std::nullopt},      // the Python frames around operators
      {"gpu_user_annotation", std::nullopt},  // a user's range, drawn over kernels
      {"cuda_sync", std::nullopt},            // waits of the host and of streams
      {"overhead", std::nullopt},             // the profiler's own
      {"cpu_instant_event", std::nullopt},    // allocations
      {"Trace", std::nullopt},                // the span of the whole recording
      {"ac2g", std::nullopt},
      {"fwdbwd", std::nullopt},
  };
  return kCategories;
}

class TraceBuilder {
 public:
  TraceBuilder(const std::string& path, bool allow_unknown) : m_allow_unknown(allow_unknown) {
    m_trace.path = path;
  }

  void Take(const std::string& key, const Json& value, const std::string& place) {
    if (key == "traceEvents" || key.empty()) {
      AddEvent(value, place);
    } else if (key == "distributedInfo") {
      const ImportFields fields(value, place);
      if (fields.Has("rank")) m_trace.rank = fields.Count("rank");
    }
  }

  KinetoTrace Finish() {
    if (m_trace.events.empty()) {
      throw InputError(m_trace.path, "holds no events of operators",
                       "name the file that torch.profiler's export_chrome_trace wrote");
    }
    std::stable_sort(m_trace.events.begin(), m_trace.events.end(),
                     [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
    m_trace.unknown_categories.assign(m_unknown.begin(), m_unknown.end());
    return std::move(m_trace);
  }

 private:
  void AddEvent(const Json& event, const std::string& place) {
    const ImportFields fields(event, place);
    const std::string phase = fields.Text("ph");
    // Metadata, instants, flows and counters have no duration.
    for (const char* other : {"M", "i", "I", "s", "t", "f", "C"}) {
      if (phase == other) return;
    }
    if (phase != "X") {
      throw InputError(place, "an event has the unknown phase '" + Printable(phase) + "'",
                       "name a trace of torch.profiler");
    }
    KinetoEvent next;
    next.name = fields.Text("name");
    if (fields.Has("cat")) next.category = fields.Text("cat");
    const std::string process = NumberOrText(event, "pid");
    const std::optional<KinetoKind> kind = KindOf(next.category, process, place);
    if (!kind) return;
    next.kind = *kind;
    next.start_ns = Time(fields, "ts");
    next.duration_ns = Time(fields, "dur");
    if (next.duration_ns > kDurationMaxNs || next.start_ns > INT64_MAX - kDurationMaxNs) {
      throw InputError(place, "an event lasts more than a million seconds or begins after 2262",
                       "record the file again");
    }
    next.lane = NumberOrText(event, "tid");
    if (next.kind == KinetoKind::kGpuWork) next.lane = "GPU " + process + " stream " + next.lane;
    if (fields.Has("args")) ReadArguments(fields.Object("args"), next);
    m_trace.events.push_back(std::move(next));
  }

  std::optional<KinetoKind> KindOf(const std::string& category, const std::string& process,
                                   const std::string& place) {
    for (const Category& known : Categories()) {
      if (category == known.name) return known.kind;
    }
    // A torch without Kineto, such as Debian's, writes no categories.
    if (category.empty() && process == "CPU functions") return KinetoKind::kOperator;
    const std::string shown = category.empty() ? process : category;
    if (!m_allow_unknown) {
      throw InputError(place, "events of the category '" + Printable(shown) + "' are unknown",
                       "--allow-unknown takes them for computations");
    }
    m_unknown.insert(Printable(shown));
    return KinetoKind::kGpuWork;
  }

  static void ReadArguments(const ImportFields& arguments, KinetoEvent& event) {
    const auto read = [&arguments](const char* name, uint64_t& value) {
      // Some versions write them as texts.
      if (!arguments.Has(name)) return;
      const Json& field = arguments.Value(name);
      if (field.is_number_unsigned()) {
        value = field.get<uint64_t>();
      } else if (field.is_string()) {
        const std::string text = field.get<std::string>();
        constexpr size_t kDigitsMax = 18;
        const bool is_number = !text.empty() && text.size() <= kDigitsMax &&
                               text.find_first_not_of("0123456789") == std::string::npos;
        if (is_number) value = std::stoull(text);
      }
    };
    read("Record function id", event.record_function_id);
    read("External id", event.external_id);
    read("correlation", event.correlation);
    if (event.record_function_id == 0) event.record_function_id = KinetoEvent::kNone;
    if (event.external_id == 0) event.external_id = KinetoEvent::kNone;
  }

  // A number, or a fraction that came as its text.
  static uint64_t Time(const ImportFields& fields, const char* name) {
    const Json& value = fields.Value(name);
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    const std::optional<uint64_t> time = DecimalToNs(text, kPsPerUs);
    if (!time) {
      throw InputError(fields.Place(),
                       std::string("'") + name + "' is no time in microseconds: " + Printable(text),
                       "record the file again");
    }
    return *time;
  }

  static std::string NumberOrText(const Json& event, const char* name) {
    const auto field = event.find(name);
    if (field == event.end()) return "";
    return field->is_string() ? field->get<std::string>() : field->dump();
  }

  KinetoTrace m_trace;
  bool m_allow_unknown;
  std::set<std::string> m_unknown;
};

}  // namespace

KinetoTrace ReadKinetoTrace(const std::string& path, bool allow_unknown) {
  TraceBuilder builder(path, allow_unknown);
  ReadJsonElements(path, [&builder](const std::string& key, Json&& value,
                                    const std::string& place) { builder.Take(key, value, place); });
  return builder.Finish();
}

}  // namespace ddlsim
