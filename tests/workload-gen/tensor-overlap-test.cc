// SPDX-License-Identifier: MIT
//
// Exchanges of tensor parallelism beside products: what they conserve, and closed forms of the time
// of products and exchanges in turns.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/input-error.h"
#include "memory/plans.h"
#include "workload-gen/graph/overlap-plan.h"
#include "workload-gen/graph/tensor-pieces.h"
#include "workload-gen/layers/axes.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/layers/work-pieces.h"
#include "workload-gen/memory/workload-memory.h"

namespace ddlsim {
namespace {

using Graph = std::vector<GraphNode>;
using Words = std::vector<std::string>;

Graph GraphOf(const Workload& workload, uint32_t stage = 0) {
  Graph graph;
  EmitTrainingGraph(workload.plan, stage, [&](const GraphNode& node) { graph.push_back(node); });
  return graph;
}

Words With(Words words, const std::string& word) {
  words.push_back(word);
  return words;
}

// Bytes that a rank sends for what tensor parallelism exchanges: of an all_gather or a
// reduce_scatter of `size` all shares but its own, of messages what they are. Of all_reduces and
// the like, which are never cut, the size.
struct Exchanged {
  uint64_t shares_bytes = 0;
  uint64_t other_bytes = 0;
};

Exchanged TensorExchanged(const Graph& graph, uint64_t ranks) {
  Exchanged exchanged;
  for (const GraphNode& node : graph) {
    if (node.group != kTensorAxis) continue;
    if (node.type == NodeType::kSend) exchanged.shares_bytes += node.size_bytes;
    if (node.type != NodeType::kCollective) continue;
    if (HasShares(node.collective)) {
      EXPECT_EQ(node.size_bytes % ranks, 0u) << node.name;
      exchanged.shares_bytes += node.size_bytes / ranks * (ranks - 1);
    } else {
      exchanged.other_bytes += node.size_bytes;
    }
  }
  return exchanged;
}

// Operations by class, without the sums that replace those of a reduce_scatter.
std::map<std::string, uint64_t> Operations(const Graph& graph) {
  std::map<std::string, uint64_t> operations;
  for (const GraphNode& node : graph) {
    const bool is_sum = node.name.find(".piece_sum") != std::string::npos;
    if (node.type == NodeType::kCompute && !is_sum) {
      operations[node.operation_class] += node.operations;
    }
  }
  return operations;
}

const std::vector<Words> kPlans = {
    {"--model=llama3.2-1b", "--tp=4", "--microbatches=2", "--batch=4", "--sequence-length=512"},
    {"--model=gpt2", "--tp=2", "--pp=3", "--schedule=zero-bubble", "--microbatches=6", "--batch=6",
     "--sequence-length=256"},
    {"--model=gpt2", "--tp=4", "--pp=2", "--recompute=full", "--microbatches=4", "--batch=4",
     "--zero=3", "--dp=2", "--sequence-length=256"},
    {"--model=llama3.2-1b", "--tp=2", "--cp=2", "--precision=fp8", "--parameter-precision=bf16",
     "--batch=1", "--sequence-length=512"},
    {"--model=qwen1.5-moe-a2.7b", "--tp=2", "--ep=2", "--dp=2", "--pp=2", "--schedule=interleaved",
     "--virtual-stages=2", "--microbatches=2", "--batch=2", "--sequence-length=256"},
    {"--model=deepseek-v2-lite", "--tp=2", "--etp=1", "--ep=2", "--batch=1",
     "--sequence-length=256"},
};

TEST(TensorOverlap, ConservesOperationsAndBytes) {
  for (const Words& words : kPlans) {
    const Workload plain = Planned(words);
    for (const char* method : {"bulk", "ring_exchange", "pipeline", "pipeline:8"}) {
      SCOPED_TRACE(CanonicalCommand(plain.options) + " but " + method);
      const Workload cut = Planned(With(words, std::string("--tp-comm-overlap=") + method));
      for (uint32_t stage = 0; stage < plain.StageCount(); ++stage) {
        const Graph before = GraphOf(plain, stage), after = GraphOf(cut, stage);
        EXPECT_EQ(Operations(before), Operations(after));
        const uint64_t ranks = plain.options.parallelism.tensor;
        const Exchanged expected = TensorExchanged(before, ranks);
        const Exchanged found = TensorExchanged(after, ranks);
        EXPECT_EQ(found.shares_bytes, expected.shares_bytes);
        EXPECT_EQ(found.other_bytes, expected.other_bytes);
        EXPECT_GT(found.shares_bytes, 0u);
        const bool has_pieces = cut.plan.overlap.CutsProducts();
        EXPECT_EQ(after.size() > before.size(), has_pieces);
      }
    }
  }
}

// What is kept, and the peak, are those of the same plan without overlap.
TEST(TensorOverlap, LeavesMemoryAsItIs) {
  for (const Words& words : kPlans) {
    const Workload plain = Planned(words);
    const Workload cut = Planned(With(words, "--tp-comm-overlap=ring_exchange"));
    EXPECT_EQ(JudgeMemory(plain).PeakBytes(), JudgeMemory(cut).PeakBytes());
  }
}

TEST(TensorOverlap, ProductsOfExpertsAndOfTheOutputLayerStayWhole) {
  const Workload cut = Planned(With(kPlans[4], "--tp-comm-overlap=pipeline"));
  bool has_attention = false;
  for (uint32_t stage = 0; stage < 2; ++stage) {
    for (const GraphNode& node : GraphOf(cut, stage)) {
      if (node.name.find(".piece") == std::string::npos) continue;
      has_attention |= node.name.find("attention.query.piece") != std::string::npos;
      for (const char* whole : {"experts.gate", "experts.down", "experts.gather", "logits"}) {
        EXPECT_EQ(node.name.find(whole), std::string::npos) << node.name;
      }
    }
  }
  EXPECT_TRUE(has_attention);
}

TEST(TensorOverlap, RowsOfAProductAddUp) {
  const Cost cost = LinearCost({Precision::kBf16, Precision::kFp32}, {4096, 1024, 3072, true});
  const Work& whole = cost.forward;
  for (uint32_t pieces : {2u, 8u}) {
    const std::vector<Work> cut = CutRows(whole, pieces);
    ASSERT_EQ(cut.size(), pieces);
    uint64_t operations = 0, bytes = 0, rows = 0;
    for (const Work& piece : cut) {
      operations += piece.operations;
      bytes += piece.memory_bytes;
      rows += piece.matrix_kernels.front().m;
      EXPECT_NO_THROW(
          DurationNs(LoadGpu("h100"), Precision::kBf16, ArithmeticUnit::kMatrix, piece));
    }
    EXPECT_EQ(operations, whole.operations);
    EXPECT_EQ(rows, 4096u);
    // Each piece reads the weight.
    EXPECT_EQ(bytes, whole.memory_bytes + (pieces - 1) * uint64_t{2} * 1024 * 3072);
  }
  EXPECT_FALSE(CanCutRows(whole, 3));
  EXPECT_FALSE(CanCutRows(cost.backward, 2)) << "two products";
}

// Times of a run in which exchanges take time, as a rank of a group of like ranks sees it: kernels
// one after another, collectives one after another, messages of one sender one after another.
class TimedRun {
 public:
  TimedRun(const Graph& graph, uint64_t bytes_per_ns) {
    std::map<uint32_t, uint64_t>
        sent;  // by tag: ranks are alike, what comes is what this one sends
    uint64_t kernels_ns = 0, wire_ns = 0;
    for (const GraphNode& node : graph) {
      uint64_t start = 0;
      for (const auto* list : {&node.data_dependencies, &node.control_dependencies}) {
        for (uint64_t id : *list) start = std::max(start, m_ends.at(id));
      }
      uint64_t& end = m_ends[node.id];
      end = start;
      if (node.type == NodeType::kCompute) {
        end = kernels_ns = std::max(start, kernels_ns) + node.duration_ns;
        m_compute_ns += node.duration_ns;
      } else if (node.type == NodeType::kReceive) {
        end = std::max(start, sent.at(node.tag));
      } else {
        end = wire_ns = std::max(start, wire_ns) + node.size_bytes / bytes_per_ns;
        if (node.type == NodeType::kSend) sent[node.tag] = end;
      }
      m_end_ns = std::max(m_end_ns, end);
    }
  }
  uint64_t EndNs() const { return m_end_ns; }
  uint64_t ComputeNs() const { return m_compute_ns; }

