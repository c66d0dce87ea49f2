// SPDX-License-Identifier: MIT
//
// Transformers that are no decoders, divided among ranks: ViT, T5, and BERT with its pooler.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "memory/plans.h"
#include "traces/trace-set.h"
#include "workload-gen/describe/description.h"
#include "workload-gen/memory/part-memory.h"
#include "workload-gen/memory/workload-memory.h"
#include "workload-gen/program/workload-writer.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

Words With(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Per rank and iteration, by collective.
std::map<CollectiveType, uint64_t> TensorBytes(const Words& words) {
  std::map<CollectiveType, uint64_t> bytes;
  for (const PlannedClass& each : PlannedClasses(Planned(words))) {
    each.Emit([&](const GraphNode& node) {
      if (node.type == NodeType::kCollective && node.group == "tp") {
        bytes[node.collective] += node.size_bytes;
      }
    });
  }
  return bytes;
}

constexpr CollectiveType kReduce = CollectiveType::kAllReduce;
constexpr CollectiveType kGather = CollectiveType::kAllGather;
constexpr CollectiveType kScatter = CollectiveType::kReduceScatter;

// Per layer as Korthikanti et al. 2022, section 4.2.2, and Shoeybi et al. 2019, section 3, for
// decoders: with sequence parallelism two all_gathers and two reduce_scatters each way and two
// all_gathers more for the weights' gradients; without it two all_reduces each way.
TEST(ModelDivision, TensorBytesOfViTAreThoseOfItsBlocks) {
  constexpr uint64_t kLayers = 12, kHidden = 768, kBatch = 8;
  const uint64_t x = kBatch * 197 * kHidden * 2;
  const uint64_t norms = kLayers * (4 * kHidden + 2 * kHidden) + 2 * kHidden;
  for (const char* tp : {"--tp=2", "--tp=4"}) {
    for (const uint64_t micro_batches : {1u, 3u}) {
      const Words words = {"--model=vit-b-16", tp,
                           "--microbatches=" + std::to_string(micro_batches),
                           "--batch=" + std::to_string(kBatch * micro_batches)};
      auto divided = TensorBytes(words);
      // And the embedding's gradient, and the rows before the classifier, come together once.
      EXPECT_EQ(divided[kGather], micro_batches * (kLayers * 6 + 2) * x);
      EXPECT_EQ(divided[kScatter], micro_batches * kLayers * 4 * x);
      EXPECT_EQ(divided[kReduce], 4 * norms);
      auto plain = TensorBytes(With(words, {"--sequence-parallel=false"}));
      EXPECT_EQ(plain[kReduce], micro_batches * kLayers * 4 * x);
      EXPECT_EQ(plain[kGather] + plain[kScatter], 0u);
    }
  }
}

TEST(ModelDivision, TensorBytesOfBertHaveThePoolersGather) {
  constexpr uint64_t kLayers = 12, kHidden = 768, kBatch = 4, kTokens = 512;
  const uint64_t x = kBatch * kTokens * kHidden * 2;
  const uint64_t loss = 3 * 4 * ((kBatch * kTokens * 15 + 99) / 100);
  const uint64_t norms = kLayers * (4 * kHidden + 2 * kHidden) + 2 * kHidden;
  const Words words = {"--model=bert-base", "--tp=4", "--batch=4"};
  auto divided = TensorBytes(words);
  // The embedding's gradient, the pooler's input, the output layer's input twice.
  EXPECT_EQ(divided[kGather], (kLayers * 6 + 4) * x);
  EXPECT_EQ(divided[kScatter], (kLayers * 4 + 2) * x);
  EXPECT_EQ(divided[kReduce], loss + 4 * norms);
  auto plain = TensorBytes(With(words, {"--sequence-parallel=false"}));
  EXPECT_EQ(plain[kReduce], (kLayers * 4 + 2) * x + loss);
}

TEST(ModelDivision, TensorBytesOfT5FollowFromItsThreeBranches) {
  constexpr uint64_t kLayers = 6, kHidden = 512, kHeads = 8, kBatch = 8, kIn = 512, kOut = 114;
  const uint64_t in = kBatch * kIn * kHidden * 2, out = kBatch * kOut * kHidden * 2;
  const uint64_t bias = kHeads * (kIn * kIn + kOut * kOut) * 2;
  const uint64_t loss = 3 * 4 * kBatch * kOut;
  const uint64_t norms = (kLayers * (2 + 3) + 2) * kHidden;
  const Words words = {"--model=t5-small", "--tp=4", "--batch=8"};
  auto divided = TensorBytes(words);
  // A decoder layer has three branches on its own tokens, and gathers the encoder's output twice
  // beside; embeddings once each, the output layer twice.
  EXPECT_EQ(divided[kGather], kLayers * (6 * in + 9 * out + 2 * in) + in + out + 2 * out + bias);
  EXPECT_EQ(divided[kScatter], kLayers * (4 * in + 6 * out + in) + in + out + out);
  EXPECT_EQ(divided[kReduce], loss + 4 * norms);
  auto plain = TensorBytes(With(words, {"--sequence-parallel=false"}));
  EXPECT_EQ(plain[kReduce], kLayers * (4 * in + 6 * out + in) + in + out + out + loss);
  EXPECT_EQ(plain[kGather], bias);
}

uint64_t MatrixOperations(const LayerModel& model, const char* only = nullptr) {
  uint64_t operations = 0;
  for (const Operation& operation : model.operations) {
    if (UnitOfClass(operation.operation_class) != ArithmeticUnit::kMatrix) continue;
    if (only != nullptr && operation.name != only) continue;
    operations += operation.forward.operations + operation.backward.operations;
  }
  return operations;
}

TEST(ModelDivision, OperationsAddUpToTheUndividedModels) {
  // What all ranks of a group run alike counts once for each.
  const std::map<std::string, std::vector<const char*>> alike = {
      {"vit-b-16", {"patch_embedding", "classifier"}}, {"bert-base", {"pooler"}}, {"t5-small", {}}};
  for (const auto& [model, names] : alike) {
    for (const uint64_t ranks : {2u, 4u}) {
      for (const char* sequence : {"true", "false"}) {
        Words words = {"--model=" + model, "--tp=" + std::to_string(ranks), "--batch=8",
                       std::string("--sequence-parallel=") + sequence};
        // BERT's vocabulary of 30,522 words divides by 2; for 4 the last rank has fewer.
        if (model == "bert-base" && ranks == 4) continue;
        const Workload workload = Planned(words);
        uint64_t expected = MatrixOperations(workload.whole);
        for (const char* name : names) {
          expected += (ranks - 1) * MatrixOperations(workload.whole, name);
        }
        EXPECT_EQ(ranks * CountWorkload(workload).front().matrix_operations, expected) << model;
      }
    }
  }
}

// Korthikanti et al. 2022, table 2, as for decoders (part-memory-test.cc).
TEST(ModelDivision, AViTBlockKeepsWhatADecodersDoes) {
  constexpr uint64_t kRows = 8 * 197, kHidden = 1024, kHeads = 16;
  const uint64_t sbh = kRows * kHidden, norms = 2 * 2 * 4 * kRows, softmax = 4 * kRows * kHeads;
  const auto kept = [](const Words& more) {
    const Workload workload = Planned(With({"--model=vit-l-16", "--pp=24", "--batch=8"}, more));
    const auto parts = CutStages(workload.plan.model, 24);
    PartWalk walk(parts[12], workload.plan.data_parallel, {});
    return static_cast<uint64_t>(walk.Forward().end[MemoryKind::kActivations]);
  };
  EXPECT_EQ(kept({}), (34 - 2) * sbh + norms + softmax);
  for (const uint64_t t : {2u, 4u, 8u}) {
    const std::string tp = "--tp=" + std::to_string(t);
    EXPECT_EQ(kept({tp}), ((34 - 2) * sbh + norms + softmax) / t);
    EXPECT_EQ(kept({tp, "--sequence-parallel=false"}),
              (10 - 2) * sbh + 24 * sbh / t + norms + softmax / t);
  }
}

TEST(ModelDivision, ARankOfT5HoldsItsPart) {
  constexpr uint64_t kLayers = 6, kHidden = 512, kHeads = 8, kBuckets = 32;
  // Norms, and both tables of the position bias.
  const uint64_t whole = (kLayers * 5 + 2) * kHidden + 2 * kBuckets * kHeads;
  const uint64_t all = Planned({"--model=t5-small"}).whole.ParameterCount();
  for (const uint64_t ranks : {2u, 4u, 8u}) {
    const Words words = {"--model=t5-small", "--tp=" + std::to_string(ranks)};
    const Workload workload = Planned(words);
    EXPECT_EQ(workload.plan.model.ParameterCount(), (all - whole) / ranks + whole);
    const MemoryUse one = JudgeMemory(Planned({"--model=t5-small"})).stages[0].peak;
    const MemoryUse divided = JudgeMemory(workload).stages[0].peak;
    const auto activations = static_cast<double>(one[MemoryKind::kActivations]);
    const double share = static_cast<double>(divided[MemoryKind::kActivations]) / activations;
    EXPECT_GT(share, 1.0 / static_cast<double>(ranks));
    EXPECT_LT(share, 1.0 / static_cast<double>(ranks) + 0.05);
  }
}

const char* const kTiny[] = {R"(family: vision_transformer
models:
  tiny:
    source: made up
    title: Tiny
    image_size: 32
    image_channels: 3
    patch_size: 8
    layers: 4
    hidden: 64
    heads: 8
    feed_forward: 128
    activation: gelu
    bias: true
    fused_qkv: false
    classes: 64
    optimizer: adam
    batch: 8
)",
                             R"(family: encoder_decoder
models:
  tiny:
    source: made up
    title: Tiny
    vocabulary: 512
    positions: 64
    target_positions: 24
    relative_buckets: 8
    encoder_layers: 2
    decoder_layers: 3
    hidden: 64
    heads: 8
    head_dimension: 16
    feed_forward: 128
    activation: gelu
    bias: false
    fused_qkv: false
    tied_embedding: true
    optimizer: adam
    batch: 4
)",
                             R"(family: transformer
