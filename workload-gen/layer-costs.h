// SPDX-License-Identifier: MIT
//
// Floating-point operations and bytes moved by each kind of layer, forward and backward: what the
// kernels of a mixed-precision training step in PyTorch (autocast) have to do at least. Bytes count
// each tensor once per kernel that reads or writes it; nothing is assumed to stay in caches.
// docs/workloads.md has the table and what is left out.
#pragma once

#include <cstdint>

#include "hardware/gpu.h"
#include "hardware/roofline.h"

namespace ddlsim {

// Bytes of one value as stored. Parameters and optimizer state are fp32 (autocast keeps them so).
struct Formats {
  Precision compute = Precision::kBf16;
  Precision gradient = Precision::kFp32;

  uint64_t ActivationBytes() const { return PrecisionBytes(compute); }
  uint64_t ParameterBytes() const { return 4; }
  uint64_t GradientBytes() const { return PrecisionBytes(gradient); }
};

struct Cost {
  Work forward;
  Work backward;
};

// Output = input (rows x in) times weight (in x out), plus a bias. The backward pass is two
// products of the same size, one where the input needs no gradient.
struct LinearShape {
  uint64_t rows = 0;
  uint64_t in = 0;
  uint64_t out = 0;
  bool bias = false;
  bool input_gradient = true;
};
Cost LinearCost(const Formats& formats, const LinearShape& shape);

// Fused attention (scores never leave the chip). Operations count the full square of the sequence,
// as the Megatron-LM papers do, also where a causal mask would allow half.
struct AttentionShape {
  uint64_t batch = 0;
  uint64_t sequence_length = 0;
  uint64_t heads = 0;
  uint64_t key_value_heads = 0;
  uint64_t head_dimension = 0;
};
Cost AttentionCost(const Formats& formats, const AttentionShape& shape);

// Square kernels, square images, no bias.
struct ConvolutionShape {
  uint64_t batch = 0;
  uint64_t in_size = 0;  // pixels along an edge
  uint64_t out_size = 0;
  uint64_t in_channels = 0;
  uint64_t out_channels = 0;
  uint64_t kernel = 0;
  bool input_gradient = true;
};
Cost ConvolutionCost(const Formats& formats, const ConvolutionShape& shape);

// Layer or RMS normalisation over `values` = rows x width. `extra_gradients`: how many further
// branches read the same input or output, whose gradients the backward pass has to add.
Cost NormCost(const Formats& formats, uint64_t values, uint64_t extra_gradients);
// Batch normalisation in training: statistics need a pass of their own.
Cost BatchNormCost(const Formats& formats, uint64_t values);

// An elementwise kernel that moves so many values in each direction, per output value.
struct ElementwiseShape {
  uint64_t values = 0;
  uint64_t forward_moves = 0;  // tensors read plus written
  uint64_t backward_moves = 0;
  uint64_t operations = 0;  // per value and direction
  uint64_t extra_gradients = 0;
};
Cost ElementwiseCost(const Formats& formats, const ElementwiseShape& shape);

// Row lookups in `tables` tables of `table_elements` in all, summed. The gradient of a table is
// dense. `tied_elements`: size of a table that the output layer shares, whose two gradients add up.
struct EmbeddingShape {
  uint64_t rows = 0;
  uint64_t width = 0;
  uint64_t tables = 1;
  uint64_t table_elements = 0;
  uint64_t tied_elements = 0;
};
Cost EmbeddingCost(const Formats& formats, const EmbeddingShape& shape);

// Cross entropy over rows x classes in fp32, as autocast runs it.
Cost CrossEntropyCost(const Formats& formats, uint64_t rows, uint64_t classes);

enum class Optimizer : uint8_t { kAdam, kSgdMomentum };
// Bytes of optimizer state per parameter (fp32 moments).
uint64_t OptimizerStateBytes(Optimizer optimizer);
// One fused update of all parameters.
Work OptimizerWork(const Formats& formats, Optimizer optimizer, uint64_t parameters);

}  // namespace ddlsim
