// SPDX-License-Identifier: MIT
#include "traces/import/layer-import.h"

#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "base/input-error.h"
#include "traces/import/import-writer.h"

namespace ddlsim {
namespace {

constexpr const char* kData = "dp";
constexpr const char* kModel = "mp";

// How ranks share the work. Activations and input gradients travel among the ranks of a model,
// weight gradients among its copies.
struct Policy {
  const char* name;
  bool has_model;
  bool has_data;
  bool model_ranks_are_neighbours;  // else copies of the same part are
  bool is_communication_only;       // the weight gradients' collectives one after another
};

const std::vector<Policy>& Policies() {
  static const std::vector<Policy> kPolicies{{"DATA", false, true, true, false},
                                             {"MODEL", true, false, true, false},
                                             {"HYBRID_DATA_MODEL", true, true, true, false},
                                             {"HYBRID_MODEL_DATA", true, true, false, false},
                                             {"HYBRID_TRANSFORMER", true, true, true, false},
                                             {"MICRO", false, true, true, true}};
  return kPolicies;
}

class LayerGraph {
 public:
  LayerGraph(const LayerTable& table, const LayerImportOptions& options)
      : m_table(table), m_options(options), m_policy(FindPolicy()) {
    SetModelRanks();
    for (const Layer& layer : table.layers) CheckLayer(layer);
  }

  std::vector<GroupAxis> Axes() const {
    const uint32_t ranks = m_options.rank_count;
    const auto copies = static_cast<uint32_t>(ranks / m_model_ranks);
    const auto model = static_cast<uint32_t>(m_model_ranks);
    // The inner axis joins neighbours, the outer one ranks that are so far apart.
    const GroupAxis near = Neighbours(m_policy.model_ranks_are_neighbours ? model : copies);
    const GroupAxis far = Strided(m_policy.model_ranks_are_neighbours ? model : copies);
    std::vector<GroupAxis> axes;
    if (m_policy.has_data) axes.push_back(m_policy.model_ranks_are_neighbours ? far : near);
    if (m_policy.has_data) axes.back().name = kData;
    if (m_policy.has_model) axes.push_back(m_policy.model_ranks_are_neighbours ? near : far);
    if (m_policy.has_model) axes.back().name = kModel;
    return axes;
  }

  std::vector<GraphNode> Nodes() {
    for (uint64_t i = 0; i < m_options.iterations; ++i) {
      m_prefix = "iteration" + std::to_string(i) + "/";
      if (m_policy.is_communication_only) {
        for (const Layer& layer : m_table.layers) {
          const LayerCommunication& each = layer.weight_gradient.communication;
          m_last_data = Add(layer, CollectiveName(*each.type), kData, each, {m_last_data});
        }
      } else {
        AddIteration();
      }
    }
    return std::move(m_nodes);
  }

  const Policy& GetPolicy() const { return m_policy; }
  uint64_t ModelRanks() const { return m_model_ranks; }

 private:
  using Id = std::optional<uint64_t>;

  const Policy& FindPolicy() const {
    const std::string name = m_options.policy.empty() ? m_table.policy : m_options.policy;
    const std::string place = m_options.policy.empty() ? m_table.path : "--policy";
    if (name.empty()) {
      throw InputError(place, "states no parallelism policy", "choose one with --policy");
    }
    for (const Policy& policy : Policies()) {
      if (name == policy.name) return policy;
    }
    throw InputError(place, "the policy '" + Printable(name) + "' is unknown",
                     Suggest(name, LayerPolicyNames()));
  }

