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
#include "workload-gen/layers/held-memory.h"

namespace ddlsim {

// Formats and methods of the computation. Bytes are of one value as stored; the optimizer's state
// is fp32. So are parameters under autocast; where they are stored in a shorter format, the
// optimizer keeps an fp32 copy (Micikevicius et al. 2018, Mixed Precision Training), as Megatron-LM
// and DeepSpeed do.
struct Formats {
  Precision compute = Precision::kBf16;
  Precision gradient = Precision::kFp32;
  Precision parameter = Precision::kFp32;
  // Products with weights run in fp8; activations and attention stay in `compute`.
  bool linear_in_fp8 = false;
  // Weights come in the compute format (sharded parameters are cast before they are gathered).
  bool weights_come_cast = false;
  AttentionMethod attention = AttentionMethod::kFlash;
  bool fuses_pointwise = false;  // see pointwise-fusion.h
  bool fuses_convolution_norms = false;
  bool recomputes_attention = false;  // unfused: the scores again before the backward pass

  uint64_t ActivationBytes() const { return PrecisionBytes(compute); }
  uint64_t ParameterBytes() const { return PrecisionBytes(parameter); }
  // Of the optimizer's own copy of a parameter; 0: it updates the parameter itself.
  uint64_t MainCopyBytes() const { return ParameterBytes() < 4 ? 4 : 0; }
  bool CastsWeights() const { return !weights_come_cast && ParameterBytes() != ActivationBytes(); }
  Precision LinearPrecision() const { return linear_in_fp8 ? Precision::kFp8 : compute; }
  uint64_t GradientBytes() const { return PrecisionBytes(gradient); }
};

// Everything about one operation. `output_bytes` is the activation that it hands on.
struct Cost {
  Work forward;
  Work backward;
  Work weight_gradient{0, 0, 0};  // the part of `backward` that only the optimizer waits for
  uint64_t output_bytes = 0;
  Kept kept;
  // As of HeldMemory.
  uint64_t weight_copy_bytes = 0;
  uint64_t forward_scratch_bytes = 0;
  uint64_t backward_scratch_bytes = 0;
};

// Output = input (rows x in) times weight (in x out), plus a bias. The backward pass is two
// products of the same size, one where the input needs no gradient, being the batch itself. With
// several weights (experts) each has its share of the rows, all in one grouped product.
struct LinearShape {
  uint64_t rows = 0;
  uint64_t in = 0;
  uint64_t out = 0;
  bool bias = false;
  bool input_gradient = true;
  uint64_t weights = 1;
};
Cost LinearCost(const Formats& formats, const LinearShape& shape);

// Fused attention (scores never leave the chip), or products and a softmax through memory.
// Operations count the full square of the sequence, as the Megatron-LM papers do; the time is that
// of what runs: fused kernels leave out what a causal mask hides, and compute the scores again in
// the backward pass.
struct AttentionShape {
  uint64_t batch = 0;
  uint64_t sequence_length = 0;
  uint64_t heads = 0;
  uint64_t key_value_heads = 0;
  uint64_t head_dimension = 0;   // of queries and keys
  uint64_t value_dimension = 0;  // 0: as head_dimension
  uint64_t key_length = 0;       // cross attention: keys per sample; 0: sequence_length
  uint64_t window = 0;           // keys that a query sees at most; 0: all
  bool score_bias = false;       // a tensor of heads x queries x keys is added to the scores
  bool causal = false;           // a query sees no later key: fused kernels leave half out
};
Cost AttentionCost(const Formats& formats, const AttentionShape& shape);
// The softmax's normalisers, kept for the backward pass.
uint64_t StatisticsBytes(const AttentionShape& shape);

// Square kernels, square images.
struct ConvolutionShape {
  uint64_t batch = 0;
  uint64_t in_size = 0;  // pixels along an edge
  uint64_t out_size = 0;
  uint64_t in_channels = 0;
  uint64_t out_channels = 0;
  uint64_t kernel = 0;
  bool input_gradient = true;
  bool bias = false;
};
Cost ConvolutionCost(const Formats& formats, const ConvolutionShape& shape);

// Layer or RMS normalisation of rows x width; `statistics` fp32 values are kept per row.
// Without `is_trained` its parameters have no gradients.
Cost NormCost(const Formats& formats, uint64_t rows, uint64_t width, uint64_t statistics,
              bool is_trained = true);
// Batch normalisation in training: statistics need a pass of their own.
Cost BatchNormCost(const Formats& formats, uint64_t pixels, uint64_t channels);

// An elementwise kernel that moves so many values in each direction, per output value.
struct ElementwiseShape {
  uint64_t values = 0;
  uint64_t forward_moves = 0;  // tensors read plus written
  uint64_t backward_moves = 0;
  uint64_t operations = 0;  // per value and direction
  Kept kept;
  uint64_t output_values = 0;  // 0: as values
};
Cost ElementwiseCost(const Formats& formats, const ElementwiseShape& shape);

// Activation functions, each one kernel. The gated ones take two tensors of `values` each.
enum class Activation : uint8_t { kGelu, kRelu, kTanh, kSigmoid, kSwiGlu, kGeGlu };
const char* ActivationName(Activation activation);
bool IsGated(Activation activation);
ElementwiseShape ActivationShape(Activation activation, uint64_t values);

// Where the outputs of an operation are read `readers` times, their gradients are added before its
// own backward pass: one kernel of three tensors per reader beyond the first.
void AddGradientSums(uint64_t output_bytes, uint64_t readers, Work& backward);

// Row lookups in `tables` tables of `table_elements` in all, whose rows are summed (or, for
// separate features, stand side by side in the output). The gradient of a table is dense.
// `tied_elements`: size of a table that the output layer shares, whose two gradients add up.
struct EmbeddingShape {
  uint64_t rows = 0;
  uint64_t width = 0;
  uint64_t tables = 1;
  uint64_t table_elements = 0;
  uint64_t tied_elements = 0;
  bool summed = true;
};
Cost EmbeddingCost(const Formats& formats, const EmbeddingShape& shape);

// Cross entropy over rows x classes in fp32, as autocast runs it.
Cost CrossEntropyCost(const Formats& formats, uint64_t rows, uint64_t classes);

// One layer of an LSTM over sequences (Hochreiter and Schmidhuber 1997, with forget gates): the
// products with the recurrent weight and the gates, step after step. The products with the inputs
// are a linear layer of their own over all steps at once, as in cuDNN.
struct LstmShape {
  uint64_t batch = 0;
  uint64_t steps = 0;
  uint64_t hidden = 0;
};
Cost LstmCost(const Formats& formats, const LstmShape& shape);

enum class Optimizer : uint8_t { kAdam, kSgdMomentum, kSgd };
// Bytes of optimizer state per parameter (fp32 moments; plain SGD has none), without the copy of
// Formats::MainCopyBytes().
uint64_t OptimizerStateBytes(Optimizer optimizer);
// One fused update of all parameters.
Work OptimizerWork(const Formats& formats, Optimizer optimizer, uint64_t parameters);

}  // namespace ddlsim
