// SPDX-License-Identifier: MIT
//
// What the format in which parameters are stored changes besides memory.
#include <gtest/gtest.h>

#include "plans.h"
#include "workload-gen/layers/layer-costs.h"

namespace ddlsim {
namespace {

const Formats kAutocast{Precision::kBf16, Precision::kFp32, Precision::kFp32};
const Formats kShort{Precision::kBf16, Precision::kFp32, Precision::kBf16};

TEST(ParameterPrecision, ShortWeightsAreNotCast) {
  const LinearShape shape{64, 128, 256};
  const Cost cast = LinearCost(kAutocast, shape), plain = LinearCost(kShort, shape);
  const uint64_t weight = 128 * 256;
  EXPECT_EQ(cast.forward.kernels, plain.forward.kernels + 1);
  EXPECT_EQ(cast.forward.memory_bytes, plain.forward.memory_bytes + (4 + 2) * weight);
  EXPECT_EQ(cast.weight_copy_bytes, 2 * weight);
  EXPECT_EQ(plain.weight_copy_bytes, 0u);
  // The weight's gradient is still cast to fp32.
  EXPECT_EQ(cast.backward.memory_bytes, plain.backward.memory_bytes);
}

// Reads and writes its fp32 copy and state, reads the gradient, writes the parameter.
TEST(ParameterPrecision, TheOptimizerUpdatesItsOwnCopy) {
  const auto bytes = [](const Formats& formats, Optimizer optimizer) {
    return OptimizerWork(formats, optimizer, 1).memory_bytes;
  };
  EXPECT_EQ(bytes(kAutocast, Optimizer::kAdam), 2u * (4 + 8) + 4);
  EXPECT_EQ(bytes(kShort, Optimizer::kAdam), 2u * (4 + 8) + 4 + 2);
  EXPECT_EQ(bytes(kShort, Optimizer::kSgdMomentum), 2u * (4 + 4) + 4 + 2);
}

uint64_t GatheredBytes(std::vector<std::string> words) {
  words.insert(words.end(), {"--model=gpt2", "--dp=4"});
  uint64_t bytes = 0;
  EmitTrainingGraph(Planned(words).plan, 0, [&](const GraphNode& node) {
    const bool is_gather =
        node.type == NodeType::kCollective && node.collective == CollectiveType::kAllGather;
    if (is_gather) bytes += node.size_bytes;
  });
  return bytes;
}

// After the update what is stored; under ZeRO 3, before each of two passes, what is computed with.
TEST(ParameterPrecision, RanksGatherWhatTheyStore) {
  const uint64_t parameters = 124439808;
  const std::string shorter = "--parameter-precision=bf16";
  for (const char* zero : {"--zero=1", "--zero=2"}) {
    EXPECT_EQ(GatheredBytes({zero}), 4 * parameters);
    EXPECT_EQ(GatheredBytes({zero, shorter}), 2 * parameters);
  }
  EXPECT_EQ(GatheredBytes({"--zero=3"}), 2 * 2 * parameters);
  EXPECT_EQ(GatheredBytes({"--zero=3", shorter}), 2 * 2 * parameters);
}

// Fewer experts on a rank than a token is routed to.
TEST(ExpertShares, AFewOfManyExpertsAreAPlanToo) {
  const Workload workload =
      Planned({"--model=mixtral-8x7b", "--ep=8", "--dp=8", "--sequence-length=512"});
  EXPECT_EQ(workload.plan.model.inactive_parameters, 0u);
  EXPECT_GT(CountWorkload(workload)[0].operations, 0u);
}

}  // namespace
}  // namespace ddlsim
