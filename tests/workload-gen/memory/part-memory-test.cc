// SPDX-License-Identifier: MIT
//
// Memory of one micro-batch's passes, against published formulas.
#include "workload-gen/memory/part-memory.h"

#include <gtest/gtest.h>

#include "plans.h"

namespace ddlsim {
namespace {

constexpr uint64_t kHidden = 12288, kHeads = 96, kRows = 2048;  // GPT-3 175B, one sequence

PassMemory ForwardOf(const std::vector<std::string>& words, size_t part) {
  const Workload workload = Planned(words);
  const auto parts = CutStages(workload.plan.model, workload.plan.pipeline.stages);
  PartWalk walk(parts[part], workload.plan.data_parallel, {workload.plan.recompute, false});
  return walk.Forward();
}

// A stage of one block in the middle of a pipeline: neither embedding nor loss.
uint64_t BytesOfOneBlock(std::vector<std::string> words) {
  words.insert(words.end(), {"--model=gpt3-175b", "--pp=96", "--batch=1"});
  return static_cast<uint64_t>(ForwardOf(words, 40).end[MemoryKind::kActivations]);
}

// Means and deviations of two norms, in fp32; the softmax's normalisers.
uint64_t NormStatistics() {
  return 2 * 2 * 4 * kRows;
}
uint64_t SoftmaxStatistics() {
  return 4 * kRows * kHeads;
}

// Korthikanti et al. 2022, table 2, less the masks of two dropouts (2 of 34) and the scores that
// fused attention does not store (5 a s / h).
TEST(PartMemory, OfALayerIsKorthikantis) {
  const uint64_t sbh = kRows * kHidden;
  EXPECT_EQ(BytesOfOneBlock({}), (34 - 2) * sbh + NormStatistics() + SoftmaxStatistics());
  for (uint64_t t : {2, 4, 8}) {
    const std::string tp = "--tp=" + std::to_string(t);
    EXPECT_EQ(BytesOfOneBlock({tp, "--sequence-parallel=false"}),
              (10 - 2) * sbh + 24 * sbh / t + NormStatistics() + SoftmaxStatistics() / t);
    EXPECT_EQ(BytesOfOneBlock({tp}),
              (34 - 2) * sbh / t + (NormStatistics() + SoftmaxStatistics()) / t);
  }
}

// Table 2 there: 2 s b h; with sequence parallelism each rank has its part.
TEST(PartMemory, UnderFullRecomputationOnlyABlocksInputStays) {
  const uint64_t sbh = kRows * kHidden;
  EXPECT_EQ(BytesOfOneBlock({"--recompute=full"}), 2 * sbh);
  EXPECT_EQ(BytesOfOneBlock({"--recompute=full", "--tp=8"}), 2 * sbh / 8);
  EXPECT_EQ(BytesOfOneBlock({"--recompute=full", "--tp=8", "--sequence-parallel=false"}), 2 * sbh);
}

TEST(PartMemory, RecomputationNeedsOneBlockAtATime) {
  const auto peak = [](const std::vector<std::string>& words) {
    const Workload workload = Planned(words);
    const auto parts = CutStages(workload.plan.model, workload.plan.pipeline.stages);
    PartWalk walk(parts[1], workload.plan.data_parallel, {workload.plan.recompute, false});
    const MemoryUse held = walk.Forward().end;
    return (held + walk.Backward().Peak()).Total();
  };
  const std::vector<std::string> few = {"--model=gpt3-175b", "--pp=96", "--batch=1",
                                        "--parameter-precision=bf16", "--recompute=full"};
  std::vector<std::string> many = few;
  many[1] = "--pp=8";
  // Eleven blocks more: their inputs.
  EXPECT_EQ(peak(many) - peak(few), static_cast<int64_t>(11 * 2 * kRows * kHidden));
}

// Ring attention: each rank keeps what belongs to its part of the sequence, not what comes by.
TEST(PartMemory, ContextParallelismDividesWhatStays) {
  const auto bytes = [](const char* cp) {
    return ForwardOf({"--model=llama3-8b", "--pp=32", cp, "--batch=1"}, 9)
        .end[MemoryKind::kActivations];
  };
  EXPECT_EQ(bytes("--cp=1"), 4 * bytes("--cp=4"));
  EXPECT_EQ(bytes("--cp=1"), 2 * bytes("--cp=2"));
}

// Autocast keeps a copy of the weights of products, not of norms and embeddings.
TEST(PartMemory, WeightCopiesAreThoseOfProducts) {
  const int64_t weights = 12 * int64_t{kHidden} * kHidden;  // of products, per block
  const std::vector<std::string> words = {"--model=gpt3-175b", "--pp=96", "--batch=1"};
  EXPECT_EQ(ForwardOf(words, 40).end[MemoryKind::kWeightCopies], 2 * weights);
  for (const char* other : {"--parameter-precision=bf16", "--precision=fp32", "--precision=tf32"}) {
    std::vector<std::string> more = words;
    more.emplace_back(other);
    EXPECT_EQ(ForwardOf(more, 40).end[MemoryKind::kWeightCopies], 0) << other;
  }
}

// Logits in bf16, cast to fp32, log-softmax in fp32: 2 + 4 + 4 bytes per logit.
TEST(PartMemory, TheLossTakesTenBytesPerLogit) {
  const std::vector<std::string> words = {"--model=gpt2", "--batch=8"};
  const PassMemory forward = ForwardOf(words, 0);
  const int64_t logits = int64_t{8 * 1024} * 50257;
  const int64_t before = forward.end.Total() - 4 * logits;
  EXPECT_NEAR(static_cast<double>(forward.Peak().Total() - before),
              static_cast<double>(10 * logits), 0.02 * static_cast<double>(logits));
}

// FSDP holds the parameters of a block and of those gathered ahead.
TEST(PartMemory, GatheredParametersAreThoseOfTheBlocksInUse) {
  const int64_t block = 12 * int64_t{kHidden} * kHidden + 13 * int64_t{kHidden};
  for (int ahead : {0, 1, 3}) {
    const Workload workload = Planned({"--model=gpt3-175b", "--pp=8", "--batch=1", "--dp=2",
                                       "--zero=3", "--prefetch=" + std::to_string(ahead)});
    const auto parts = CutStages(workload.plan.model, 8);
    PartWalk walk(parts[3], workload.plan.data_parallel, {});
    for (const PassMemory& pass : {walk.Forward(), walk.Backward()}) {
      int64_t most = 0;
      for (const MemoryUse& use : pass.kernels) {
        most = std::max(most, use[MemoryKind::kGathered]);
      }
      EXPECT_EQ(most, 2 * (1 + ahead) * block);
    }
  }
}

// ZeRO 2: one bucket on the network while the next one fills.
TEST(PartMemory, TwoGradientBucketsAreUnderWay) {
  const Workload workload = Planned({"--model=gpt2", "--dp=2", "--zero=2", "--bucket-size=25MiB"});
  const auto parts = CutStages(workload.plan.model, 1);
  uint64_t largest = 0, before = 0;
  const GradientSync sync(parts[0].model, workload.plan.data_parallel, "");
  for (const GradientBucket& bucket : sync.Queues().front().Buckets()) {
    largest = std::max(largest, before + bucket.size_bytes);
    before = bucket.size_bytes;
  }
  PartWalk walk(parts[0], workload.plan.data_parallel, {});
  walk.Forward();
  int64_t most = 0;
  for (const MemoryUse& use : walk.Backward().kernels) {
    most = std::max(most, use[MemoryKind::kBuffers]);
  }
  EXPECT_GE(most, 50 << 20);
  EXPECT_LE(most, static_cast<int64_t>(largest));
}

}  // namespace
}  // namespace ddlsim
