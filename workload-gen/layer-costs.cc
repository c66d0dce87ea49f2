// SPDX-License-Identifier: MIT
#include "workload-gen/layer-costs.h"

#include "workload-gen/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kFp32Bytes = 4;
constexpr uint64_t kIndexBytes = 8;
// Operations per value. Memory bounds all of these kernels by a wide margin (an H100 does 20 fp32
// operations in the time of one byte), so the counts need the right size, not the last digit.
constexpr uint64_t kNormOperations = 8;
constexpr uint64_t kLossOperations = 6;
constexpr uint64_t kAdamOperations = 16;
constexpr uint64_t kSgdOperations = 5;

// Matrix products with a weight: the cast of the fp32 weight to the compute format (autocast keeps
// the copy for the backward pass) and of the weight's gradient back.
void AddCasts(const Formats& formats, uint64_t weight_elements, Cost& cost) {
  const uint64_t a = formats.ActivationBytes();
  if (formats.ParameterBytes() != a) {
    cost.forward.memory_bytes += Product({formats.ParameterBytes() + a, weight_elements});
    ++cost.forward.kernels;
  }
  if (formats.GradientBytes() != a) {
    cost.backward.memory_bytes += Product({formats.GradientBytes() + a, weight_elements});
    ++cost.backward.kernels;
  }
}

// A product of `multiply_adds` between tensors of these sizes, and its two gradients.
Cost MatrixCost(const Formats& formats, uint64_t multiply_adds, uint64_t in_elements,
                uint64_t weight_elements, uint64_t out_elements, bool input_gradient) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t bytes = Product({a, in_elements + weight_elements + out_elements});
  const uint64_t products = input_gradient ? 2 : 1;
  Cost cost;
  cost.forward = {Product({2, multiply_adds}), bytes, 1};
  cost.backward = {Product({2 * products, multiply_adds}), Product({products, bytes}), products};
  AddCasts(formats, weight_elements, cost);
  return cost;
}

}  // namespace

Cost LinearCost(const Formats& formats, const LinearShape& shape) {
  const uint64_t out_elements = Product({shape.rows, shape.out});
  Cost cost = MatrixCost(formats, Product({shape.rows, shape.in, shape.out}),
                         Product({shape.rows, shape.in}), Product({shape.in, shape.out}),
                         out_elements, shape.input_gradient);
  if (shape.bias) {
    // Added within the product's kernel; its gradient is a column sum of its own.
    cost.forward.memory_bytes += Product({formats.ParameterBytes(), shape.out});
    cost.backward.memory_bytes += Product({formats.ActivationBytes(), out_elements}) +
                                  Product({formats.GradientBytes(), shape.out});
    ++cost.backward.kernels;
  }
  return cost;
}

Cost AttentionCost(const Formats& formats, const AttentionShape& shape) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t rows = Product({shape.batch, shape.sequence_length});
  const uint64_t query = Product({rows, shape.heads, shape.head_dimension});
  const uint64_t key_value = Product({2, rows, shape.key_value_heads, shape.head_dimension});
  const uint64_t statistics_bytes = Product({kFp32Bytes, rows, shape.heads});
  Cost cost;
  // Scores (query times key) and their product with the values.
  cost.forward.operations = Product({4, query, shape.sequence_length});
  cost.forward.memory_bytes = Product({a, 2 * query + key_value}) + statistics_bytes;
  cost.backward.operations = Product({8, query, shape.sequence_length});
  // Reads query, key, value, output and its gradient; writes three gradients.
  cost.backward.memory_bytes = Product({a, 4 * query + 2 * key_value}) + 2 * statistics_bytes;
  cost.backward.kernels = 2;
  return cost;
}

Cost ConvolutionCost(const Formats& formats, const ConvolutionShape& shape) {
  const uint64_t pixels = Product({shape.batch, shape.out_size, shape.out_size});
  const uint64_t weight =
      Product({shape.kernel, shape.kernel, shape.in_channels, shape.out_channels});
  return MatrixCost(formats, Product({pixels, weight}),
                    Product({shape.batch, shape.in_size, shape.in_size, shape.in_channels}), weight,
                    Product({pixels, shape.out_channels}), shape.input_gradient);
}

Cost NormCost(const Formats& formats, uint64_t values, uint64_t extra_gradients) {
  const uint64_t bytes = Product({formats.ActivationBytes(), values});
  Cost cost;
  cost.forward = {Product({kNormOperations, values}), Product({2, bytes}), 1};
  // The input's gradient reads two tensors and writes one; the parameters' reads two again; each
  // extra gradient is an addition.
  cost.backward = {Product({2 * kNormOperations, values}),
                   Product({5 + 3 * extra_gradients, bytes}), 2 + extra_gradients};
  return cost;
}

Cost BatchNormCost(const Formats& formats, uint64_t values) {
  const uint64_t bytes = Product({formats.ActivationBytes(), values});
  Cost cost;
  cost.forward = {Product({kNormOperations, values}), Product({3, bytes}), 2};
  cost.backward = {Product({2 * kNormOperations, values}), Product({5, bytes}), 2};
  return cost;
}

Cost ElementwiseCost(const Formats& formats, const ElementwiseShape& shape) {
  const uint64_t bytes = Product({formats.ActivationBytes(), shape.values});
  Cost cost;
  cost.forward = {Product({shape.operations, shape.values}), Product({shape.forward_moves, bytes}),
                  1};
  cost.backward = {Product({shape.operations, shape.values}),
                   Product({shape.backward_moves + 3 * shape.extra_gradients, bytes}),
                   1 + shape.extra_gradients};
  return cost;
}

Cost EmbeddingCost(const Formats& formats, const EmbeddingShape& shape) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t g = formats.GradientBytes();
  const uint64_t values = Product({shape.rows, shape.width});
  const uint64_t additions = shape.tables - 1;
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
  return cost;
}

uint64_t OptimizerStateBytes(Optimizer optimizer) {
  return (optimizer == Optimizer::kAdam ? 2 : 1) * kFp32Bytes;
}

Work OptimizerWork(const Formats& formats, Optimizer optimizer, uint64_t parameters) {
  const uint64_t operations = optimizer == Optimizer::kAdam ? kAdamOperations : kSgdOperations;
  // Parameters and state are read and written, gradients are read.
  const uint64_t bytes =
      2 * (formats.ParameterBytes() + OptimizerStateBytes(optimizer)) + formats.GradientBytes();
  return {Product({operations, parameters}), Product({bytes, parameters}), 1};
}

}  // namespace ddlsim
