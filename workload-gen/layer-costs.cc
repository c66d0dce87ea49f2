// SPDX-License-Identifier: MIT
#include "workload-gen/layer-costs.h"

#include <algorithm>

#include "workload-gen/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kFp32Bytes = 4;
constexpr uint64_t kIndexBytes = 8;
// Operations per value. Memory bounds all of these kernels by a wide margin (an H100 does 20 fp32
// operations in the time of one byte), so the counts need the right size, not the last digit.
constexpr uint64_t kGeluOperations = 8;
constexpr uint64_t kNormOperations = 8;
constexpr uint64_t kLossOperations = 6;
constexpr uint64_t kLstmGates = 4;
constexpr uint64_t kLstmOperations = 30;  // three sigmoids, two tanh and the cell's update
constexpr uint64_t kAdamOperations = 16;
constexpr uint64_t kSgdOperations = 5;

void Add(const Work& more, Work& work) {
  work.operations = Sum(work.operations, more.operations);
  work.memory_bytes = Sum(work.memory_bytes, more.memory_bytes);
  work.kernels += more.kernels;
}

// Of the backward pass, and of that part of it which only the optimizer waits for.
void AddWeightGradient(const Work& work, Cost& cost) {
  Add(work, cost.backward);
  Add(work, cost.weight_gradient);
}

// Matrix products with a weight: the cast of the fp32 weight to the compute format (autocast keeps
// the copy for the backward pass) and of the weight's gradient back.
void AddCasts(const Formats& formats, uint64_t weight_elements, Cost& cost) {
  const uint64_t a = formats.ActivationBytes();
  if (formats.ParameterBytes() != a) {
    cost.forward.memory_bytes += Product({formats.ParameterBytes() + a, weight_elements});
    ++cost.forward.kernels;
    cost.weight_copy_bytes = Product({a, weight_elements});
  }
  if (formats.GradientBytes() != a) {
    cost.backward_scratch_bytes = Product({a, weight_elements});
    AddWeightGradient({0, Product({formats.GradientBytes() + a, weight_elements}), 1}, cost);
  }
}

// A product of `multiply_adds` between tensors of these sizes, and its two gradients.
Cost MatrixCost(const Formats& formats, uint64_t multiply_adds, uint64_t in_elements,
                uint64_t weight_elements, uint64_t out_elements, bool input_gradient) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t bytes = Product({a, in_elements + weight_elements + out_elements});
  Cost cost;
  cost.forward = {Product({2, multiply_adds}), bytes, 1};
  cost.backward = {0, 0, 0};
  if (input_gradient) cost.backward = cost.forward;
  AddWeightGradient(cost.forward, cost);
  AddCasts(formats, weight_elements, cost);
  cost.output_bytes = Product({a, out_elements});
  cost.kept.inputs = true;
  if (!input_gradient) cost.kept.own_bytes = Product({a, in_elements});
  return cost;
}

// Added within the product's kernel; its gradient is a column sum of its own.
void AddBias(const Formats& formats, uint64_t bias_elements, uint64_t out_elements, Cost& cost) {
  cost.forward.memory_bytes += Product({formats.ParameterBytes(), bias_elements});
  AddWeightGradient({0,
                     Product({formats.ActivationBytes(), out_elements}) +
                         Product({formats.GradientBytes(), bias_elements}),
                     1},
                    cost);
}

}  // namespace

Cost LinearCost(const Formats& formats, const LinearShape& shape) {
  const uint64_t out_elements = Product({shape.rows, shape.out});
  Cost cost = MatrixCost(
      formats, Product({shape.rows, shape.in, shape.out}), Product({shape.rows, shape.in}),
      Product({shape.weights, shape.in, shape.out}), out_elements, shape.input_gradient);
  if (shape.bias) AddBias(formats, Product({shape.weights, shape.out}), out_elements, cost);
  return cost;
}

uint64_t StatisticsBytes(const AttentionShape& shape) {
  return Product({kFp32Bytes, shape.batch, shape.sequence_length, shape.heads});
}

