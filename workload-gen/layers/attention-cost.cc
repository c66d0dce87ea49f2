// SPDX-License-Identifier: MIT
//
// What the core of attention costs: fused, and as products with a softmax between them.
#include <algorithm>

#include "workload-gen/layers/layer-costs.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kFp32Bytes = 4;
// Per score: scaling, mask, exponential, sum, division; dropout draws and scales.
constexpr uint64_t kSoftmaxOperations = 8;

struct Sizes {
  uint64_t keys = 0;  // per sample
  uint64_t seen = 0;  // by a query
  uint64_t value_dimension = 0;
  uint64_t rows = 0;
  uint64_t query = 0;  // elements
  uint64_t output = 0;
  uint64_t key_value = 0;
  uint64_t scores = 0;
};

Sizes SizesOf(const AttentionShape& shape) {
  Sizes sizes;
  sizes.keys = shape.key_length > 0 ? shape.key_length : shape.sequence_length;
  sizes.seen = shape.window > 0 ? std::min(shape.window, sizes.keys) : sizes.keys;
  sizes.value_dimension = shape.value_dimension > 0 ? shape.value_dimension : shape.head_dimension;
  sizes.rows = Product({shape.batch, shape.sequence_length});
  sizes.query = Product({sizes.rows, shape.heads, shape.head_dimension});
  sizes.output = Product({sizes.rows, shape.heads, sizes.value_dimension});
  sizes.key_value = Product({shape.batch, sizes.keys, shape.key_value_heads,
                             shape.head_dimension + sizes.value_dimension});
  sizes.scores = Product({sizes.rows, shape.heads, sizes.seen});
  return sizes;
}

// Blocks that a causal mask hides whole are left out, which leaves half of a long square; a window
// has its own count of keys already.
uint64_t Unmasked(const AttentionShape& shape, uint64_t operations) {
  return shape.causal && shape.window == 0 ? operations / 2 : operations;
}

MatrixKernel FusedKernel(const Formats& formats, const AttentionShape& shape, const Sizes& sizes,
                         const Work& work, bool is_backward) {
  MatrixKernel kernel;
  kernel.kind =
      is_backward ? MatrixKernel::Kind::kAttentionBackward : MatrixKernel::Kind::kAttentionForward;
  kernel.method = formats.attention;
  kernel.precision = formats.compute;
  kernel.count = Product({shape.batch, shape.heads});
  kernel.m = shape.sequence_length;
  kernel.n = sizes.seen;
  kernel.k = (shape.head_dimension + sizes.value_dimension) / 2;
  kernel.counted_operations = work.operations;
  // Backward four products and the scores once more: five where forward has two.
  kernel.operations =
      Unmasked(shape, is_backward ? Sum(work.operations, work.operations / 4) : work.operations);
  kernel.memory_bytes = work.memory_bytes;
  return kernel;
}

// Scores and their product with the values, forward and backward, each a product of its own per
// head; between them the softmax with its mask, and dropout with its mask of one byte. Every score
// is computed, also where a mask hides it.
void AddUnfused(const Formats& formats, const AttentionShape& shape, const Sizes& sizes,
                Cost& cost) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t heads = Product({shape.batch, shape.heads});
  const uint64_t length = shape.sequence_length, d = shape.head_dimension;
  const uint64_t tensor = Product({heads, length, d}), scores = sizes.scores;
  const uint64_t bytes = Product({a, 2 * tensor + scores});
  const auto add = [&](uint64_t m, uint64_t n, uint64_t k, Work& work) {
    work.matrix_kernels.push_back(ProductKernel(formats.compute, heads, m, n, k, bytes));
    work.operations += work.matrix_kernels.back().operations;
    work.memory_bytes += bytes;
    ++work.kernels;
  };
  const auto stream = [&](uint64_t bytes_per_score, uint64_t kernels, Work& work) {
    work.memory_bytes += Product({bytes_per_score, scores});
    work.operations += Product({kSoftmaxOperations, scores});
    work.kernels += kernels;
  };
  cost.forward = cost.backward = {0, 0, 0};
  add(length, sizes.seen, d, cost.forward);
  add(length, sizes.value_dimension, sizes.seen, cost.forward);
  stream(4 * a + 1, 2, cost.forward);  // softmax: read, write; dropout: read, write, mask
  if (formats.recomputes_attention) cost.backward = cost.forward;
  add(length, sizes.seen, sizes.value_dimension, cost.backward);
  add(sizes.seen, sizes.value_dimension, length, cost.backward);
  add(length, d, sizes.seen, cost.backward);
  add(sizes.seen, d, length, cost.backward);
  stream(5 * a + 1, 2, cost.backward);  // dropout: read, mask, write; softmax: read twice, write
  // The softmax's output, and dropout's with its mask.
  cost.kept = {true, false, formats.recomputes_attention ? 0 : Product({2 * a + 1, scores})};
}

}  // namespace

uint64_t StatisticsBytes(const AttentionShape& shape) {
  return Product({kFp32Bytes, shape.batch, shape.sequence_length, shape.heads});
}

Cost AttentionCost(const Formats& formats, const AttentionShape& shape) {
  const uint64_t a = formats.ActivationBytes();
  const Sizes sizes = SizesOf(shape);
  const uint64_t statistics_bytes = StatisticsBytes(shape);
  Cost cost;
  cost.output_bytes = Product({a, sizes.output});
  if (formats.attention == AttentionMethod::kUnfused) {
    AddUnfused(formats, shape, sizes, cost);
    return cost;
  }
  const uint64_t tensors = sizes.query + sizes.output + sizes.key_value;
  // Scores (query times key) and their product with the values; backward two products for each.
  cost.forward.operations =
      Product({2, sizes.query, sizes.seen}) + Product({2, sizes.output, sizes.seen});
  cost.forward.memory_bytes = Product({a, tensors}) + statistics_bytes;
  cost.backward.operations = Product({2, cost.forward.operations});
  // Reads query, key, value, output and its gradient; writes three gradients.
  cost.backward.memory_bytes = Product({2, a, tensors}) + 2 * statistics_bytes;
  cost.backward.kernels = 2;
  if (shape.score_bias) {
    const uint64_t bias_bytes = Product({a, sizes.scores});
    cost.forward.memory_bytes += bias_bytes;
    cost.backward.memory_bytes += 2 * bias_bytes;  // read again, its gradient written
  }
  cost.forward.matrix_kernels = {FusedKernel(formats, shape, sizes, cost.forward, false)};
  cost.backward.matrix_kernels = {FusedKernel(formats, shape, sizes, cost.backward, true)};
  cost.kept = {true, true, statistics_bytes};
  return cost;
}

}  // namespace ddlsim
