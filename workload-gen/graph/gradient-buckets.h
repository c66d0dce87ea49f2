// SPDX-License-Identifier: MIT
//
// Gradient buckets as PyTorch's DistributedDataParallel forms them once it has seen one backward
// pass (Li et al. 2020, PyTorch Distributed, section 3.2.3): tensors in the order in which their
// gradients become ready; a bucket is closed when its size reaches the limit, so that it may exceed
// it by less than its last tensor; the first bucket has a smaller limit, so that communication
// starts early.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

struct GradientBucket {
  std::vector<size_t> parameters;  // in order of readiness
  uint64_t size_bytes = 0;
  // Operations whose backward passes complete the gradients; descending, the last one completes
  // the bucket.
  std::vector<size_t> producers;
};

// For each parameter tensor, the operation whose backward pass completes its gradient: the first
// user in forward order, since the backward pass runs the other way.
std::vector<size_t> GradientProducers(const LayerModel& model);

// All parameter tensors in the order in which their gradients become ready: by producer from last
// to first, within an operation from last to first.
std::vector<size_t> GradientReadinessOrder(const LayerModel& model);

struct BucketLimits {
  uint64_t first_bytes = 1 << 20;
  uint64_t bytes = 25 << 20;
};

// Whose gradients: those of routed experts are reduced over other ranks than the dense ones where
// experts are divided.
enum class BucketContents : uint8_t { kAll, kDense, kExperts };

std::vector<GradientBucket> FormBuckets(const LayerModel& model, uint64_t gradient_bytes,
                                        const BucketLimits& limits,
                                        BucketContents contents = BucketContents::kAll);

}  // namespace ddlsim
