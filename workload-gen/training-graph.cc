// SPDX-License-Identifier: MIT
#include "workload-gen/training-graph.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/input-error.h"
#include "hardware/roofline.h"
#include "workload-gen/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kNoNode = 0;  // ids begin at 1

void AddUnique(std::vector<uint64_t>& ids, uint64_t id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

// What a trace can state bounds what can be generated.
void CheckLimits(const GraphNode& node) {
  if (node.memory_bytes <= kSizeMaxBytes && node.size_bytes <= kSizeMaxBytes &&
      (node.type != NodeType::kCompute || node.duration_ns <= kDurationMaxNs)) {
    return;
  }
  throw InputError("--batch", "'" + node.name + "' would move over 2^50 bytes or take over 10^6 s",
                   "choose a smaller batch, sequence or model");
}

class GraphEmitter {
 public:
  GraphEmitter(const TrainingPlan& plan, const NodeSink& sink)
      : m_plan(plan),
        m_operations(plan.model.operations),
        m_sink(sink),
        m_forward(m_operations.size(), kNoNode),
        m_gradient_sources(m_operations.size()) {}

  IterationTotals Run() {
    for (uint32_t i = 0; i < m_plan.iterations; ++i) {
      m_totals = {};
      m_prefix = absl::StrCat("iteration", i, "/");
      for (size_t k = 0; k < m_operations.size(); ++k) EmitForward("forward/", k);
      EmitBackwardPass();
      EmitOptimizer();
    }
    return m_totals;
  }

 private:
  uint64_t EmitCompute(const std::string& name, const std::string& operation_class,
                       const Work& work, std::vector<uint64_t> data_dependencies) {
    GraphNode node;
    node.id = m_next_id++;
    node.name = m_prefix + name;
    node.type = NodeType::kCompute;
    node.data_dependencies = std::move(data_dependencies);
    const std::vector<uint64_t>& data = node.data_dependencies;
    if (m_last_compute != kNoNode &&
        std::find(data.begin(), data.end(), m_last_compute) == data.end()) {
      node.control_dependencies.push_back(m_last_compute);
    }
    node.operations = work.operations;
    node.memory_bytes = work.memory_bytes;
    node.operation_class = operation_class;
    node.duration_ns =
        DurationNs(m_plan.gpu, m_plan.formats.compute, UnitOfClass(operation_class), work);
    CheckLimits(node);
    m_sink(node);
    m_last_compute = node.id;
    ++m_totals.nodes;
    ++m_totals.compute_nodes;
    m_totals.operations = Sum(m_totals.operations, work.operations);
    m_totals.memory_bytes = Sum(m_totals.memory_bytes, work.memory_bytes);
    m_totals.compute_ns = Sum(m_totals.compute_ns, node.duration_ns);
    return node.id;
  }

  void EmitForward(const char* phase, size_t index) {
    const Operation& operation = m_operations[index];
    std::vector<uint64_t> inputs;
    for (size_t input : operation.inputs) AddUnique(inputs, m_forward[input]);
    // What begins a pass waits for the parameters of the previous iteration; the rest follows it.
    if (inputs.empty() && m_last_optimizer != kNoNode) inputs.push_back(m_last_optimizer);
    m_forward[index] = EmitCompute(phase + operation.name, operation.operation_class,
                                   operation.forward, std::move(inputs));
  }

  void EmitBackwardPass() {
    for (std::vector<uint64_t>& sources : m_gradient_sources) sources.clear();
    m_last_all_reduces.clear();
    std::vector<uint64_t> backward(m_operations.size(), kNoNode);
    size_t next_bucket = 0;
    int recomputed_block = -1;
    for (size_t i = m_operations.size(); i-- > 0;) {
      const Operation& operation = m_operations[i];
      if (m_plan.recompute && operation.block >= 0 && operation.block != recomputed_block) {
        recomputed_block = operation.block;
        Recompute(i);
      }
      std::vector<uint64_t> sources = std::move(m_gradient_sources[i]);
      if (operation.has_backward) {
        // Last the saved activations: reading the graph, gradients come first.
        AddUnique(sources, m_forward[i]);
        backward[i] = EmitCompute("backward/" + operation.name, operation.operation_class,
                                  operation.backward, std::move(sources));
        sources = {backward[i]};
      }
      for (size_t input : operation.inputs) {
        for (uint64_t id : sources) AddUnique(m_gradient_sources[input], id);
      }
      while (m_plan.data_parallel > 1 && next_bucket < m_plan.buckets.size() &&
             m_plan.buckets[next_bucket].producers.back() == i) {
        EmitAllReduce(next_bucket++, backward);
      }
    }
  }

  // The forward pass of the block that ends with operation `last`.
  void Recompute(size_t last) {
    size_t first = last;
    while (first > 0 && m_operations[first - 1].block == m_operations[last].block) --first;
    for (size_t k = first; k <= last; ++k) EmitForward("recompute/", k);
  }

  void EmitAllReduce(size_t index, const std::vector<uint64_t>& backward) {
    const GradientBucket& bucket = m_plan.buckets[index];
    GraphNode node;
    node.id = m_next_id++;
    node.name = absl::StrCat(m_prefix, "all_reduce/bucket", index);
    node.type = NodeType::kCollective;
    node.collective = CollectiveType::kAllReduce;
    node.group = kDataParallelAxis;
    node.size_bytes = bucket.size_bytes;
    for (size_t producer : bucket.producers) node.data_dependencies.push_back(backward[producer]);
    if (!m_last_all_reduces.empty()) node.control_dependencies = {m_last_all_reduces.back()};
    CheckLimits(node);
    m_sink(node);
    m_last_all_reduces.push_back(node.id);
    ++m_totals.nodes;
    ++m_totals.all_reduces;
    m_totals.all_reduce_bytes = Sum(m_totals.all_reduce_bytes, bucket.size_bytes);
  }

  void EmitOptimizer() {
    std::vector<uint64_t> gradients = m_last_all_reduces;
    if (gradients.empty()) gradients.push_back(m_last_compute);
    m_last_optimizer =
        EmitCompute("optimizer", "optimizer",
                    OptimizerWork(m_plan.formats, m_plan.optimizer, m_plan.model.ParameterCount()),
                    std::move(gradients));
  }

  const TrainingPlan& m_plan;
  const std::vector<Operation>& m_operations;
  const NodeSink& m_sink;
  IterationTotals m_totals;
  std::string m_prefix;
  uint64_t m_next_id = 1;
  uint64_t m_last_compute = kNoNode;
  uint64_t m_last_optimizer = kNoNode;
  std::vector<uint64_t> m_last_all_reduces;
  std::vector<uint64_t> m_forward;  // node of each operation's newest forward pass
  // Nodes that produce the gradient of each operation's output, gathered from its consumers.
  std::vector<std::vector<uint64_t>> m_gradient_sources;
};

}  // namespace

IterationTotals EmitTrainingGraph(const TrainingPlan& plan, const NodeSink& sink) {
  return GraphEmitter(plan, sink).Run();
}

}  // namespace ddlsim
