// SPDX-License-Identifier: MIT
//
// Graphs of parallel plans: what every one of them has to be, over random plans, and closed forms.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/input-error.h"
#include "traces/trace-set.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/plan/workload.h"
#include "workload-gen/program/workload-writer.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLayers = 8, kHidden = 64, kTokens = 64, kVocabulary = 512;

// Small enough for thousands of plans, and divisible by small degrees.
const char* const kDense = R"(family: transformer
models:
  dense:
    source: "made up"
    title: Dense
    layers: 8
    hidden: 64
    heads: 8
    feed_forward: 256
    vocabulary: 512
    positions: 64
    position_embedding: learned
    normalization: layer
    norm_position: pre
    activation: gelu
    bias: true
    fused_qkv: true
    tied_embedding: true
    optimizer: adam
    batch: 1
)";

const char* const kExperts = R"(family: transformer
models:
  experts:
    source: "made up"
    title: Experts
    layers: 8
    hidden: 64
    heads: 8
    key_value_heads: 4
    feed_forward: 256
    experts: 8
    experts_per_token: 2
    expert_width: 128
    shared_width: 64
    dense_layers: 1
    vocabulary: 512
    positions: 64
    position_embedding: rotary
    normalization: rms
    norm_position: pre
    activation: swiglu
    bias: false
    fused_qkv: false
    tied_embedding: false
    optimizer: adam
    batch: 1
)";