Cost AttentionCost(const Formats& formats, const AttentionShape& shape) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t keys = shape.key_length > 0 ? shape.key_length : shape.sequence_length;
  const uint64_t seen = shape.window > 0 ? std::min(shape.window, keys) : keys;
  const uint64_t value_dimension =
      shape.value_dimension > 0 ? shape.value_dimension : shape.head_dimension;
  const uint64_t rows = Product({shape.batch, shape.sequence_length});
  const uint64_t query = Product({rows, shape.heads, shape.head_dimension});
  const uint64_t output = Product({rows, shape.heads, value_dimension});
  const uint64_t key_value = Product({shape.batch, keys, shape.key_value_heads,
                                      Product({shape.head_dimension}) + value_dimension});
  const uint64_t statistics_bytes = StatisticsBytes(shape);
  Cost cost;
  // Scores (query times key) and their product with the values; backward two products for each.
  cost.forward.operations = Product({2, query, seen}) + Product({2, output, seen});
  cost.forward.memory_bytes = Product({a, query + output + key_value}) + statistics_bytes;
  cost.backward.operations = Product({2, cost.forward.operations});
  // Reads query, key, value, output and its gradient; writes three gradients.
  cost.backward.memory_bytes = Product({2, a, query + output + key_value}) + 2 * statistics_bytes;
  cost.backward.kernels = 2;
  if (shape.score_bias) {
    const uint64_t bias_bytes = Product({a, rows, shape.heads, seen});
    cost.forward.memory_bytes += bias_bytes;
    cost.backward.memory_bytes += 2 * bias_bytes;  // read again, its gradient written
  }
  cost.output_bytes = Product({a, output});
  cost.kept = {true, true, statistics_bytes};
  return cost;
}

Cost ConvolutionCost(const Formats& formats, const ConvolutionShape& shape) {
  const uint64_t pixels = Product({shape.batch, shape.out_size, shape.out_size});
  const uint64_t weight =
      Product({shape.kernel, shape.kernel, shape.in_channels, shape.out_channels});
  const uint64_t out_elements = Product({pixels, shape.out_channels});
  Cost cost = MatrixCost(formats, Product({pixels, weight}),
                         Product({shape.batch, shape.in_size, shape.in_size, shape.in_channels}),
                         weight, out_elements, shape.input_gradient);
  if (shape.bias) AddBias(formats, shape.out_channels, out_elements, cost);
  return cost;
}

Cost NormCost(const Formats& formats, uint64_t rows, uint64_t width, uint64_t statistics) {
  const uint64_t values = Product({rows, width});
  const uint64_t bytes = Product({formats.ActivationBytes(), values});
  Cost cost;
  cost.forward = {Product({kNormOperations, values}), Product({2, bytes}), 1};
  // The input's gradient reads two tensors and writes one; the parameters' reads two again.
  cost.backward = {Product({2 * kNormOperations, values}), Product({5, bytes}), 2};
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

Cost LstmCost(const Formats& formats, const LstmShape& shape) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t gates = Product({kLstmGates, shape.hidden});
  const uint64_t rows = Product({shape.batch, shape.steps});
  const uint64_t weight = Product({gates, shape.hidden});
  const uint64_t state = Product({rows, shape.hidden});  // of all steps
  Cost cost;
  // Each step reads the whole weight, its inputs' share of the gates and the state; it writes the
  // gates, the cell and the state.
  cost.forward.operations = Product({2, rows, weight}) + Product({kLstmOperations, state});
  cost.forward.memory_bytes =
      Product({a, Product({shape.steps, weight}) + Product({4 * kLstmGates + 4, state})});
  cost.forward.kernels = 2 * shape.steps;
  // Per step the state's gradient; the weight's in one product over all steps.
  cost.backward.operations = Product({4, rows, weight}) + Product({2 * kLstmOperations, state});
  cost.backward.memory_bytes =
      Product({a, Product({shape.steps + 1, weight}) + Product({5 * kLstmGates + 7, state})});
  cost.backward.kernels = 2 * shape.steps + 1;
  AddCasts(formats, weight, cost);
  cost.output_bytes = Product({a, state});
  // The gates after their activations and the cells; the states are the output.
  cost.kept = {false, true, Product({a, kLstmGates + 1, state})};
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
