// SPDX-License-Identifier: MIT
#include "workload-gen/graph/training-graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "hardware/roofline.h"
#include "workload-gen/architecture/architecture.h"

namespace ddlsim {
namespace {

TrainingPlan Plan(const std::string& model, uint32_t data_parallel, uint32_t iterations = 1) {
  TrainingPlan plan;
  plan.model = BuildLayers(LoadArchitecture(model), {2, 128}, plan.formats);
  plan.gpu = LoadGpu("h100");
  plan.data_parallel.ranks = plan.data_parallel.expert_ranks = data_parallel;
  plan.iterations = iterations;
  return plan;
}

struct Graph {
  std::vector<GraphNode> nodes;  // node i has id i + 1
  std::map<std::string, const GraphNode*> by_name;
  IterationTotals totals;

  const GraphNode& operator[](const std::string& name) const {
    const auto found = by_name.find(name);
    if (found == by_name.end()) throw std::out_of_range("no node " + name);
    return *found->second;
  }
};

Graph Emit(const TrainingPlan& plan) {
  Graph graph;
  graph.totals =
      EmitTrainingGraph(plan, 0, [&](const GraphNode& node) { graph.nodes.push_back(node); });
  for (const GraphNode& node : graph.nodes) graph.by_name[node.name] = &node;
  return graph;
}

bool DependsOn(const std::vector<uint64_t>& dependencies, const GraphNode& node) {
  return std::find(dependencies.begin(), dependencies.end(), node.id) != dependencies.end();
}

TEST(TrainingGraph, IsTopologicalWithUniqueNamesInEveryModel) {
  for (const Architecture& architecture : ListArchitectures()) {
    for (bool recompute : {false, true}) {
      TrainingPlan plan = Plan(architecture.name, 16, 2);
      plan.recompute = recompute;
      const Graph graph = Emit(plan);
      EXPECT_EQ(graph.by_name.size(), graph.nodes.size()) << architecture.name;
      for (size_t i = 0; i < graph.nodes.size(); ++i) {
        const GraphNode& node = graph.nodes[i];
        EXPECT_EQ(node.id, i + 1);
        std::set<uint64_t> all;
        for (const auto* list : {&node.data_dependencies, &node.control_dependencies}) {
          for (uint64_t id : *list) {
            EXPECT_GE(id, 1u);
            EXPECT_LT(id, node.id) << node.name;
            EXPECT_TRUE(all.insert(id).second) << node.name << " names a dependency twice";
          }
        }
        // Everything but the very first node waits for something.
        EXPECT_EQ(all.empty(), i == 0) << node.name;
      }
    }
  }
}

TEST(TrainingGraph, ComputeNodesFormOneStream) {
  const Graph graph = Emit(Plan("resnet50", 4, 2));
  const GraphNode* last = nullptr;
  for (const GraphNode& node : graph.nodes) {
    if (node.type != NodeType::kCompute) continue;
    if (last != nullptr) {
      EXPECT_TRUE(DependsOn(node.data_dependencies, *last) ||
                  DependsOn(node.control_dependencies, *last))
          << node.name << " does not wait for " << last->name;
    }
    last = &node;
  }
}

TEST(TrainingGraph, AllReducesWaitForExactlyTheirGradients) {
  for (const char* model : {"gpt2", "bert-base", "llama2-7b", "resnet50"}) {
    const TrainingPlan plan = Plan(model, 16);
    const Graph graph = Emit(plan);
    const auto buckets = FormBuckets(plan.model, plan.formats.GradientBytes(), {});
    uint64_t bytes = 0;
    for (size_t i = 0; i < buckets.size(); ++i) {
      const GraphNode& node = graph["iteration0/all_reduce/bucket" + std::to_string(i)];
      EXPECT_EQ(node.type, NodeType::kCollective);
      EXPECT_EQ(node.collective, CollectiveType::kAllReduce);
      EXPECT_EQ(node.group, "dp");
      EXPECT_EQ(node.size_bytes, buckets[i].size_bytes);
      bytes += node.size_bytes;
      std::set<uint64_t> expected;
      for (size_t producer : buckets[i].producers) {
        expected.insert(graph["iteration0/backward/" + plan.model.operations[producer].name].id);
      }
      EXPECT_EQ(std::set<uint64_t>(node.data_dependencies.begin(), node.data_dependencies.end()),
                expected);
      // It is emitted as soon as it can be: right after the last of them.
      EXPECT_GE(node.id, *expected.rbegin() + 1);
      // One after another, as the streams of a communication library run.
      if (i > 0) {
        EXPECT_EQ(node.control_dependencies.size(), 1u);
        EXPECT_TRUE(DependsOn(node.control_dependencies,
                              graph["iteration0/all_reduce/bucket" + std::to_string(i - 1)]));
      }
      EXPECT_TRUE(DependsOn(graph["iteration0/optimizer"].data_dependencies, node));
    }
    EXPECT_EQ(bytes, plan.model.ParameterCount() * 4) << model;
    EXPECT_EQ(graph.totals.CollectiveBytes("dp"), bytes);
    EXPECT_EQ(graph.totals.collectives, buckets.size());
  }
}

TEST(TrainingGraph, BackwardPassDoesNotWaitForTheNetwork) {
  const Graph graph = Emit(Plan("gpt2", 16));
  for (const GraphNode& node : graph.nodes) {
    if (node.type != NodeType::kCompute || node.name == "iteration0/optimizer") continue;
    for (uint64_t id : node.data_dependencies) {
      EXPECT_EQ(graph.nodes[id - 1].type, NodeType::kCompute) << node.name;
    }
  }
}

TEST(TrainingGraph, GradientsFlowAlongTheForwardEdges) {
  const Graph graph = Emit(Plan("gpt2", 16));
  auto expect_edge = [&](const std::string& from, const std::string& to) {
    EXPECT_TRUE(DependsOn(graph["iteration0/" + to].data_dependencies, graph["iteration0/" + from]))
        << to << " does not read " << from;
  };
  expect_edge("forward/embedding", "forward/block0.attention_norm");
  expect_edge("forward/block0.attention.qkv", "forward/block0.attention.core");
  // Both inputs of a residual addition.
  expect_edge("forward/embedding", "forward/block0.attention_residual");
  expect_edge("forward/block0.attention.output", "forward/block0.attention_residual");
  expect_edge("forward/loss", "backward/loss");
  expect_edge("backward/loss", "backward/logits");
  expect_edge("backward/logits", "backward/final_norm");
  // The additions pass the gradient of the final norm through to the last branch and beyond.
  expect_edge("backward/final_norm", "backward/block11.feed_forward.down");
  expect_edge("backward/final_norm", "backward/block11.attention.output");
  expect_edge("backward/block11.feed_forward_norm", "backward/block11.attention.output");
  expect_edge("backward/block0.attention_norm", "backward/embedding");
  // Saved activations.
  expect_edge("forward/block3.feed_forward.gelu", "backward/block3.feed_forward.gelu");
  EXPECT_EQ(graph.by_name.count("iteration0/backward/block0.attention_residual"), 0u);
}

TEST(TrainingGraph, TheNextIterationWaitsForTheOptimizer) {
  const Graph graph = Emit(Plan("gpt2", 16, 3));
  EXPECT_TRUE(graph["iteration0/forward/embedding"].data_dependencies.empty());
  for (int i = 1; i < 3; ++i) {
    const std::string now = "iteration" + std::to_string(i),
                      before = "iteration" + std::to_string(i - 1);
    EXPECT_TRUE(DependsOn(graph[now + "/forward/embedding"].data_dependencies,
                          graph[before + "/optimizer"]));
  }
  EXPECT_EQ(graph.nodes.size(), 3 * graph.totals.nodes);
}

TEST(TrainingGraph, OneRankExchangesNothing) {
  const Graph graph = Emit(Plan("gpt2", 1));
  EXPECT_EQ(graph.totals.collectives, 0u);
  for (const GraphNode& node : graph.nodes) EXPECT_EQ(node.type, NodeType::kCompute);
  EXPECT_TRUE(DependsOn(graph["iteration0/optimizer"].data_dependencies,
                        graph["iteration0/backward/embedding"]));
}

TEST(TrainingGraph, RecomputationPrecedesTheBackwardPassOfItsBlock) {
  TrainingPlan plan = Plan("gpt2", 16);
  plan.recompute = true;
  const Graph graph = Emit(plan);
  const GraphNode& again = graph["iteration0/recompute/block5.feed_forward.gelu"];
  const GraphNode& backward = graph["iteration0/backward/block5.feed_forward.gelu"];
  EXPECT_TRUE(DependsOn(backward.data_dependencies, again));
  EXPECT_FALSE(
      DependsOn(backward.data_dependencies, graph["iteration0/forward/block5.feed_forward.gelu"]));
  // Block 6 is finished by then; block 5 starts from what block 4's forward pass left.
  EXPECT_GT(again.id, graph["iteration0/backward/block6.attention_norm"].id);
  EXPECT_TRUE(DependsOn(graph["iteration0/recompute/block5.attention_norm"].data_dependencies,
                        graph["iteration0/forward/block4.feed_forward_residual"]));
  EXPECT_EQ(graph.by_name.count("iteration0/recompute/embedding"), 0u);
}

TEST(TrainingGraph, DurationsAreBoundedByTheRooflineOfTheStatedWork) {
  const TrainingPlan plan = Plan("llama3-8b", 8);
  const Graph graph = Emit(plan);
  uint64_t compute_ns = 0;
  uint64_t operations = 0;
  for (const GraphNode& node : graph.nodes) {
    if (node.type != NodeType::kCompute) continue;
    EXPECT_FALSE(node.operation_class.empty()) << node.name;
    // What can be derived from operations, bytes and class alone bounds what shapes make of it:
    // products reach no more than the peak, attention leaves out half at most.
    const double peak = static_cast<double>(plan.gpu.Peak(plan.formats.compute));
    const double bandwidth = static_cast<double>(plan.gpu.memory_bandwidth_bytes_per_s);
    const bool is_matrix = UnitOfClass(node.operation_class) == ArithmeticUnit::kMatrix;
    const double least_ns =
        1e9 * std::max(is_matrix ? 0.5 * static_cast<double>(node.operations) / peak : 0,
                       static_cast<double>(node.memory_bytes) / bandwidth);
    EXPECT_GE(static_cast<double>(node.duration_ns), least_ns + plan.gpu.kernel_overhead_ns)
        << node.name;
    EXPECT_LE(static_cast<double>(node.duration_ns), 8 * least_ns + 8 * plan.gpu.kernel_overhead_ns)
        << node.name;
    compute_ns += node.duration_ns;
    operations += node.operations;
  }
  EXPECT_EQ(graph.totals.compute_ns, compute_ns);
  EXPECT_EQ(graph.totals.operations, operations);
}

}  // namespace
}  // namespace ddlsim
