// SPDX-License-Identifier: MIT
#include "workload-gen/graph/gradient-buckets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "workload-gen/architecture/architecture.h"

namespace ddlsim {
namespace {

LayerModel Layers(const std::string& name) {
  return BuildLayers(LoadArchitecture(name), {}, {});
}

// Properties that hold for every model, format and limit.
TEST(GradientBuckets, EveryParameterIsInExactlyOneBucket) {
  const BucketLimits all_limits[] = {
      {1 << 20, 25 << 20}, {1, 1}, {4096, 1 << 20}, {uint64_t{1} << 50, uint64_t{1} << 50}};
  for (const Architecture& architecture : ListArchitectures()) {
    const LayerModel model = BuildLayers(architecture, {}, {});
    for (const BucketLimits& limits : all_limits) {
      for (uint64_t gradient_bytes : {2, 4}) {
        const auto buckets = FormBuckets(model, gradient_bytes, limits);
        std::set<size_t> seen;
        uint64_t bytes = 0;
        for (size_t i = 0; i < buckets.size(); ++i) {
          uint64_t in_bucket = 0;
          for (size_t parameter : buckets[i].parameters) {
            EXPECT_TRUE(seen.insert(parameter).second) << architecture.name;
            in_bucket += model.parameters[parameter].elements * gradient_bytes;
          }
          EXPECT_EQ(buckets[i].size_bytes, in_bucket);
          bytes += in_bucket;
          const uint64_t limit = i == 0 ? limits.first_bytes : limits.bytes;
          const uint64_t last =
              model.parameters[buckets[i].parameters.back()].elements * gradient_bytes;
          // Closed by the tensor that reaches the limit, not before and not after.
          EXPECT_LT(in_bucket - last, limit) << architecture.name;
          if (i + 1 < buckets.size()) {
            EXPECT_GE(in_bucket, limit) << architecture.name;
          }
        }
        EXPECT_EQ(seen.size(), model.parameters.size()) << architecture.name;
        EXPECT_EQ(bytes, model.ParameterCount() * gradient_bytes) << architecture.name;
      }
    }
  }
}

TEST(GradientBuckets, OrderIsTheReverseOfUse) {
  // Without tied or branching parameters, tensors are declared in the order of use.
  const LayerModel model = Layers("llama3-8b");
  std::vector<size_t> order = GradientReadinessOrder(model);
  std::reverse(order.begin(), order.end());
  for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
}

TEST(GradientBuckets, OrderFollowsTheBackwardPassInEveryModel) {
  for (const Architecture& architecture : ListArchitectures()) {
    const LayerModel model = BuildLayers(architecture, {}, {});
    const std::vector<size_t> producers = GradientProducers(model);
    const std::vector<size_t> order = GradientReadinessOrder(model);
    EXPECT_EQ(order.size(), model.parameters.size()) << architecture.name;
    for (size_t i = 1; i < order.size(); ++i) {
      EXPECT_GE(producers[order[i - 1]], producers[order[i]]) << architecture.name;
    }
  }
}

TEST(GradientBuckets, ATiedEmbeddingIsReadyLast) {
  const LayerModel model = Layers("gpt2");
  EXPECT_EQ(model.parameters[0].name, "embedding.token");
  const std::vector<size_t> producers = GradientProducers(model);
  EXPECT_EQ(model.operations[producers[0]].name, "embedding");
  EXPECT_EQ(GradientReadinessOrder(model).back(), 0u);
  // Untied, the output layer's own weight is ready first.
  const LayerModel untied = Layers("llama2-7b");
  EXPECT_EQ(untied.parameters[GradientReadinessOrder(untied).front()].name, "logits.weight");
}

TEST(GradientBuckets, ProducersAreTheOperationsOfTheBucketsTensors) {
  const LayerModel model = Layers("bert-base");
  const std::vector<size_t> producers = GradientProducers(model);
  for (const GradientBucket& bucket : FormBuckets(model, 4, {})) {
    std::set<size_t> expected;
    for (size_t parameter : bucket.parameters) expected.insert(producers[parameter]);
    EXPECT_EQ(std::set<size_t>(bucket.producers.begin(), bucket.producers.end()), expected);
    EXPECT_TRUE(std::is_sorted(bucket.producers.rbegin(), bucket.producers.rend()));
    EXPECT_EQ(bucket.producers.size(), expected.size());
  }
}

// Worked out by hand from the shapes of GPT-2 small. First bucket: final norm (768 + 768) and block
// 11's down projection, bias first (768 + 3072 * 768): over 1 MiB. Then per block, in fp32:
// 28,351,488 bytes, over 25 MiB with the tensors left over from the block before.
TEST(GradientBuckets, Gpt2SmallByHand) {
  const LayerModel model = Layers("gpt2");
  const auto buckets = FormBuckets(model, 4, {});
  std::vector<std::string> names;
  for (size_t parameter : buckets[0].parameters) names.push_back(model.parameters[parameter].name);
  EXPECT_EQ(names, (std::vector<std::string>{"final_norm.bias", "final_norm.weight",
                                             "block11.feed_forward.down.bias",
                                             "block11.feed_forward.down.weight"}));
  EXPECT_EQ(buckets[0].size_bytes, 4u * (3 * 768 + 3072 * 768));
  constexpr uint64_t kBlockBytes = 4 * (12 * 768 * 768 + 13 * 768);
  ASSERT_EQ(buckets.size(), 13u);
  for (size_t i = 1; i < 12; ++i) EXPECT_EQ(buckets[i].size_bytes, kBlockBytes) << i;
  // The rest of block 0 and the embeddings.
  EXPECT_EQ(buckets[12].size_bytes, 4u * (124439808 - 2304 - 3072 * 768) - 11 * kBlockBytes);
}

}  // namespace
}  // namespace ddlsim