models:
  tiny:
    source: made up
    title: Tiny
    vocabulary: 512
    positions: 64
    position_embedding: learned
    token_types: 2
    normalization: layer
    norm_position: post
    activation: gelu
    bias: true
    fused_qkv: false
    tied_embedding: true
    pooler: true
    output_percent: 15
    layers: 4
    hidden: 64
    heads: 8
    feed_forward: 128
    optimizer: adam
    batch: 4
)"};

Words RandomDivision(std::mt19937& random) {
  const auto pick = [&random](const Words& choices) { return choices[random() % choices.size()]; };
  Words words = {"--tp=" + pick({"2", "4", "8"}),
                 "--dp=" + pick({"1", "2"}),
                 "--pp=" + pick({"1", "1", "2", "4"}),
                 "--sequence-parallel=" + pick({"true", "true", "false"}),
                 "--tp-comm-overlap=" + pick({"none", "bulk", "ring_exchange", "pipeline:2"}),
                 "--schedule=" + pick({"1f1b", "gpipe", "zero-bubble"}),
                 "--zero=" + pick({"0", "1", "3"}),
                 "--recompute=" + pick({"none", "full"}),
                 "--attention=" + pick({"flash", "unfused"}),
                 "--microbatches=" + pick({"1", "2"}),
                 "--batch=16"};
  return words;
}

