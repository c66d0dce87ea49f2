// SPDX-License-Identifier: MIT
#include "workload-gen/layers/pointwise-fusion.h"

#include <algorithm>

namespace ddlsim {
namespace {

bool IsPointwise(const Operation& operation) {
  return (operation.operation_class == "elementwise" || operation.operation_class == "norm") &&
         operation.forward.kernels > 0;
}

void Save(uint64_t bytes, uint64_t kernels, Work& work) {
  work.memory_bytes -= std::min(work.memory_bytes, bytes);
  work.kernels -= std::min(work.kernels, kernels);
}

}  // namespace

void FusePointwise(const std::vector<std::vector<size_t>>& readers,
                   const std::vector<bool>& is_kept, std::vector<Operation>& operations) {
  for (size_t i = 0; i < operations.size(); ++i) {
    if (!IsPointwise(operations[i]) || readers[i].empty()) continue;
    Operation& producer = operations[i];
    Operation& reader = operations[readers[i].front()];
    if (!IsPointwise(reader)) continue;
    Save(producer.output_bytes, 1, reader.forward);
    if (readers[i].size() > 1) continue;
    if (!is_kept[i]) Save(producer.output_bytes, 0, producer.forward);
    // The gradient of this output goes from the reader's backward pass straight to the producer's.
    if (!producer.has_backward || !reader.has_backward) continue;
    Save(producer.output_bytes, 1, reader.backward);
    Save(producer.output_bytes, 0, producer.backward);
  }
}

void FuseConvolutionNorms(const std::vector<std::vector<size_t>>& readers,
                          std::vector<Operation>& operations) {
  for (size_t i = 0; i < operations.size(); ++i) {
    if (operations[i].operation_class != "convolution" || readers[i].size() != 1) continue;
    Operation& norm = operations[readers[i].front()];
    if (norm.operation_class != "norm") continue;
    Save(operations[i].output_bytes, 1, norm.forward);
    Save(2 * operations[i].output_bytes, 1, norm.backward);
  }
}

}  // namespace ddlsim
