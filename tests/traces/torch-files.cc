// SPDX-License-Identifier: MIT
#include "tests/traces/torch-files.h"

#include "tests/traces/test-support.h"

namespace ddlsim {

TorchFiles::TorchFiles(const std::string& schema) {
  graph = {{"schema", schema}, {"pid", 1}, {"nodes", Json::array()}};
  trace = {{"schemaVersion", 1}, {"traceEvents", Json::array()}};
  trace["traceEvents"].push_back(
      {{"ph", "M"}, {"name", "process_name"}, {"pid", 1}, {"args", {{"name", "python"}}}});
  Node(1, "[pytorch|profiler|execution_trace|process]", 1, Json::array(), Json::array(), {});
  Node(kThread, "[pytorch|profiler|execution_trace|thread]", 1, Json::array(), Json::array(), {});
}

void TorchFiles::Node(uint64_t id, const std::string& name, uint64_t parent, Json inputs,
                      Json outputs, Json attributes) {
  Json list = {{{"name", "rf_id"}, {"type", "uint64"}, {"value", id > kThread ? id + 100 : 0}},
               {{"name", "tid"}, {"type", "uint64"}, {"value", 1}},
               {{"name", "scope"}, {"type", "uint64"}, {"value", id > kThread ? 0 : 7}}};
  for (const auto& [key, value] : attributes.items()) {
    list.push_back({{"name", key}, {"type", "string"}, {"value", value}});
  }
  graph["nodes"].push_back({{"id", id},
                            {"name", name},
                            {"ctrl_deps", parent},
                            {"inputs", {{"values", inputs}, {"shapes", Json::array()}}},
                            {"outputs", {{"values", outputs}, {"shapes", Json::array()}}},
                            {"attrs", list}});
}

uint64_t TorchFiles::Operator(const std::string& name, uint64_t start_us, uint64_t duration_us,
                              Json inputs, Json outputs, uint64_t parent, Json attributes) {
  const uint64_t id = m_next_id++;
  if (outputs.is_null()) outputs = Json::array();
  Node(id, name, parent, std::move(inputs), std::move(outputs), std::move(attributes));
  trace["traceEvents"].push_back(
      {{"ph", "X"},
       {"cat", "cpu_op"},
       {"name", name},
       {"pid", 1},
       {"tid", 77},
       {"ts", start_us},
       {"dur", duration_us},
       {"args", {{"External id", id + 500}, {"Record function id", id + 100}}}});
  return id;
}

void TorchFiles::Kernel(const std::string& name, uint64_t op, uint64_t launch_us,
                        const std::string& start_us, const std::string& duration_us,
                        uint64_t stream, const std::string& category) {
  const uint64_t correlation = m_next_correlation++;
  trace["traceEvents"].push_back({{"ph", "X"},
                                  {"cat", "cuda_runtime"},
                                  {"name", "cudaLaunchKernel"},
                                  {"pid", 1},
                                  {"tid", 77},
                                  {"ts", launch_us},
                                  {"dur", 1},
                                  {"args", {{"correlation", correlation}}}});
  trace["traceEvents"].push_back(
      {{"ph", "X"},
       {"cat", category},
       {"name", name},
       {"pid", 0},
       {"tid", stream},
       {"ts", Json::parse(start_us)},
       {"dur", Json::parse(duration_us)},
       {"args", {{"External id", op + 500}, {"correlation", correlation}}}});
}

void TorchFiles::ProcessGroups(const std::string& json) {
  Node(m_next_id++, "## process_group:init ##", kThread, Json::array({json}), Json::array(), {});
}

void TorchFiles::Write(const std::string& folder, uint32_t rank) const {
  const std::string end = "." + std::to_string(rank) + ".json";
  WriteFile(folder + "/graph" + end, graph.dump(1));
  WriteFile(folder + "/kineto" + end, trace.dump(1));
}

}  // namespace ddlsim