// DDL_PLANS=1000 tries so many.
uint32_t PlanCount() {
  const char* text = std::getenv("DDL_PLANS");
  return text == nullptr ? 40 : static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
}

TEST(ModelDivision, RandomPlansHoldTheInvariants) {
  const fs::path folder = fs::path(testing::TempDir()) / ("division-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::mt19937 random(7);
  uint32_t tried = 0, refused = 0;
  while (tried < PlanCount()) {
    const size_t family = random() % 3;
    std::ofstream(folder / "model.yaml") << kTiny[family];
    const Words words =
        With({"--model=" + (folder / "model.yaml").string()}, RandomDivision(random));
    std::optional<Workload> workload;
    try {
      workload = Planned(words);
      workload->plan.PartsOf(0);
    } catch (const InputError& error) {
      ++refused;
      // For its degrees, not for numbers that came out wrong.
      EXPECT_NE(error.Place(), "--batch") << error.what();
      continue;
    }
    ++tried;
    SCOPED_TRACE(CanonicalCommand(workload->options) + kTiny[family]);
    const fs::path set = folder / std::to_string(tried);
    // The writer validates what it has written: acyclic, every send received, groups agree.
    ASSERT_NO_THROW(WriteWorkload(*workload, set.string()));
    EXPECT_GT(Describe(OpenNodeSource(set.string(), {})).critical_path_ns, 0u);
    fs::remove_all(set);
    const MemoryModel model = MemoryOf(*workload);
    for (uint32_t stage = 0; stage < model.StageCount(); ++stage) {
      const auto visit = [](size_t, size_t, const MemoryUse& use) {
        for (int64_t bytes : use.bytes) EXPECT_GE(bytes, 0);
      };
      EXPECT_EQ(model.Walk(stage, visit), model.Measure(stage).resident);
    }
  }
  fs::remove_all(folder);
  EXPECT_LT(refused, 20 * tried);
}

}  // namespace
}  // namespace ddlsim
