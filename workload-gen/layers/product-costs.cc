// SPDX-License-Identifier: MIT
//
// What layers with weights cost, whose time is that of matrix products.
#include "workload-gen/layers/layer-costs.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kLstmGates = 4;
constexpr uint64_t kLstmOperations = 30;  // three sigmoids, two tanh and the cell's update

void Add(const Work& more, Work& work) {
  work.operations = Sum(work.operations, more.operations);
  work.memory_bytes = Sum(work.memory_bytes, more.memory_bytes);
  work.kernels += more.kernels;
  work.matrix_kernels.insert(work.matrix_kernels.end(), more.matrix_kernels.begin(),
                             more.matrix_kernels.end());
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
  if (formats.CastsWeights()) {
    cost.forward.memory_bytes += Product({formats.ParameterBytes() + a, weight_elements});
    ++cost.forward.kernels;
    cost.weight_copy_bytes = Product({a, weight_elements});
  }
  // Products that add to gradients kept beside shorter parameters do so themselves.
  if (formats.MainCopyBytes() > 0) {
    AddWeightGradient({0, Product({2 * formats.GradientBytes() - a, weight_elements}), 0}, cost);
  } else if (!formats.weights_come_cast && formats.GradientBytes() != a) {
    cost.backward_scratch_bytes = Product({a, weight_elements});
    AddWeightGradient({0, Product({formats.GradientBytes() + a, weight_elements}), 1}, cost);
  }
}

// The products of a layer, forward and backward: rows x depth times depth x columns.
struct ProductShape {
  uint64_t count = 1;
  uint64_t rows = 0;
  uint64_t columns = 0;
  uint64_t depth = 0;
  Precision precision = Precision::kBf16;
  bool input_gradient = true;
  uint64_t multiply_adds = 0;  // of one of the three products
  // Of the tensors, which images overlap in.
  uint64_t in_elements = 0;
  uint64_t weight_elements = 0;
  uint64_t out_elements = 0;
};

Work ProductWork(const ProductShape& shape, uint64_t bytes, uint64_t m, uint64_t n, uint64_t k) {
  Work work{Product({2, shape.multiply_adds}), bytes, 1};
  MatrixKernel kernel = ProductKernel(shape.precision, shape.count, m, n, k, bytes);
  kernel.counted_operations = work.operations;
  work.matrix_kernels.push_back(kernel);
  return work;
}

// Both operands of the three products are scaled and cast, and once more transposed, which the
// matrix units want; the scales take no traffic to speak of.
void AddFp8Casts(const Formats& formats, const ProductShape& shape, Cost& cost) {
  const uint64_t each = formats.ActivationBytes() + 2 * PrecisionBytes(Precision::kFp8);
  cost.forward.memory_bytes += Product({each, shape.in_elements + shape.weight_elements});
  cost.forward.kernels += 2;
  cost.backward.memory_bytes += Product({each, shape.out_elements});
  ++cost.backward.kernels;
}

Cost MatrixCost(const Formats& formats, const ProductShape& shape) {
  const uint64_t a = formats.ActivationBytes(), p = PrecisionBytes(shape.precision);
  const uint64_t bytes =
      Product({p, shape.in_elements + shape.weight_elements}) + Product({a, shape.out_elements});
  Cost cost;
  cost.forward = ProductWork(shape, bytes, shape.rows, shape.columns, shape.depth);
  cost.backward = {0, 0, 0};
  if (shape.input_gradient) {
    Add(ProductWork(shape,
                    Product({p, shape.out_elements + shape.weight_elements}) +
                        Product({a, shape.in_elements}),
                    shape.rows, shape.depth, shape.columns),
        cost.backward);
  }
  AddWeightGradient(ProductWork(shape,
                                Product({p, shape.in_elements + shape.out_elements}) +
                                    Product({a, shape.weight_elements}),
                                shape.depth, shape.columns, shape.rows),
                    cost);
  AddCasts(formats, shape.weight_elements, cost);
  if (shape.precision == Precision::kFp8) AddFp8Casts(formats, shape, cost);
  cost.output_bytes = Product({a, shape.out_elements});
  cost.kept.inputs = true;
  if (!shape.input_gradient) cost.kept.own_bytes = Product({a, shape.in_elements});
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
  ProductShape product{shape.weights,
                       (shape.rows + shape.weights - 1) / shape.weights,
                       shape.out,
                       shape.in,
                       formats.LinearPrecision(),
                       shape.input_gradient};
  product.multiply_adds = Product({shape.rows, shape.in, shape.out});
  product.in_elements = Product({shape.rows, shape.in});
  product.weight_elements = Product({shape.weights, shape.in, shape.out});
  product.out_elements = out_elements;
  Cost cost = MatrixCost(formats, product);
  if (shape.bias) AddBias(formats, Product({shape.weights, shape.out}), out_elements, cost);
  return cost;
}

Cost ConvolutionCost(const Formats& formats, const ConvolutionShape& shape) {
  const uint64_t pixels = Product({shape.batch, shape.out_size, shape.out_size});
  const uint64_t weight =
      Product({shape.kernel, shape.kernel, shape.in_channels, shape.out_channels});
  const uint64_t out_elements = Product({pixels, shape.out_channels});
  ProductShape product{1,
                       pixels,
                       shape.out_channels,
                       Product({shape.kernel, shape.kernel, shape.in_channels}),
                       formats.compute,
                       shape.input_gradient};
  product.multiply_adds = Product({pixels, weight});
  product.in_elements = Product({shape.batch, shape.in_size, shape.in_size, shape.in_channels});
  product.weight_elements = weight;
  product.out_elements = out_elements;
  Cost cost = MatrixCost(formats, product);
  if (shape.bias) AddBias(formats, shape.out_channels, out_elements, cost);
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

}  // namespace ddlsim
