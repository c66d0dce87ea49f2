// SPDX-License-Identifier: MIT
#include "traces/import/torch-graph.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "base/input-error.h"
#include "traces/execution-graph.h"
#include "traces/import/import-fields.h"
#include "traces/import/json-elements.h"

namespace ddlsim {
namespace {

using Json = nlohmann::json;

const char* const kProcessGroupsName = "## process_group:init ##";

void CheckSchema(const std::string& schema, const std::string& place) {
  const std::string number = schema.substr(0, schema.find('-'));
  for (const char* known : {"1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.1.0", "1.1.1"}) {
    if (number == known) return;
  }
  throw InputError(place, "schema '" + Printable(schema) + "' is unknown",
                   "name an execution graph of a schema from 1.0.0 to 1.1.1");
}

bool IsStructure(const std::string& name) {
  const auto ends_with = [&name](const std::string& end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  return name.rfind("[pytorch|profiler|", 0) == 0 &&
         (ends_with("|process]") || ends_with("|thread]"));
}

class GraphBuilder {
 public:
  explicit GraphBuilder(const std::string& path) { m_graph.path = path; }

  void Take(const std::string& key, const Json& value, const std::string& place) {
    if (key == "schema") {
      if (!value.is_string()) throw InputError(place, "schema is no text", "record the file again");
      m_graph.schema = value.get<std::string>();
      CheckSchema(m_graph.schema, place);
    } else if (key == "nodes") {
      AddNode(value, place);
    }
    // Other keys (pid, time, start_ts, finish_ts) say nothing about operators.
  }

  TorchGraph Finish() {
    if (m_graph.schema.empty() || m_graph.operators.empty()) {
      throw InputError(m_graph.path, "holds no execution graph of PyTorch",
                       "name the JSON file of its execution graph observer");
    }
    auto& operators = m_graph.operators;
    std::sort(operators.begin(), operators.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    for (TorchOperator& each : operators) {
      if (m_structure.count(each.parent) != 0) {
        each.parent = 0;
      } else if (m_ids.count(each.parent) == 0 || each.parent >= each.id) {
        throw InputError(m_graph.path,
                         "node " + std::to_string(each.id) + " has the parent " +
                             std::to_string(each.parent) + ", which is no node before it",
                         "record the graph again, from before the first step to after the last");
      }
    }
    return std::move(m_graph);
  }

 private:
  void AddNode(const Json& node, const std::string& place) {
    const ImportFields fields(node, place);
    TorchOperator next;
    next.name = fields.Text("name");
    next.id = fields.Count("id");
    if (!m_ids.insert(next.id).second) {
      throw InputError(place, "node " + std::to_string(next.id) + " stands twice",
                       "record the file again");
    }
    if (IsStructure(next.name)) {
      m_structure.insert(next.id);
      return;
    }
    const Json& inputs = ReadFields(fields, next);
    if (next.name == kProcessGroupsName) {
      AddProcessGroups(inputs, place);
      m_structure.insert(next.id);
      return;
    }
    CollectTorchTensors(inputs, next.inputs);
    if (IsTorchCommunication(next.name)) next.input_values = inputs;
    m_graph.operators.push_back(std::move(next));
  }

  // Fills what the schemas write differently: up to 1.0.1 a node has its fields beside each other,
  // from 1.0.2 on a list `attrs`. Returns the values of the inputs.
  const Json& ReadFields(const ImportFields& fields, TorchOperator& next) {
    const bool is_flat = !fields.Has("attrs") && fields.Has("rf_id");
    const Json& outputs =
        is_flat ? fields.List("outputs") : fields.Object("outputs").List("values");
    CollectTorchTensors(outputs, next.outputs);
    if (IsTorchCommunication(next.name)) next.output_values = outputs;
    if (is_flat) {
      next.parent = fields.Count("parent");
      next.record_function_id = fields.Count("rf_id");
      next.thread = fields.Count("tid");
      next.scope = fields.Count("scope");
      return fields.List("inputs");
    }
    next.parent = fields.Count("ctrl_deps");
    for (const Json& attribute : fields.List("attrs")) {
      const ImportFields pair(attribute, fields.Place());
      const std::string name = pair.Text("name");
      if (name == "rf_id") next.record_function_id = pair.Count("value");
      if (name == "tid") next.thread = pair.Count("value");
      if (name == "scope") next.scope = pair.Count("value");
      if (IsTorchCommunication(next.name)) next.attributes[name] = pair.Value("value");
    }
    return fields.Object("inputs").List("values");
  }

  // Its one input is a text that holds JSON: [{"pg_name": "0", "ranks": [0, 1], ...}, ...].
  void AddProcessGroups(const Json& inputs, const std::string& place) {
    const Json list = inputs.size() == 1 && inputs[0].is_string()
                          ? Json::parse(inputs[0].get<std::string>(), nullptr, false)
                          : Json();
    if (!list.is_array()) {
      throw InputError(place, "process_group:init holds no list of process groups",
                       "record the file again");
    }
    for (const Json& each : list) {
      const ImportFields fields(each, place);
      TorchProcessGroup group;
      for (const Json& rank : fields.List("ranks")) {
        if (!rank.is_number_unsigned() || rank.get<uint64_t>() >= kRankCountMax) {
          throw InputError(place, "a process group has a rank that is no rank number",
                           "record the file again");
        }
        group.ranks.push_back(rank.get<uint32_t>());
      }
      if (fields.Has("group_size")) group.size = fields.Count("group_size");
      m_graph.process_groups[fields.Text("pg_name")] = std::move(group);
    }
  }

  TorchGraph m_graph;
  std::unordered_set<uint64_t> m_ids;
  std::set<uint64_t> m_structure;  // ids of processes, threads and lists of groups
};

}  // namespace

bool IsTorchCommunication(const std::string& name) {
  for (const char* prefix : {"c10d::", "_c10d_functional::", "c10d_functional::", "gloo:", "nccl:",
                             "mpi:", "ucc:", "record_param_comms"}) {
    if (name.rfind(prefix, 0) == 0) return true;
  }
  return false;
}

bool IsTorchTensor(const Json& value) {
  constexpr size_t kFields = 6;
  if (!value.is_array() || value.size() != kFields || !value[kFields - 1].is_string()) return false;
  return std::all_of(value.begin(), value.end() - 1,
                     [](const Json& field) { return field.is_number_unsigned(); });
}

void CollectTorchTensors(const Json& value, std::vector<TorchTensor>& tensors) {
  if (IsTorchTensor(value)) {
    tensors.push_back(
        {value[1].get<uint64_t>(), value[3].get<uint64_t>(), value[4].get<uint64_t>()});
  } else if (value.is_array()) {
    for (const Json& each : value) CollectTorchTensors(each, tensors);
  }
}

TorchGraph ReadTorchGraph(const std::string& path) {
  GraphBuilder builder(path);
  ReadJsonElements(path, [&builder](const std::string& key, Json&& value,
                                    const std::string& place) { builder.Take(key, value, place); });
  return builder.Finish();
}

}  // namespace ddlsim
