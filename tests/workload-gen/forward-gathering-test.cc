// SPDX-License-Identifier: MIT
//
// Parameters gathered beside the forward pass: what that conserves, what waits for what, and the
// closed form of what is hidden.
#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "memory/plans.h"
#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/layers/axes.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/memory/workload-memory.h"

namespace ddlsim {
namespace {

using Graph = std::vector<GraphNode>;
using Words = std::vector<std::string>;

constexpr const char* kOption = "--overlap-param-gather=true";

Words With(Words words, const std::string& word) {
  words.push_back(word);
  return words;
}

Graph GraphOf(const TrainingPlan& plan, uint32_t stage = 0) {
  Graph graph;
  EmitTrainingGraph(plan, stage, [&](const GraphNode& node) { graph.push_back(node); });
  return graph;
}

const std::vector<Words> kPlans = {
    {"--model=gpt2", "--dp=4", "--zero=1", "--batch=1", "--iterations=2", "--sequence-length=128"},
    {"--model=llama3.2-1b", "--dp=8", "--dp-group=4", "--zero=2", "--microbatches=2", "--batch=2",
     "--sequence-length=128", "--recompute=full"},
    {"--model=llama3.2-1b", "--tp=2", "--dp=2", "--zero=1", "--tp-comm-overlap=pipeline",
     "--parameter-precision=bf16", "--batch=1", "--sequence-length=128", "--bucket-size=1MiB"},
    {"--model=llama3.2-1b", "--tp=4", "--cp=2", "--zero=1", "--tp-comm-overlap=ring_exchange",
     "--microbatches=2", "--batch=2", "--sequence-length=128", "--recompute=full",
     "--bucket-size=1MiB"},
    {"--model=gpt2", "--tp=2", "--dp=2", "--pp=3", "--zero=2", "--schedule=zero-bubble",
     "--microbatches=6", "--batch=6", "--sequence-length=128", "--bucket-size=4MiB"},
    {"--model=qwen1.5-moe-a2.7b", "--tp=2", "--ep=2", "--dp=4", "--pp=2", "--zero=1",
     "--schedule=interleaved", "--virtual-stages=2", "--microbatches=4", "--batch=4",
     "--sequence-length=128", "--iterations=2"},
    {"--model=deepseek-v2-lite", "--tp=2", "--etp=1", "--ep=4", "--dp=4", "--zero=1", "--batch=1",
     "--sequence-length=128", "--tp-comm-overlap=bulk"},
};

// All that a node does, but for what it waits for.
using Deed = std::tuple<std::string, NodeType, std::string, uint64_t, uint64_t, uint64_t, uint64_t>;

std::multiset<Deed> Deeds(const Graph& graph) {
  std::multiset<Deed> deeds;
  for (const GraphNode& node : graph) {
    deeds.emplace(node.name, node.type, node.group, node.size_bytes, node.duration_ns,
                  node.operations, node.memory_bytes);
  }
  return deeds;
}

bool IsBucketGather(const std::string& name) {
  return name.find("/all_gather/") != std::string::npos && name.find("bucket") != std::string::npos;
}

TEST(ForwardGathering, DoesTheSameInAnotherOrder) {
  for (const Words& words : kPlans) {
    SCOPED_TRACE(CanonicalCommand(TypedOptions(words)));
    const Workload behind = Planned(words), beside = Planned(With(words, kOption));
    EXPECT_EQ(JudgeMemory(behind).PeakBytes(), JudgeMemory(beside).PeakBytes());
    for (uint32_t stage = 0; stage < behind.StageCount(); ++stage) {
      const Graph before = GraphOf(behind.plan, stage), after = GraphOf(beside.plan, stage);
      EXPECT_EQ(Deeds(before), Deeds(after));
      EXPECT_TRUE(std::any_of(after.begin(), after.end(),
                              [](const GraphNode& node) { return IsBucketGather(node.name); }));
      // They end an iteration, or begin it.
      EXPECT_TRUE(IsBucketGather(before.back().name));
      EXPECT_EQ(after.back().operation_class, "optimizer");
    }
  }
}

// What each node waits for, directly or not: gathers of its iteration, and optimizers.
class Waits {
 public:
  explicit Waits(const Graph& graph) {
    std::vector<Bits> waits(graph.size() + 1);
    for (const GraphNode& node : graph) {
      Bits& own = waits[node.id];
      for (const auto* list : {&node.data_dependencies, &node.control_dependencies}) {
        for (uint64_t id : *list) own |= waits[id];
      }
      m_of_name[node.name] = own;
      if (!IsBucketGather(node.name) && node.operation_class != "optimizer") continue;
      const size_t bit = m_bits.size();
      m_bits[node.name] = bit;
      own.set(bit);
    }
  }
  bool DoesWait(const std::string& name, const std::string& what) const {
    return m_of_name.at(name).test(m_bits.at(what));
  }
  std::vector<std::string> NamesThatBegin(const std::string& start) const {
    std::vector<std::string> names;
    for (auto it = m_of_name.lower_bound(start);
         it != m_of_name.end() && it->first.compare(0, start.size(), start) == 0; ++it) {
      names.push_back(it->first);
    }
    return names;
  }

