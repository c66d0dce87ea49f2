// SPDX-License-Identifier: MIT
//
// Builds a LayerModel operation by operation; each Add... returns the index of its operation.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "workload-gen/layers/layer-costs.h"
#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

class LayerBuilder {
 public:
  LayerBuilder(std::string model_name, Formats formats);

  const Formats& GetFormats() const { return m_formats; }
  // Operations added from here on belong to this residual block, and their names begin with
  // "blockN."; -1: to none.
  void SetBlock(int block) { m_block = block; }
  int GetBlock() const { return m_block; }
  // Goes before the names of operations and parameters, after the block.
  void SetPrefix(std::string prefix) { m_prefix = std::move(prefix); }

  // Of operations added from here on: their weights are trained (at first), stay as they are, or
  // are trained beside those that stay, in the format of activations.
  enum class Weights : uint8_t { kTrained, kFrozen, kAdapter };
  void SetWeights(Weights weights) { m_weights = weights; }

  size_t AddParameter(const std::string& name, uint64_t elements);
  // As ParameterTensor::is_sharded_table.
  size_t AddShardedTable(const std::string& name, uint64_t elements);

  // A matrix product with its own weight (and bias), or with a weight that exists already. Without
  // inputs it reads the batch itself.
  size_t AddLinear(const std::string& name, std::vector<size_t> inputs, const LinearShape& shape);
  size_t AddLinearTied(const std::string& name, size_t input, const LinearShape& shape,
                       size_t weight);
  // One product with as many weights as there are experts (shape.weights), `per_token` of which
  // each token is routed to.
  size_t AddExpertLinear(const std::string& name, size_t input, const LinearShape& shape,
                         uint64_t per_token);
  // `affine_tensors`: 2 (weight and bias: layer normalisation) or 1 (weight: RMS normalisation),
  // each `width` long. `rows` is the number of rows of that width.
  size_t AddNorm(const std::string& name, size_t input, uint64_t rows, uint64_t width,
                 int affine_tensors);
  size_t AddBatchNorm(const std::string& name, size_t input, uint64_t pixels, uint64_t channels);
  // Without inputs it reads the batch itself.
  size_t AddConvolution(const std::string& name, std::vector<size_t> inputs,
                        const ConvolutionShape& shape);
  size_t AddAttention(const std::string& name, std::vector<size_t> inputs,
                      const AttentionShape& shape);
  size_t AddElementwise(const std::string& name, std::vector<size_t> inputs,
                        const ElementwiseShape& shape);
  // x + y: the gradient passes to both unchanged.
  size_t AddResidual(const std::string& name, size_t x, size_t y, uint64_t values);
  // What a group of ranks exchanges; a pass without an exchange hands its input on. `output_bytes`
  // as of Operation.
  size_t AddExchange(const std::string& name, size_t input, uint64_t output_bytes,
                     std::optional<Exchange> forward, std::optional<Exchange> backward);
  // The exchange's output is not kept for the backward pass, but made again.
  void SetReload(size_t exchange, Exchange reload);
  // In place of what its cost says.
  void SetKept(size_t operation, const Kept& kept) {
    m_model.operations[operation].held.kept = kept;
  }
  // The operation's parameters, from its `first` one on, are whole on all ranks of a
  // tensor-parallel group.
  void SumParametersOverTensor(size_t operation, size_t first = 0);
  size_t AddCrossEntropy(const std::string& name, std::vector<size_t> inputs, uint64_t rows,
                         uint64_t classes);
  // Any other operation.
  size_t Add(const std::string& name, const std::string& operation_class,
             std::vector<size_t> inputs, std::vector<size_t> parameters, const Cost& cost);

  // Settles what depends on all readers of an output: the memory that it holds (saved_bytes), and
  // the sums of its gradients, where several operations read it.
  LayerModel Finish();

 private:
  std::string Name(const std::string& name) const;
  std::vector<ParameterTensor>& Tensors();
  size_t GradientSumPlace(size_t producer, const std::vector<size_t>& readers) const;

  Formats m_formats;
  int m_block = -1;
  std::string m_prefix;
  Weights m_weights = Weights::kTrained;
  LayerModel m_model;
  uint64_t m_parameter_count = 0;  // summed to refuse what 63 bits cannot count
};

}  // namespace ddlsim
