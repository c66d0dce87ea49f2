// SPDX-License-Identifier: MIT
#include "workload-gen/layer-builder.h"

#include <absl/strings/str_cat.h>

#include "workload-gen/arithmetic.h"

namespace ddlsim {

LayerBuilder::LayerBuilder(std::string model_name, Formats formats) : m_formats(formats) {
  m_model.name = std::move(model_name);
}

std::string LayerBuilder::Name(const std::string& name) const {
  return m_block < 0 ? name : absl::StrCat("block", m_block, ".", name);
}

size_t LayerBuilder::AddParameter(const std::string& name, uint64_t elements) {
  m_model.parameters.push_back({Name(name), elements});
  return m_model.parameters.size() - 1;
}

size_t LayerBuilder::Add(const std::string& name, const std::string& operation_class,
                         std::vector<size_t> inputs, std::vector<size_t> parameters,
                         const Cost& cost) {
  Operation operation;
  operation.name = Name(name);
  operation.operation_class = operation_class;
  operation.block = m_block;
  operation.inputs = std::move(inputs);
  operation.parameters = std::move(parameters);
  operation.forward = cost.forward;
  operation.backward = cost.backward;
  m_model.operations.push_back(std::move(operation));
  return m_model.operations.size() - 1;
}

size_t LayerBuilder::AddLinear(const std::string& name, size_t input, const LinearShape& shape) {
  std::vector<size_t> parameters = {AddParameter(name + ".weight", Product({shape.in, shape.out}))};
  if (shape.bias) parameters.push_back(AddParameter(name + ".bias", shape.out));
  return Add(name, "matmul", {input}, std::move(parameters), LinearCost(m_formats, shape));
}

size_t LayerBuilder::AddLinearTied(const std::string& name, size_t input, const LinearShape& shape,
                                   size_t weight) {
  return Add(name, "matmul", {input}, {weight}, LinearCost(m_formats, shape));
}

size_t LayerBuilder::AddNorm(const std::string& name, size_t input, uint64_t rows, uint64_t width,
                             int affine_tensors, uint64_t extra_gradients) {
  std::vector<size_t> parameters = {AddParameter(name + ".weight", width)};
  if (affine_tensors == 2) parameters.push_back(AddParameter(name + ".bias", width));
  return Add(name, "norm", {input}, std::move(parameters),
             NormCost(m_formats, Product({rows, width}), extra_gradients));
}

size_t LayerBuilder::AddBatchNorm(const std::string& name, size_t input, uint64_t pixels,
                                  uint64_t channels) {
  const size_t weight = AddParameter(name + ".weight", channels);
  const size_t bias = AddParameter(name + ".bias", channels);
  return Add(name, "norm", {input}, {weight, bias},
             BatchNormCost(m_formats, Product({pixels, channels})));
}

size_t LayerBuilder::AddConvolution(const std::string& name, std::vector<size_t> inputs,
                                    const ConvolutionShape& shape) {
  const size_t weight =
      AddParameter(name + ".weight",
                   Product({shape.kernel, shape.kernel, shape.in_channels, shape.out_channels}));
  return Add(name, "convolution", std::move(inputs), {weight}, ConvolutionCost(m_formats, shape));
}

size_t LayerBuilder::AddAttention(const std::string& name, std::vector<size_t> inputs,
                                  const AttentionShape& shape) {
  return Add(name, "attention", std::move(inputs), {}, AttentionCost(m_formats, shape));
}

size_t LayerBuilder::AddElementwise(const std::string& name, std::vector<size_t> inputs,
                                    const ElementwiseShape& shape) {
  return Add(name, "elementwise", std::move(inputs), {}, ElementwiseCost(m_formats, shape));
}

size_t LayerBuilder::AddResidual(const std::string& name, size_t x, size_t y, uint64_t values) {
  Cost cost = ElementwiseCost(m_formats, {values, 3, 0, 1, 0});
  cost.backward = {0, 0, 0};
  const size_t index = Add(name, "elementwise", {x, y}, {}, cost);
  m_model.operations[index].has_backward = false;
  return index;
}

size_t LayerBuilder::AddCrossEntropy(const std::string& name, std::vector<size_t> inputs,
                                     uint64_t rows, uint64_t classes) {
  return Add(name, "loss", std::move(inputs), {}, CrossEntropyCost(m_formats, rows, classes));
}

}  // namespace ddlsim