 private:
  using Bits = std::bitset<2048>;
  std::map<std::string, size_t> m_bits;  // of gathers and optimizers
  std::map<std::string, Bits> m_of_name;
};

// An operation's nodes in a forward pass: itself or its pieces.
std::vector<std::string> ForwardNodes(const Waits& waits, const std::string& start) {
  std::vector<std::string> nodes;
  for (const std::string& name : waits.NamesThatBegin(start)) {
    const bool is_it = name.size() == start.size() || name.compare(start.size(), 6, ".piece") == 0;
    if (is_it) nodes.push_back(name);
  }
  return nodes;
}

// From the buckets' own lists of parameters. `prefix`: of the iteration, `micro` of its first
// micro-batch. Returns how many were looked at.
size_t ExpectReadersToWait(const Waits& waits, const LayerModel& model,
                           const GradientBucket& bucket, const std::string& gather,
                           const std::string& forward) {
  size_t checked = 0;
  for (const Operation& operation : model.operations) {
    const auto& own = operation.parameters;
    const bool reads =
        std::any_of(bucket.parameters.begin(), bucket.parameters.end(), [&own](size_t parameter) {
          return std::find(own.begin(), own.end(), parameter) != own.end();
        });
    if (!reads) continue;
    for (const std::string& name : ForwardNodes(waits, forward + operation.name)) {
      EXPECT_TRUE(waits.DoesWait(name, gather)) << name << " before " << gather;
      ++checked;
    }
  }
  return checked;
}

size_t ExpectLayersToWait(const Workload& workload, uint32_t stage, uint32_t iteration) {
  const TrainingPlan& plan = workload.plan;
  const Waits waits(GraphOf(plan, stage));
  const std::vector<StagePart> parts = plan.PartsOf(stage);
  const std::string prefix = "iteration" + std::to_string(iteration) + "/";
  const std::string forward =
      prefix + (plan.pipeline.micro_batches > 1 ? "micro0/" : "") + "forward/";
  size_t checked = 0;
  for (size_t chunk = 0; chunk < parts.size(); ++chunk) {
    const std::string part = parts.size() > 1 ? "part" + std::to_string(chunk) + "_" : "";
    const GradientSync sync(parts[chunk].model, plan.data_parallel, part);
    for (size_t queue = 0; queue < sync.Queues().size(); ++queue) {
      const std::vector<GradientBucket>& buckets = sync.Queues()[queue].Buckets();
      for (size_t i = 0; i < buckets.size(); ++i) {
        const std::string gather = prefix + "all_gather/" + part +
                                   (queue > 0 ? "expert_bucket" : "bucket") + std::to_string(i);
        if (iteration > 0) {
          EXPECT_TRUE(waits.DoesWait(gather, "iteration0/optimizer")) << gather;
        }
        checked += ExpectReadersToWait(waits, parts[chunk].model, buckets[i], gather, forward);
      }
    }
  }
  return checked;
}

TEST(ForwardGathering, LayersWaitForTheirBuckets) {
  for (const Words& words : kPlans) {
    const Workload workload = Planned(With(words, kOption));
    SCOPED_TRACE(CanonicalCommand(workload.options));
    for (uint32_t stage = 0; stage < workload.StageCount(); ++stage) {
      for (uint32_t iteration = 0; iteration < workload.plan.iterations; ++iteration) {
        EXPECT_GT(ExpectLayersToWait(workload, stage, iteration), 10u);
      }
    }
  }
}

// Only that many: with one bucket ahead, what a layer waits for are the buckets up to its own, and
// what is issued is not more than one further.
TEST(ForwardGathering, IssuesOneBucketAhead) {
  const Workload workload = Planned(
      {"--model=gpt2", "--dp=4", "--zero=1", "--batch=1", "--sequence-length=128", kOption});
  const Graph graph = GraphOf(workload.plan);
  size_t issued = 0, most_ahead = 0;
  std::set<uint64_t> gathers, waited;
  for (const GraphNode& node : graph) {
    if (IsBucketGather(node.name)) {
      gathers.insert(node.id);
      ++issued;
      continue;
    }
    for (uint64_t id : node.data_dependencies) {
      if (gathers.count(id) > 0) waited.insert(id);
    }
    most_ahead = std::max(most_ahead, issued - waited.size());
  }
  EXPECT_GT(issued, 5u);
  EXPECT_EQ(waited.size(), issued);
  EXPECT_EQ(most_ahead, 1u);
}

// Parts of an interleaved stage: those of the first two before any kernel, those of the third when
// the second begins.
TEST(ForwardGathering, IssuesWholePartsAheadOfAnInterleavedPipeline) {
  const Workload workload =
      Planned({"--model=gpt2", "--dp=4", "--zero=1", "--pp=2", "--schedule=interleaved",
               "--virtual-stages=3", "--microbatches=4", "--batch=4", "--sequence-length=128",
               "--bucket-size=4MiB", kOption});
  for (uint32_t stage = 0; stage < 2; ++stage) {
    const std::vector<StagePart> parts = workload.plan.PartsOf(stage);
    const std::string second =
        "iteration0/micro0/forward/" + parts[1].model.operations[1].name;  // behind its input
    size_t kernels = 0, before_second = 0;
    std::map<char, std::set<size_t>> issued;  // by part: kernels before
    for (const GraphNode& node : GraphOf(workload.plan, stage)) {
      if (node.type == NodeType::kCompute) {
        if (node.name == second) before_second = kernels;
        ++kernels;
      } else if (IsBucketGather(node.name)) {
        issued[node.name.at(std::string("iteration0/all_gather/part").size())].insert(kernels);
      }
    }
    EXPECT_GT(before_second, 10u);
    EXPECT_EQ(issued['0'], std::set<size_t>{0});
    EXPECT_EQ(issued['1'], std::set<size_t>{0});
    EXPECT_EQ(issued['2'], std::set<size_t>{before_second});
  }
}

constexpr uint64_t kBlocks = 6;

// Blocks of one product each, all alike, each with a bucket of its own.
TrainingPlan EqualBlocks(bool is_beside, uint32_t iterations) {
  TrainingPlan plan;
  plan.gpu = LoadGpu("h100");
  plan.formats = {Precision::kBf16, Precision::kBf16};
  plan.pipeline = {PipelineSchedule::k1F1B, 1, 1, 1};
  plan.iterations = iterations;
  plan.data_parallel.ranks = 4;
  plan.data_parallel.zero = ZeroStage::kOptimizer;
  plan.data_parallel.buckets = {1, 1};
  plan.data_parallel.gathers_beside_forward = is_beside;
  LayerBuilder layers("blocks", plan.formats);
  std::vector<size_t> inputs;
  for (uint64_t block = 0; block < kBlocks; ++block) {
    layers.SetBlock(static_cast<int>(block));
    inputs = {layers.AddLinear("product", inputs, {1024, 1024, 1024, false, true})};
  }
  plan.model = layers.Finish();
  return plan;
}

// Where each gather takes so long, and the gradients' reductions nothing.
uint64_t EndNs(const Graph& graph, uint64_t gather_ns) {
  std::vector<uint64_t> ends;
  uint64_t last = 0;
  for (const GraphNode& node : graph) {
    uint64_t end = 0;
    for (const auto* list : {&node.data_dependencies, &node.control_dependencies}) {
      for (uint64_t id : *list) end = std::max(end, ends[id - 1]);
    }
    end += node.type == NodeType::kCompute ? node.duration_ns
           : IsBucketGather(node.name)     ? gather_ns
                                           : 0;
    ends.push_back(end);
    last = std::max(last, end);
  }
  return last;
}

// The first gather and the last product stand alone; between, a product runs beside the next
// block's gather, whichever takes longer. The next iteration's gathers wait for this one's
// optimizer, so that iterations do not overlap and one that is repeated is as long as each.
TEST(ForwardGathering, HidesAllButTheFirstBucket) {
  const Graph graph = GraphOf(EqualBlocks(true, 1));
  uint64_t forward_ns = 0, compute_ns = 0;
  for (const GraphNode& node : graph) {
    if (node.type != NodeType::kCompute) continue;
    compute_ns += node.duration_ns;
    if (node.name == "iteration0/forward/product") forward_ns = node.duration_ns;
    if (node.name == "iteration0/forward/block3.product") forward_ns = node.duration_ns;
  }
  ASSERT_GT(forward_ns, 100u);
  const uint64_t rest_ns = compute_ns - kBlocks * forward_ns;
  for (uint64_t gather_ns : {uint64_t{0}, uint64_t{50}, forward_ns, 3 * forward_ns + 1}) {
    const uint64_t beside =
        gather_ns + forward_ns + (kBlocks - 1) * std::max(gather_ns, forward_ns) + rest_ns;
    const uint64_t behind = compute_ns + kBlocks * gather_ns;
    for (uint32_t iterations : {1u, 2u, 3u}) {
      EXPECT_EQ(EndNs(GraphOf(EqualBlocks(true, iterations)), gather_ns), iterations * beside);
      EXPECT_EQ(EndNs(GraphOf(EqualBlocks(false, iterations)), gather_ns), iterations * behind);
    }
  }
}

TEST(ForwardGathering, IsInTheCommandOnlyWhereItIsOn) {
  const std::string off = CanonicalCommand(TypedOptions(kPlans.front()));
  const std::string on = CanonicalCommand(TypedOptions(With(kPlans.front(), kOption)));
  EXPECT_EQ(off.find("param-gather"), std::string::npos);
  EXPECT_NE(on.find(std::string(" ") + kOption), std::string::npos);
  EXPECT_EQ(off,
            CanonicalCommand(TypedOptions(With(kPlans.front(), "--overlap-param-gather=false"))));
}

}  // namespace
}  // namespace ddlsim
