// SPDX-License-Identifier: MIT
#include "workload-gen/graph/gradient-buckets.h"

#include <utility>

#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

std::vector<size_t> GradientProducers(const LayerModel& model) {
  std::vector<size_t> producers(model.parameters.size());
  for (size_t i = model.operations.size(); i-- > 0;) {
    for (size_t parameter : model.operations[i].parameters) producers[parameter] = i;
  }
  return producers;
}

std::vector<size_t> GradientReadinessOrder(const LayerModel& model) {
  const std::vector<size_t> producers = GradientProducers(model);
  std::vector<size_t> order;
  for (size_t i = model.operations.size(); i-- > 0;) {
    const std::vector<size_t>& parameters = model.operations[i].parameters;
    for (size_t k = parameters.size(); k-- > 0;) {
      if (producers[parameters[k]] == i) order.push_back(parameters[k]);
    }
  }
  return order;
}

std::vector<GradientBucket> FormBuckets(const LayerModel& model, uint64_t gradient_bytes,
                                        const BucketLimits& limits, BucketContents contents) {
  const std::vector<size_t> producers = GradientProducers(model);
  std::vector<GradientBucket> buckets;
  GradientBucket bucket;
  for (size_t parameter : GradientReadinessOrder(model)) {
    if (model.parameters[parameter].is_sharded_table) continue;
    const bool is_expert = model.parameters[parameter].routed_expert;
    if (contents != BucketContents::kAll && is_expert != (contents == BucketContents::kExperts)) {
      continue;
    }
    bucket.parameters.push_back(parameter);
    bucket.size_bytes =
        Sum(bucket.size_bytes, Product({gradient_bytes, model.parameters[parameter].elements}));
    const size_t producer = producers[parameter];
    if (bucket.producers.empty() || bucket.producers.back() != producer) {
      bucket.producers.push_back(producer);
    }
    if (bucket.size_bytes >= (buckets.empty() ? limits.first_bytes : limits.bytes)) {
      buckets.push_back(std::exchange(bucket, {}));
    }
  }
  if (!bucket.parameters.empty()) buckets.push_back(std::move(bucket));
  return buckets;
}

}  // namespace ddlsim