  void SetModelRanks() {
    const bool is_hybrid = m_policy.has_model && m_policy.has_data;
    const uint64_t stated =
        m_options.model_ranks != 0 ? m_options.model_ranks : m_table.model_ranks;
    if (!is_hybrid) {
      m_model_ranks = m_policy.has_model ? m_options.rank_count : 1;
      if (stated != 0 && stated != m_model_ranks) {
        throw InputError("--model-ranks",
                         std::to_string(stated) + " does not go with the policy " + m_policy.name,
                         "leave it out: there it is " + std::to_string(m_model_ranks));
      }
      return;
    }
    if (stated == 0) {
      throw InputError("--model-ranks",
                       std::string("is missing: the policy ") + m_policy.name + " needs it",
                       "say how many ranks share one copy of the model");
    }
    if (m_options.rank_count % stated != 0) {
      throw InputError("--ranks",
                       std::to_string(m_options.rank_count) + " is no multiple of the " +
                           std::to_string(stated) + " ranks that share a copy of the model",
                       "choose a multiple");
    }
    m_model_ranks = stated;
  }

  void CheckLayer(const Layer& layer) const {
    const auto refuse = [&](const char* what) {
      throw InputError(layer.place,
                       "layer '" + Printable(layer.name) + "' has " + what + ", which the policy " +
                           m_policy.name + " has not",
                       "choose another policy, or write NONE 0");
    };
    if (!m_policy.has_model) {
      if (layer.forward.communication.type) refuse("a forward communication");
      if (layer.input_gradient.communication.type) refuse("a communication of input gradients");
    }
    if (!m_policy.has_data && layer.weight_gradient.communication.type) {
      refuse("a communication of weight gradients");
    }
    const uint64_t compute_ns = layer.forward.compute_ns + layer.input_gradient.compute_ns +
                                layer.weight_gradient.compute_ns + layer.update_ns;
    if (m_policy.is_communication_only && compute_ns != 0) refuse("computing time");
    if (m_policy.is_communication_only && !layer.weight_gradient.communication.type) {
      throw InputError(layer.place, "layer '" + Printable(layer.name) + "' has no communication",
                       "the policy MICRO takes that of the weight gradient");
    }
  }

  GroupAxis Neighbours(uint32_t size) const {
    GroupAxis axis;
    for (uint32_t first = 0; first < m_options.rank_count; first += size) {
      axis.groups.emplace_back(size);
      std::iota(axis.groups.back().begin(), axis.groups.back().end(), first);
    }
    return axis;
  }

  GroupAxis Strided(uint32_t stride) const {
    GroupAxis axis;
    for (uint32_t first = 0; first < stride; ++first) {
      axis.groups.emplace_back();
      for (uint32_t rank = first; rank < m_options.rank_count; rank += stride) {
        axis.groups.back().push_back(rank);
      }
    }
    return axis;
  }

  // Forward in order, backward in reverse. The network carries activations and input gradients
  // while the next layer waits for them, weight gradients beside everything.
  void AddIteration() {
    m_updates.resize(m_table.layers.size());
    std::vector<Id> updates(m_table.layers.size());
    Id data;  // what the next layer computes on
    for (size_t i = 0; i < m_table.layers.size(); ++i) {
      const Layer& layer = m_table.layers[i];
      data = Compute(layer, "forward", layer.forward.compute_ns, {data, m_updates[i]});
      data = Communicate(layer, "forward", kModel, layer.forward.communication, data, m_last_model);
    }
    for (size_t i = m_table.layers.size(); i-- > 0;) {
      const Layer& layer = m_table.layers[i];
      const Id gradient = Compute(layer, "input_gradient", layer.input_gradient.compute_ns, {data});
      const Id weights =
          Compute(layer, "weight_gradient", layer.weight_gradient.compute_ns, {data});
      data = Communicate(layer, "input_gradient", kModel, layer.input_gradient.communication,
                         gradient, m_last_model);
      updates[i] = Communicate(layer, "weight_gradient", kData, layer.weight_gradient.communication,
                               weights, m_last_data);
    }
    // After the backward pass, in the order in which the gradients came.
    for (size_t i = m_table.layers.size(); i-- > 0;) {
      m_updates[i] =
          Compute(m_table.layers[i], "update", m_table.layers[i].update_ns, {updates[i]});
    }
  }