class ParallelGraph : public testing::Test {
 protected:
  void SetUp() override {
    m_folder = fs::path(testing::TempDir()) /
               ("parallel-" + std::to_string(getpid()) +
                testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(m_folder);
    std::ofstream(m_folder / "dense.yaml") << kDense;
    std::ofstream(m_folder / "experts.yaml") << kExperts;
  }
  void TearDown() override { fs::remove_all(m_folder); }

  WorkloadOptions Options(const char* model) const {
    WorkloadOptions options;
    options.model = (m_folder / (std::string(model) + ".yaml")).string();
    return options;
  }

  fs::path m_folder;
};

using Graph = std::vector<GraphNode>;

std::vector<Graph> Graphs(const Workload& workload) {
  std::vector<Graph> graphs(workload.StageCount());
  for (uint32_t stage = 0; stage < graphs.size(); ++stage) {
    EmitTrainingGraph(workload.plan, stage,
                      [&](const GraphNode& node) { graphs[stage].push_back(node); });
  }
  return graphs;
}

// When everything but the optimizers is over on a network that costs nothing; 0 where the stages
// wait for each other for ever.
uint64_t ZeroCostEnd(const std::vector<Graph>& graphs) {
  std::vector<size_t> next(graphs.size());
  std::vector<std::vector<uint64_t>> ends(graphs.size());
  std::map<std::pair<uint32_t, size_t>, uint64_t> sent;  // by tag and receiver
  uint64_t end = 0;
  const size_t stages = graphs.size();
  for (bool has_moved = true; has_moved;) {
    has_moved = false;
    for (size_t stage = 0; stage < stages; ++stage) {
      for (; next[stage] < graphs[stage].size(); ++next[stage], has_moved = true) {
        const GraphNode& node = graphs[stage][next[stage]];
        uint64_t ready = 0;
        for (const auto* list : {&node.data_dependencies, &node.control_dependencies}) {
          for (uint64_t id : *list) ready = std::max(ready, ends[stage][id - 1]);
        }
        if (node.type == NodeType::kReceive && node.group == "pp") {
          const auto message = sent.find({node.tag, stage});
          if (message == sent.end()) break;
          ready = std::max(ready, message->second);
        }
        if (node.type == NodeType::kSend && node.group == "pp") {
          sent[{node.tag, (stage + stages + node.peer_offset) % stages}] = ready;
        }
        if (node.type == NodeType::kCompute) ready += node.duration_ns;
        ends[stage].push_back(ready);
        if (node.operation_class != "optimizer") end = std::max(end, ready);
      }
    }
  }
  for (size_t stage = 0; stage < stages; ++stage) {
    if (next[stage] < graphs[stage].size()) return 0;
  }
  return end;
}

uint64_t MatrixOperations(const LayerModel& model) {
  uint64_t operations = 0;
  for (const Operation& operation : model.operations) {
    if (UnitOfClass(operation.operation_class) != ArithmeticUnit::kMatrix) continue;
    operations += operation.forward.operations + operation.backward.operations;
  }
  return operations;
}

uint64_t TensorBytes(const std::vector<Graph>& graphs) {
  uint64_t bytes = 0;
  for (const Graph& graph : graphs) {
    for (const GraphNode& node : graph) {
      if (node.type == NodeType::kCollective && node.group == "tp") bytes += node.size_bytes;
    }
  }
  return bytes;
}

WorkloadOptions RandomPlan(WorkloadOptions options, bool has_experts, std::mt19937& random) {
  const auto one_of = [&random](std::vector<uint32_t> values) {
    return values[random() % values.size()];
  };
  Parallelism& plan = options.parallelism;
  plan.tensor = one_of({1, 2, 4});
  plan.context = one_of({1, 1, 2, 4});
  plan.data = one_of({1, 2, 4});
  plan.pipeline = one_of({1, 2, 3, 4, 8});
  plan.sequence = one_of({0, 1, 1}) == 1;
  if (plan.tensor > 1 && plan.sequence) {
    plan.overlap = ParseTensorOverlap(
        "--tp-comm-overlap",
        std::vector<const char*>{"none", "bulk", "ring_exchange", "pipeline:2"}[random() % 4]);
  }
  plan.rank_order = std::vector<std::string>{"tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp", "pp-tp-ep-dp-cp",
                                             "tp-dp-ep-cp-pp"}[random() % 4];
  if (has_experts) {
    plan.expert = one_of({1, 2, 4, 8});
    plan.expert_tensor = one_of({0, 1});
    const uint32_t imbalance = one_of({1, 1, 2, plan.expert});
    if (plan.expert > 1) options.expert_loads.imbalance_ppm = imbalance * 1000000;
    options.seed = random();
  }
  options.schedule = std::vector<PipelineSchedule>{
      PipelineSchedule::kGpipe, PipelineSchedule::k1F1B, PipelineSchedule::kInterleaved,
      PipelineSchedule::kZeroBubble}[random() % 4];
  options.virtual_stages = options.schedule == PipelineSchedule::kInterleaved ? 2 : 1;
  options.micro_batches = one_of({1, 2, 4, 8, 12});
  options.batch = uint64_t{options.micro_batches} * one_of({1, 2});
  options.zero = static_cast<ZeroStage>(one_of({0, 0, 1, 2, 3}));
  options.overlaps_parameter_gather =
      (options.zero == ZeroStage::kOptimizer || options.zero == ZeroStage::kGradients) &&
      one_of({0, 1}) == 1;
  options.adapters.rank = one_of({0, 0, 0, 2, 16});
  if (options.adapters.rank > 0) {
    options.adapters.targets =
        std::vector<const char*>{"qkv", "attention", "feed_forward", "all"}[random() % 4];
  }
  options.prefetch = one_of({0, 1, 2});
  options.recompute = one_of({0, 1}) == 1;
  options.iterations = one_of({1, 2});
  options.buckets = {1024, one_of({4096, 65536, 1u << 20})};
  switch (random() % 6) {
    case 0:
      plan.data_group = one_of({2, 4});
      break;
    case 1:
      options.compression = std::vector<Compression>{Compression::kFp16, Compression::kInt8,
                                                     Compression::kTopK}[random() % 3];
      break;
    case 2:
      options.local_steps = 2;
      break;
    default:
      break;
  }
  return options;
}

// DDL_PLANS=1000 tries so many plans that are possible.
uint32_t PlanCount() {
  const char* text = std::getenv("DDL_PLANS");
  return text == nullptr ? 60 : static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
}

// Bytes of gradients that a rank of the stage brings to its data-parallel groups, in all.
uint64_t ReducedBytes(const Graph& graph) {
  uint64_t bytes = 0;
  for (const GraphNode& node : graph) {
    const bool reduces = node.collective == CollectiveType::kAllReduce ||
                         node.collective == CollectiveType::kReduceScatter;
    const bool is_data = node.group == "dp" || node.group == "edp";
    if (node.type == NodeType::kCollective && reduces && is_data) bytes += node.size_bytes;
  }
  return bytes;
}

// Every gradient once per iteration, and under ZeRO 2 and 3 once per micro-batch.
uint64_t GradientBytes(const Workload& workload, uint32_t stage) {
  const DataParallelPlan& plan = workload.plan.data_parallel;
  uint64_t elements = 0;
  for (const StagePart& part : workload.plan.PartsOf(stage)) {
    for (const ParameterTensor& tensor : part.model.parameters) {
      const bool is_expert = plan.divides_experts && tensor.routed_expert;
      if ((is_expert ? plan.expert_ranks : plan.ranks) > 1) elements += tensor.elements;
    }
  }
  const uint32_t times = plan.zero >= ZeroStage::kGradients ? workload.options.micro_batches : 1;
  return plan.gradient_bytes * elements * times * workload.options.iterations;
}

TEST_F(ParallelGraph, RandomPlansHoldTheInvariants) {
  const uint32_t seed = 20;
  std::mt19937 random(seed);
  uint32_t tried = 0, refused = 0;
  while (tried < PlanCount()) {
    const bool has_experts = random() % 2 == 1;
    const WorkloadOptions options =
        RandomPlan(Options(has_experts ? "experts" : "dense"), has_experts, random);
    Workload workload;
    try {
      WorkloadOptions checked = options;
      CheckWorkloadOptions(checked);
      workload = PlanWorkload(checked);
      GroupAxes(options.parallelism);
      workload.plan.PartsOf(0);
    } catch (const InputError& error) {
      ++refused;
      // For its degrees, not for numbers that came out wrong.
      EXPECT_NE(error.Place(), "--batch") << error.what();
      continue;
    }
    ++tried;
    SCOPED_TRACE(CanonicalCommand(workload.options));
    const fs::path folder = m_folder / std::to_string(tried);
    // The writer validates what it has written: acyclic, every send received, groups agree.
    ASSERT_NO_THROW(WriteWorkload(workload, folder.string()));
    fs::remove_all(folder);
    const std::vector<Graph> graphs = Graphs(workload);
    EXPECT_GT(ZeroCostEnd(graphs), 0u) << "the stages wait for ever";
    if (options.compression == Compression::kNone && options.local_steps == 1 &&
        options.parallelism.data_group == 0) {
      for (uint32_t stage = 0; stage < graphs.size(); ++stage) {
        EXPECT_EQ(ReducedBytes(graphs[stage]), GradientBytes(workload, stage)) << stage;
      }
    }
    const Parallelism& plan = options.parallelism;
    // Replicated layers are computed by every rank unless the tokens are divided.
    const bool has_replicas = has_experts || options.adapters.rank > 0;
    if (options.recompute || (plan.tensor > 1 && !plan.sequence && has_replicas)) continue;
    uint64_t operations = 0;
    for (const PlannedClass& each : PlannedClasses(workload)) {
      operations += each.ranks.size() * each.Emit([](const GraphNode&) {}).matrix_operations;
    }
    EXPECT_EQ(operations, MatrixOperations(workload.whole) * options.micro_batches * plan.data);
  }
  EXPECT_LT(refused, 20 * tried);
}

TEST_F(ParallelGraph, TensorParallelBytesAreMegatrons) {
  for (uint32_t micro_batches : {1u, 3u}) {
    for (uint32_t stages : {1u, 2u, 8u}) {
      for (bool recompute : {false, true}) {
        WorkloadOptions options = Options("dense");
        options.parallelism.tensor = 4;
        options.parallelism.pipeline = stages;
        options.micro_batches = micro_batches;
        options.recompute = recompute;
        const uint64_t rows = kTokens, x = rows * kHidden * 2, loss = 3 * 4 * rows;
        // Korthikanti et al. 2022, section 4.2.2: per layer two all_gathers and two reduce_scatters
        // forward, as many backward, and two all_gathers for the weights' gradients. The embedding
        // is reduced once each way, the output layer gathers its input twice and reduces once.
        const uint64_t forward = kLayers * 4 * x;
        uint64_t expected = forward + kLayers * 6 * x + 2 * x + 3 * x + loss;
        if (recompute) expected += forward;
        // Norms (weight and bias) and the biases behind divided products.
        const uint64_t norms = kLayers * (4 * kHidden + 2 * kHidden) + 2 * kHidden;
        options.parallelism.sequence = true;
        EXPECT_EQ(TensorBytes(Graphs(PlanWorkload(options))), micro_batches * expected + 4 * norms);
        // Shoeybi et al. 2019, section 3: two all_reduces per layer each way.
        uint64_t plain = kLayers * 4 * x + x + x + loss;
        if (recompute) plain += kLayers * 2 * x;
        options.parallelism.sequence = false;
        EXPECT_EQ(TensorBytes(Graphs(PlanWorkload(options))), micro_batches * plain);
      }
    }
  }
}

uint64_t BytesOn(const Graph& graph, const char* axis, CollectiveType type) {
  uint64_t bytes = 0;
  for (const GraphNode& node : graph) {
    const bool is_it = node.type == NodeType::kCollective && node.collective == type;
    if (is_it && node.group == axis) bytes += node.size_bytes;
  }
  return bytes;
}

// All bytes per rank and iteration of ways to exchange the same gradients.
TEST_F(ParallelGraph, ExchangedBytesFollowFromTheParameters) {
  WorkloadOptions options = Options("dense");
  options.parallelism.data = 8;
  options.iterations = 2;
  const uint64_t parameters = PlanWorkload(options).whole.ParameterCount();
  const auto graph = [](const WorkloadOptions& wanted) {
    return Graphs(PlanWorkload(wanted)).front();
  };
  EXPECT_EQ(BytesOn(graph(options), "dp", CollectiveType::kAllReduce), 2 * 4 * parameters);

  WorkloadOptions grouped = options;
  grouped.parallelism.data_group = 4;
  const Graph inner = graph(grouped);
  EXPECT_EQ(BytesOn(inner, "dp_inner", CollectiveType::kReduceScatter), 2 * 4 * parameters);
  EXPECT_EQ(BytesOn(inner, "dp_outer", CollectiveType::kAllReduce), 2 * parameters);
  EXPECT_EQ(BytesOn(inner, "dp_inner", CollectiveType::kAllGather), 2 * 4 * parameters);
  grouped.zero = ZeroStage::kParameters;
  const Graph sharded = graph(grouped);
  EXPECT_EQ(BytesOn(sharded, "dp_inner", CollectiveType::kReduceScatter), 2 * 4 * parameters);
  EXPECT_EQ(BytesOn(sharded, "dp_outer", CollectiveType::kAllReduce), 2 * parameters);
  // Before the forward and before the backward pass, in bf16.
  EXPECT_GE(BytesOn(sharded, "dp_inner", CollectiveType::kAllGather), 2 * 2 * 2 * parameters);

  WorkloadOptions small = options;
  small.compression = Compression::kFp16;
  EXPECT_EQ(BytesOn(graph(small), "dp", CollectiveType::kAllReduce), 2 * 2 * parameters);
  small.compression = Compression::kInt8;
  EXPECT_EQ(BytesOn(graph(small), "dp", CollectiveType::kAllToAll), 2 * parameters);
  EXPECT_EQ(BytesOn(graph(small), "dp", CollectiveType::kAllGather), 2 * parameters);
  small.compression = Compression::kTopK;
  small.top_share = 1;  // all values of all ranks, each with its index
  EXPECT_EQ(BytesOn(graph(small), "dp", CollectiveType::kAllGather), 2 * 8 * 8 * parameters);

  WorkloadOptions local = options;
  local.local_steps = 2;
  EXPECT_EQ(BytesOn(graph(local), "dp", CollectiveType::kAllReduce), 4 * parameters);
}

TEST_F(ParallelGraph, ParameterServersGetAllGradientsAndSendAllParameters) {
  for (int staleness : {-1, 0, 1, 5}) {
    WorkloadOptions options = Options("dense");
    options.parallelism.data = 3;
    options.parallelism.servers = 2;
    options.iterations = 4;
    options.buckets = {4096, 65536};
    if (staleness >= 0) options.staleness = static_cast<uint32_t>(staleness);
    CheckWorkloadOptions(options);
    const Workload workload = PlanWorkload(options);
    const uint64_t bytes = 4 * workload.whole.ParameterCount();
    ASSERT_NO_THROW(WriteWorkload(workload, (m_folder / "set").string())) << staleness;
    const std::vector<IterationTotals> totals = CountWorkload(workload);
    ASSERT_EQ(totals.size(), 3u);
    EXPECT_EQ(totals[0].send_bytes, bytes);
    EXPECT_EQ(totals[1].send_bytes + totals[2].send_bytes, 3 * bytes);
    EXPECT_EQ(totals[0].collectives, 0u);
    // A reply waits for the pushes of all workers, `staleness` iterations before.
    std::map<uint64_t, std::string> names;
    PlannedClasses(workload)[1].Emit([&](const GraphNode& node) {
      names[node.id] = node.name;
      if (staleness < 0 || node.name != "iteration3/reply/bucket0.worker1") return;
      const size_t others = staleness == 5 ? 0 : staleness == 0 ? 2 : 3;
      EXPECT_EQ(node.control_dependencies.size(), others);
      for (uint64_t id : node.control_dependencies) {
        EXPECT_EQ(names[id].rfind("iteration" + std::to_string(3 - staleness), 0), 0u);
      }
    });
  }
}

// Blocks of one product each, all alike, so that the papers' formulas hold to the nanosecond.
TrainingPlan EqualBlocks(const PipelineShape& pipeline) {
  TrainingPlan plan;
  plan.gpu = LoadGpu("h100");
  plan.formats = {Precision::kBf16, Precision::kBf16};
  plan.pipeline = pipeline;
  LayerBuilder layers("blocks", plan.formats);
  std::vector<size_t> inputs;
  for (uint32_t block = 0; block < pipeline.stages * pipeline.chunks; ++block) {
    layers.SetBlock(static_cast<int>(block));
    inputs = {layers.AddLinear("product", inputs, {1024, 1024, 1024, false, true})};
  }
  plan.model = layers.Finish();
  return plan;
}

TEST(ParallelGraphBubble, IsThatOfThePapersOnAZeroCostNetwork) {
  for (uint32_t stages : {2u, 3u, 8u}) {
    for (uint32_t batches : {stages, 3 * stages}) {
      for (const PipelineShape& shape :
           {PipelineShape{PipelineSchedule::kGpipe, stages, 1, batches},
            PipelineShape{PipelineSchedule::k1F1B, stages, 1, batches},
            PipelineShape{PipelineSchedule::kInterleaved, stages, 3, batches},
            PipelineShape{PipelineSchedule::kZeroBubble, stages, 1, batches}}) {
        const TrainingPlan plan = EqualBlocks(shape);
        const Operation& block = plan.model.operations.front();
        const auto ns = [&](const Work& work) {
          return DurationNs(plan.gpu, plan.formats.compute, ArithmeticUnit::kMatrix, work);
        };
        const bool is_split = shape.schedule == PipelineSchedule::kZeroBubble;
        const Work& all = block.backward;
        const Work& weights = block.weight_gradient;
        Work inputs{all.operations - weights.operations, all.memory_bytes - weights.memory_bytes,
                    all.kernels - weights.kernels};
        inputs.matrix_kernels.assign(
            all.matrix_kernels.begin(),
            all.matrix_kernels.end() - static_cast<long>(weights.matrix_kernels.size()));
        const uint64_t forward = ns(block.forward);
        const uint64_t backward = is_split ? ns(inputs) + ns(weights) : ns(all);
        const uint64_t bubble = is_split ? forward + ns(inputs) - ns(weights) : forward + backward;
        std::vector<Graph> graphs(stages);
        for (uint32_t stage = 0; stage < stages; ++stage) {
          EmitTrainingGraph(plan, stage,
                            [&](const GraphNode& node) { graphs[stage].push_back(node); });
        }
        EXPECT_EQ(ZeroCostEnd(graphs),
                  uint64_t{batches} * shape.chunks * (forward + backward) + (stages - 1) * bubble)
            << PipelineScheduleName(shape.schedule) << ' ' << stages << ' ' << batches;
      }
    }
  }
}

}  // namespace
}  // namespace ddlsim