 private:
  std::map<uint64_t, uint64_t> m_ends;
  uint64_t m_end_ns = 0;
  uint64_t m_compute_ns = 0;
};

constexpr uint64_t kRanks = 4, kRows = 4096, kWidth = 2048;

// One block: an all_gather, a product, and behind it another product with its reduce_scatter.
LayerModel Block(bool has_gather, bool has_scatter) {
  const Formats formats{Precision::kBf16, Precision::kBf16};
  LayerBuilder layers("block", formats);
  const uint64_t bytes = 2 * kRows * kWidth;
  layers.SetBlock(0);
  size_t x =
      layers.AddNorm("norm", layers.AddLinear("in", {}, {64, 64, 64, false, false}), 64, 64, 1);
  const Exchange gather{kTensorAxis, CollectiveType::kAllGather, false, bytes};
  const Exchange scatter{kTensorAxis, CollectiveType::kReduceScatter, false, bytes};
  if (has_gather) x = layers.AddExchange("gather", x, bytes, gather, scatter);
  x = layers.AddLinear("product", {x}, {kRows, kWidth, kWidth, false, true});
  if (has_scatter) layers.AddExchange("reduce", x, bytes / kRanks, scatter, gather);
  return layers.Finish();
}

struct ForwardRun {
  uint64_t before_ns = 0;  // kernels before the product
  std::vector<uint64_t> product_ns;
  uint64_t sum_ns = 0;
  uint64_t end_ns = 0;
};

ForwardRun RunForward(const LayerModel& model, TensorOverlap overlap, uint64_t bytes_per_ns) {
  TrainingPlan plan;
  plan.gpu = LoadGpu("h100");
  plan.formats = {Precision::kBf16, Precision::kBf16};
  plan.model = model;
  plan.overlap = overlap;
  plan.tensor_ranks = kRanks;
  Graph graph;
  EmitTrainingGraph(plan, 0, [&](const GraphNode& node) {
    if (node.name.rfind("iteration0/forward/", 0) == 0) graph.push_back(node);
  });
  ForwardRun run;
  for (const GraphNode& node : graph) {
    if (node.type != NodeType::kCompute) continue;
    if (node.name.find(".product") != std::string::npos) {
      run.product_ns.push_back(node.duration_ns);
    } else if (node.name.find(".piece_sum") != std::string::npos) {
      run.sum_ns = node.duration_ns;
    } else {
      run.before_ns += node.duration_ns;
    }
  }
  run.end_ns = TimedRun(graph, bytes_per_ns).EndNs();
  return run;
}

TensorOverlap Method(const char* text) {
  return ParseTensorOverlap("test", text);
}

uint64_t SumOf(const std::vector<uint64_t>& values) {
  uint64_t sum = 0;
  for (uint64_t value : values) sum += value;
  return sum;
}

// Own rows first; of the other pieces each waits for its kernel's turn and for its rows.
TEST(TensorOverlap, GathersTakeTheLongerOfProductsAndRing) {
  const LayerModel model = Block(true, false);
  for (uint64_t bytes_per_ns : {1u, 10u, 30u, 60u, 100u, 1000u}) {
    const ForwardRun whole = RunForward(model, Method("none"), bytes_per_ns);
    const uint64_t bytes = 2 * kRows * kWidth, hop_ns = bytes / kRanks / bytes_per_ns;
    ASSERT_EQ(whole.product_ns.size(), 1u);
    EXPECT_EQ(whole.end_ns, whole.before_ns + bytes / bytes_per_ns + whole.product_ns.front());
    const ForwardRun cut = RunForward(model, Method("ring_exchange"), bytes_per_ns);
    ASSERT_EQ(cut.product_ns.size(), kRanks);
    const uint64_t first = cut.product_ns.front(), each = cut.product_ns.back();
    EXPECT_EQ(cut.product_ns[1], each);
    // The longest chain: all products, or j hops and the products from piece j on.
    uint64_t longest = first + (kRanks - 1) * each;
    for (uint64_t j = 1; j < kRanks; ++j) {
      longest = std::max(longest, j * hop_ns + (kRanks - j) * each);
    }
    EXPECT_EQ(cut.end_ns, cut.before_ns + longest) << bytes_per_ns;
  }
}

TEST(TensorOverlap, ScattersInPiecesExposeTheLastOrAllButTheFirstProduct) {
  const LayerModel model = Block(false, true);
  for (uint32_t pieces : {2u, 4u, 16u}) {
    for (uint64_t bytes_per_ns : {1u, 10u, 60u, 300u, 2000u}) {
      const TensorOverlap overlap = Method(("pipeline:" + std::to_string(pieces)).c_str());
      const ForwardRun cut = RunForward(model, overlap, bytes_per_ns);
      ASSERT_EQ(cut.product_ns.size(), pieces);
      const uint64_t each_ns = 2 * kRows * kWidth / pieces / bytes_per_ns;
      uint64_t longest = 0, products = 0;
      for (uint32_t j = 0; j < pieces; ++j) {
        products += cut.product_ns[j];
        longest = std::max(longest, products + (pieces - j) * each_ns);
      }
      EXPECT_EQ(cut.end_ns, cut.before_ns + longest) << pieces << ' ' << bytes_per_ns;
    }
  }
}

TEST(TensorOverlap, ScattersByMessagesEndWithASum) {
  const LayerModel model = Block(false, true);
  for (uint64_t bytes_per_ns : {1u, 30u, 100u, 1000u}) {
    const ForwardRun cut = RunForward(model, Method("ring_exchange"), bytes_per_ns);
    ASSERT_EQ(cut.product_ns.size(), kRanks);
    const uint64_t each_ns = 2 * kRows * kWidth / kRanks / bytes_per_ns;
    uint64_t longest = SumOf(cut.product_ns), products = 0;
    for (uint32_t j = 0; j + 1 < kRanks; ++j) {
      products += cut.product_ns[j];
      longest = std::max(longest, products + (kRanks - 1 - j) * each_ns);
    }
    EXPECT_GT(cut.sum_ns, 0u);
    EXPECT_EQ(cut.end_ns, cut.before_ns + longest + cut.sum_ns) << bytes_per_ns;
  }
}

// The reload of a product's input starts with the product of its gradient, not behind it.
TEST(TensorOverlap, BulkReloadsBesideTheInputsGradient) {
  const Words words = {"--model=gpt2", "--tp=2", "--batch=1", "--sequence-length=256"};
  for (const char* method : {"none", "bulk", "ring_exchange", "pipeline"}) {
    const Graph graph = GraphOf(Planned(With(words, std::string("--tp-comm-overlap=") + method)));
    uint64_t products = 0;
    for (const GraphNode& node : graph) {
      if (node.name != "iteration0/reload/block3.attention.gather") continue;
      for (uint64_t id : node.control_dependencies) {
        products += graph[id - 1].name == "iteration0/backward/block3.attention.qkv" ? 1 : 0;
      }
    }
    EXPECT_EQ(products, std::string(method) == "none" ? 1u : 0u) << method;
  }
}

TEST(TensorOverlap, TextIsReadBack) {
  for (const char* text : {"none", "bulk", "ring_exchange", "pipeline:4", "pipeline:256"}) {
    EXPECT_EQ(TensorOverlapText(ParseTensorOverlap("--x", text)), text);
  }
  EXPECT_EQ(TensorOverlapText(ParseTensorOverlap("--x", "pipeline")), "pipeline:4");
  for (const char* text : {"", "all", "pipeline:", "pipeline:1", "pipeline:257", "bulk:2"}) {
    EXPECT_THROW(ParseTensorOverlap("--x", text), InputError) << text;
  }
}

}  // namespace
}  // namespace ddlsim