  // A computation waits for its data and for the one before it, as a GPU runs one at a time.
  Id Compute(const Layer& layer, const char* pass, uint64_t duration_ns,
             const std::vector<Id>& waits) {
    GraphNode node = NewNode(layer, pass, waits);
    node.duration_ns = duration_ns;
    if (m_last_compute) node.control_dependencies.push_back(*m_last_compute);
    m_last_compute = node.id;
    m_nodes.push_back(std::move(node));
    return m_last_compute;
  }

  Id Communicate(const Layer& layer, const char* pass, const char* axis,
                 const LayerCommunication& communication, Id after, Id& last) {
    if (!communication.type) return after;
    last = Add(layer, std::string(pass) + "/" + CollectiveName(*communication.type), axis,
               communication, {after, last});
    return last;
  }

  Id Add(const Layer& layer, const std::string& pass, const char* axis,
         const LayerCommunication& communication, const std::vector<Id>& waits) {
    GraphNode node = NewNode(layer, pass, {waits[0]});
    if (waits.size() > 1 && waits[1]) node.control_dependencies.push_back(*waits[1]);
    node.type = NodeType::kCollective;
    node.collective = *communication.type;
    node.group = axis;
    node.size_bytes = communication.size_bytes;
    const bool is_share =
        m_options.comm_size_meaning == CommSizeMeaning::kPerRank && HasShares(node.collective);
    if (is_share) {
      const uint64_t model = m_model_ranks, copies = m_options.rank_count / m_model_ranks;
      const uint64_t ranks = axis == std::string(kModel) ? model : copies;
      if (node.size_bytes > kSizeMaxBytes / ranks) {
        throw InputError(layer.place, "a collective is larger than 2^50 bytes", "correct its size");
      }
      node.size_bytes *= ranks;
    }
    m_nodes.push_back(std::move(node));
    return m_nodes.back().id;
  }

  GraphNode NewNode(const Layer& layer, const std::string& pass, const std::vector<Id>& waits) {
    constexpr uint64_t kNodesMax = 1 << 24;
    if (m_nodes.size() == kNodesMax) {
      throw InputError("--iterations", "makes more than 16777216 nodes", "choose fewer");
    }
    GraphNode node;
    node.id = m_nodes.size();
    node.name = m_prefix + pass + "/" + layer.name;
    for (const Id& each : waits) {
      if (each) node.data_dependencies.push_back(*each);
    }
    return node;
  }

  const LayerTable& m_table;
  const LayerImportOptions& m_options;
  const Policy& m_policy;
  uint64_t m_model_ranks = 1;
  std::string m_prefix;
  std::vector<GraphNode> m_nodes;
  std::vector<Id> m_updates;  // by layer, of the iteration before
  Id m_last_compute, m_last_model, m_last_data;
};

}  // namespace

std::vector<std::string> LayerPolicyNames() {
  std::vector<std::string> names;
  for (const Policy& policy : Policies()) names.emplace_back(policy.name);
  return names;
}

void ImportLayers(const LayerTable& table, const LayerImportOptions& options) {
  LayerGraph graph(table, options);
  const std::vector<GraphNode> nodes = graph.Nodes();
  TraceSetWriter::Options out;
  out.folder = options.folder;
  out.generator_command = options.generator_command;
  out.rank_count = options.rank_count;
  out.axes = graph.Axes();
  nlohmann::ordered_json description;
  description["imported_from"] = "layer table";
  description["policy"] = graph.GetPolicy().name;
  description["model_ranks"] = graph.ModelRanks();
  description["iterations"] = options.iterations;
  description["layers"] = table.layers.size();
  WriteImportedSet(out, [&](TraceSetWriter& writer) {
    std::vector<uint32_t> ranks(options.rank_count);
    std::iota(ranks.begin(), ranks.end(), 0);
    writer.BeginClass(ranks);
    for (const GraphNode& node : nodes) writer.Add(node);
    writer.SetDescription(description.dump());
  });
}

}  // namespace ddlsim
