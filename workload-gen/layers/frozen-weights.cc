// SPDX-License-Identifier: MIT
#include "workload-gen/layers/frozen-weights.h"

#include "workload-gen/layers/work-pieces.h"

namespace ddlsim {
namespace {

void DropWeightGradient(Operation& operation) {
  // Of products, which read their input again for nothing else.
  if (operation.operation_class == "matmul") {
    operation.held.kept.inputs = false;
    operation.held.backward_scratch_bytes = 0;
  }
  operation.backward = Without(operation.backward, operation.weight_gradient);
  operation.weight_gradient = {0, 0, 0};
}

void DropBackward(Operation& operation) {
  operation.backward = operation.weight_gradient = {0, 0, 0};
  operation.has_backward = false;
  operation.backward_exchange.reset();
  operation.reload.reset();
  operation.held.kept = {};
  // A cast weight is gone with the forward product.
  operation.held.forward_scratch_bytes += operation.held.weight_copy_bytes;
  operation.held.weight_copy_bytes = 0;
  operation.held.backward_scratch_bytes = 0;
}

}  // namespace

std::vector<bool> SkipUnneededGradients(LayerModel& model) {
  std::vector<bool> is_wanted(model.operations.size(), false);
  for (size_t i = 0; i < model.operations.size(); ++i) {
    Operation& operation = model.operations[i];
    bool passes_on = false;
    for (size_t input : operation.inputs) passes_on = passes_on || is_wanted[input];
    is_wanted[i] = passes_on || !operation.parameters.empty();
    if (!is_wanted[i]) {
      DropBackward(operation);
    } else if (!operation.frozen.empty()) {
      DropWeightGradient(operation);
    } else if (!passes_on && operation.operation_class == "matmul") {
      operation.backward = operation.weight_gradient;
    }
  }
  return is_wanted;
}

}  // namespace ddlsim
