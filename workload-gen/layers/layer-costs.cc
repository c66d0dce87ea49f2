// SPDX-License-Identifier: MIT
#include "workload-gen/layers/layer-costs.h"

#include <algorithm>

#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kFp32Bytes = 4;
constexpr uint64_t kIndexBytes = 8;
// Operations per value. Memory bounds all of these kernels by a wide margin (an H100 does 20 fp32
// operations in the time of one byte), so the counts need the right size, not the last digit.
constexpr uint64_t kGeluOperations = 8;
constexpr uint64_t kNormOperations = 8;
constexpr uint64_t kLossOperations = 6;
constexpr uint64_t kAdamOperations = 16;
constexpr uint64_t kSgdOperations = 5;

}  // namespace

Cost NormCost(const Formats& formats, uint64_t rows, uint64_t width, uint64_t statistics,
              bool is_trained) {
  const uint64_t values = Product({rows, width});
  const uint64_t bytes = Product({formats.ActivationBytes(), values});
  Cost cost;
  cost.forward = {Product({kNormOperations, values}), Product({2, bytes}), 1};
  // The input's gradient reads two tensors and writes one; the parameters' reads two again.
  cost.backward = {Product({2 * kNormOperations, values}), Product({5, bytes}), 2};
  if (!is_trained) cost.backward = {Product({kNormOperations, values}), Product({3, bytes}), 1};
  cost.output_bytes = bytes;
  cost.kept = {true, false, Product({kFp32Bytes, statistics, rows})};
  return cost;
}

Cost BatchNormCost(const Formats& formats, uint64_t pixels, uint64_t channels) {
  const uint64_t values = Product({pixels, channels});
  const uint64_t bytes = Product({formats.ActivationBytes(), values});
  Cost cost;
  cost.forward = {Product({kNormOperations, values}), Product({3, bytes}), 2};
  cost.backward = {Product({2 * kNormOperations, values}), Product({5, bytes}), 2};
  cost.output_bytes = bytes;
  cost.kept = {true, false, Product({2 * kFp32Bytes, channels})};
  return cost;
}

Cost ElementwiseCost(const Formats& formats, const ElementwiseShape& shape) {
  const uint64_t bytes = Product({formats.ActivationBytes(), shape.values});
  const uint64_t operations = Product({shape.operations, shape.values});
  Cost cost;
  cost.forward = {operations, Product({shape.forward_moves, bytes}), 1};
  cost.backward = {operations, Product({shape.backward_moves, bytes}), 1};
  cost.output_bytes =
      shape.output_values > 0 ? Product({formats.ActivationBytes(), shape.output_values}) : bytes;
  cost.kept = shape.kept;
  return cost;
}

const char* ActivationName(Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return "gelu";
    case Activation::kRelu:
      return "relu";
    case Activation::kTanh:
      return "tanh";
    case Activation::kSigmoid:
      return "sigmoid";
    case Activation::kSwiGlu:
      return "swiglu";
    case Activation::kGeGlu:
      return "geglu";
  }
  return "";
}

bool IsGated(Activation activation) {
  return activation == Activation::kSwiGlu || activation == Activation::kGeGlu;
}

ElementwiseShape ActivationShape(Activation activation, uint64_t values) {
  // Keeps its inputs where the derivative needs them, or its output where that tells it.
  const Kept inputs{true, false, 0}, output{false, true, 0};
  if (IsGated(activation)) return {values, 3, 5, kGeluOperations, inputs};
  if (activation == Activation::kGelu) return {values, 2, 3, kGeluOperations, inputs};
  return {values, 2, 3, 1, output};
}

void AddGradientSums(uint64_t output_bytes, uint64_t readers, Work& backward) {
  if (readers < 2) return;
  backward.memory_bytes = Sum(backward.memory_bytes, Product({3, readers - 1, output_bytes}));
  backward.kernels += readers - 1;
}

Cost EmbeddingCost(const Formats& formats, const EmbeddingShape& shape) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t g = formats.GradientBytes();
  const uint64_t values = Product({shape.rows, shape.width});
  const uint64_t additions = shape.summed ? shape.tables - 1 : 0;
  Cost cost;
  cost.forward.operations = Product({additions, values});
  cost.forward.memory_bytes =
      Product({shape.tables * (formats.ParameterBytes() + a) + 3 * additions * a, values}) +
      Product({shape.tables, kIndexBytes, shape.rows});
  cost.forward.kernels = shape.tables + additions;
  // Clear each table's gradient, then add the rows to it.
  cost.backward.operations = Product({shape.tables, values});
  cost.backward.memory_bytes =
      Product({g, shape.table_elements}) + Product({shape.tables, a + 2 * g, values});
  cost.backward.kernels = 2 * shape.tables;
  if (shape.tied_elements > 0) {
    cost.backward.operations += shape.tied_elements;
    cost.backward.memory_bytes += Product({3, g, shape.tied_elements});
    ++cost.backward.kernels;
  }
  cost.output_bytes = Product({a, values, shape.summed ? 1 : shape.tables});
  cost.kept.own_bytes = Product({shape.tables, kIndexBytes, shape.rows});
  return cost;
}

Cost CrossEntropyCost(const Formats& formats, uint64_t rows, uint64_t classes) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t values = Product({rows, classes});
  const bool cast = a != kFp32Bytes;
  Cost cost;
  // Cast of the logits, log-softmax.
  cost.forward = {Product({kLossOperations, values}),
                  Product({2 * kFp32Bytes + (cast ? a + kFp32Bytes : 0), values}), cast ? 3u : 2u};
  // Gradient of the picked entries (a cleared tensor), of log-softmax, and the cast back.
  cost.backward = {Product({kLossOperations, values}),
                   Product({4 * kFp32Bytes + (cast ? a + kFp32Bytes : 0), values}), cast ? 3u : 2u};
  cost.output_bytes = kFp32Bytes;
  // The cast logits; backward the gradient of the picked entries, and of the cast logits.
  cost.forward_scratch_bytes = cast ? Product({kFp32Bytes, values}) : 0;
  cost.backward_scratch_bytes = Product({cast ? 2 * kFp32Bytes : kFp32Bytes, values});
  // The log-softmax in fp32 and the indices of the right classes.
  cost.kept.own_bytes = Product({kFp32Bytes, values}) + Product({kIndexBytes, rows});
  return cost;
}

uint64_t OptimizerStateBytes(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::kAdam:
      return 2 * kFp32Bytes;
    case Optimizer::kSgdMomentum:
      return kFp32Bytes;
    case Optimizer::kSgd:
      return 0;
  }
  return 0;
}

Work OptimizerWork(const Formats& formats, Optimizer optimizer, uint64_t parameters) {
  const uint64_t operations = optimizer == Optimizer::kAdam ? kAdamOperations : kSgdOperations;
  // Parameters and state are read and written, gradients are read. Where there is a copy of its own
  // to update, the parameters are only written.
  const uint64_t main = formats.MainCopyBytes();
  const uint64_t stored = formats.ParameterBytes();
  const uint64_t bytes = (main > 0 ? 2 * main + stored : 2 * stored) +
                         2 * OptimizerStateBytes(optimizer) + formats.GradientBytes();
  return {Product({operations, parameters}), Product({bytes, parameters}), 1};
}

}  // namespace ddlsim
