// SPDX-License-Identifier: MIT
//
// Builds a LayerModel operation by operation; each Add... returns the index of its operation.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "workload-gen/layer-costs.h"
#include "workload-gen/layer-model.h"

namespace ddlsim {

class LayerBuilder {
 public:
  LayerBuilder(std::string model_name, Formats formats);

  const Formats& GetFormats() const { return m_formats; }
  // Operations added from here on belong to this residual block, and their names begin with
  // "blockN."; -1: to none.
  void SetBlock(int block) { m_block = block; }

  size_t AddParameter(const std::string& name, uint64_t elements);

  // A matrix product with its own weight (and bias), or with a weight that exists already.
  size_t AddLinear(const std::string& name, size_t input, const LinearShape& shape);
  size_t AddLinearTied(const std::string& name, size_t input, const LinearShape& shape,
                       size_t weight);
  // `affine_tensors`: 2 (weight and bias) or 1 (weight), each `width` long.
  size_t AddNorm(const std::string& name, size_t input, uint64_t rows, uint64_t width,
                 int affine_tensors, uint64_t extra_gradients);
  size_t AddBatchNorm(const std::string& name, size_t input, uint64_t pixels, uint64_t channels);
  // The first convolution of a model has no inputs.
  size_t AddConvolution(const std::string& name, std::vector<size_t> inputs,
                        const ConvolutionShape& shape);
  size_t AddAttention(const std::string& name, std::vector<size_t> inputs,
                      const AttentionShape& shape);
  size_t AddElementwise(const std::string& name, std::vector<size_t> inputs,
                        const ElementwiseShape& shape);
  // x + y: the gradient passes to both unchanged, where it forks it is added by whoever made x.
  size_t AddResidual(const std::string& name, size_t x, size_t y, uint64_t values);
  size_t AddCrossEntropy(const std::string& name, std::vector<size_t> inputs, uint64_t rows,
                         uint64_t classes);
  // Any other operation.
  size_t Add(const std::string& name, const std::string& operation_class,
             std::vector<size_t> inputs, std::vector<size_t> parameters, const Cost& cost);

  LayerModel Finish() { return std::move(m_model); }

 private:
  std::string Name(const std::string& name) const;

  Formats m_formats;
  int m_block = -1;
  LayerModel m_model;
};

}  // namespace ddlsim
