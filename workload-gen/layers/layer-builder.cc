// SPDX-License-Identifier: MIT
#include "workload-gen/layers/layer-builder.h"

#include <absl/strings/str_cat.h>

#include "workload-gen/layers/frozen-weights.h"
#include "workload-gen/layers/kept-outputs.h"
#include "workload-gen/layers/pointwise-fusion.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

LayerBuilder::LayerBuilder(std::string model_name, Formats formats) : m_formats(formats) {
  m_model.name = std::move(model_name);
}

std::string LayerBuilder::Name(const std::string& name) const {
  return m_block < 0 ? m_prefix + name : absl::StrCat("block", m_block, ".", m_prefix, name);
}

std::vector<ParameterTensor>& LayerBuilder::Tensors() {
  return m_weights == Weights::kFrozen ? m_model.frozen : m_model.parameters;
}

size_t LayerBuilder::AddParameter(const std::string& name, uint64_t elements) {
  m_parameter_count = Sum(m_parameter_count, elements);
  Tensors().push_back({Name(name), elements});
  return Tensors().size() - 1;
}

size_t LayerBuilder::AddShardedTable(const std::string& name, uint64_t elements) {
  const size_t table = AddParameter(name, elements);
  m_model.parameters[table].is_sharded_table = true;
  return table;
}

size_t LayerBuilder::Add(const std::string& name, const std::string& operation_class,
                         std::vector<size_t> inputs, std::vector<size_t> parameters,
                         const Cost& cost) {
  Operation operation;
  operation.name = Name(name);
  operation.operation_class = operation_class;
  operation.block = m_block;
  operation.inputs = std::move(inputs);
  (m_weights == Weights::kFrozen ? operation.frozen : operation.parameters) = std::move(parameters);
  operation.forward = cost.forward;
  operation.backward = cost.backward;
  operation.weight_gradient = cost.weight_gradient;
  operation.output_bytes = cost.output_bytes;
  operation.held = {cost.kept, cost.weight_copy_bytes, cost.forward_scratch_bytes,
                    cost.backward_scratch_bytes};
  m_model.operations.push_back(std::move(operation));
  return m_model.operations.size() - 1;
}

size_t LayerBuilder::AddLinear(const std::string& name, std::vector<size_t> inputs,
                               const LinearShape& shape) {
  std::vector<size_t> parameters = {AddParameter(name + ".weight", Product({shape.in, shape.out}))};
  if (shape.bias) parameters.push_back(AddParameter(name + ".bias", shape.out));
  Formats formats = m_formats;
  formats.linear_in_fp8 = m_formats.linear_in_fp8 && m_weights != Weights::kAdapter;
  return Add(name, "matmul", std::move(inputs), std::move(parameters), LinearCost(formats, shape));
}

size_t LayerBuilder::AddExpertLinear(const std::string& name, size_t input,
                                     const LinearShape& shape, uint64_t per_token) {
  const uint64_t elements = Product({shape.in, shape.out});
  std::vector<size_t> parameters;
  for (uint64_t i = 0; i < shape.weights; ++i) {
    parameters.push_back(AddParameter(absl::StrCat(name, ".", i, ".weight"), elements));
    Tensors().back().routed_expert = true;
  }
  // A rank that has few of the experts may have no more than a token is routed to.
  const uint64_t inactive = shape.weights > per_token ? shape.weights - per_token : 0;
  m_model.inactive_parameters = Sum(m_model.inactive_parameters, Product({inactive, elements}));
  return Add(name, "matmul", {input}, std::move(parameters), LinearCost(m_formats, shape));
}

size_t LayerBuilder::AddLinearTied(const std::string& name, size_t input, const LinearShape& shape,
                                   size_t weight) {
  return Add(name, "matmul", {input}, {weight}, LinearCost(m_formats, shape));
}

size_t LayerBuilder::AddNorm(const std::string& name, size_t input, uint64_t rows, uint64_t width,
                             int affine_tensors) {
  std::vector<size_t> parameters = {AddParameter(name + ".weight", width)};
  if (affine_tensors == 2) parameters.push_back(AddParameter(name + ".bias", width));
  return Add(name, "norm", {input}, std::move(parameters),
             NormCost(m_formats, rows, width, static_cast<uint64_t>(affine_tensors),
                      m_weights != Weights::kFrozen));
}

size_t LayerBuilder::AddBatchNorm(const std::string& name, size_t input, uint64_t pixels,
                                  uint64_t channels) {
  const size_t weight = AddParameter(name + ".weight", channels);
  const size_t bias = AddParameter(name + ".bias", channels);
  return Add(name, "norm", {input}, {weight, bias}, BatchNormCost(m_formats, pixels, channels));
}

size_t LayerBuilder::AddConvolution(const std::string& name, std::vector<size_t> inputs,
                                    const ConvolutionShape& shape) {
  const size_t weight =
      AddParameter(name + ".weight",
                   Product({shape.kernel, shape.kernel, shape.in_channels, shape.out_channels}));
  std::vector<size_t> parameters = {weight};
  if (shape.bias) parameters.push_back(AddParameter(name + ".bias", shape.out_channels));
  return Add(name, "convolution", std::move(inputs), std::move(parameters),
             ConvolutionCost(m_formats, shape));
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
  Cost cost = ElementwiseCost(m_formats, {values, 3, 0, 1, {}});
  cost.backward = {0, 0, 0};
  const size_t index = Add(name, "elementwise", {x, y}, {}, cost);
  m_model.operations[index].has_backward = false;
  return index;
}

size_t LayerBuilder::AddExchange(const std::string& name, size_t input, uint64_t output_bytes,
                                 std::optional<Exchange> forward,
                                 std::optional<Exchange> backward) {
  Cost cost;
  cost.forward = cost.backward = {0, 0, 0};
  cost.output_bytes = output_bytes;
  const size_t index = Add(name, "exchange", {input}, {}, cost);
  Operation& operation = m_model.operations[index];
  operation.has_backward = false;
  operation.forward_exchange = std::move(forward);
  operation.backward_exchange = std::move(backward);
  return index;
}

void LayerBuilder::SetReload(size_t exchange, Exchange reload) {
  m_model.operations[exchange].reload = std::move(reload);
}

void LayerBuilder::SumParametersOverTensor(size_t operation, size_t first) {
  const std::vector<size_t>& parameters = m_model.operations[operation].parameters;
  for (size_t i = first; i < parameters.size(); ++i) {
    m_model.parameters[parameters[i]].sums_over_tensor = true;
  }
}

size_t LayerBuilder::AddCrossEntropy(const std::string& name, std::vector<size_t> inputs,
                                     uint64_t rows, uint64_t classes) {
  return Add(name, "loss", std::move(inputs), {}, CrossEntropyCost(m_formats, rows, classes));
}

// An addition is a kernel of its own, which runs right before the producer's backward pass. It goes
// to an operation that memory bounds too, so that its bytes add to the time: the producer, or else
// the first reader, whose backward pass is the last of the readers'.
size_t LayerBuilder::GradientSumPlace(size_t producer, const std::vector<size_t>& readers) const {
  std::vector<size_t> places = {producer};
  places.insert(places.end(), readers.begin(), readers.end());
  for (size_t place : places) {
    const Operation& operation = m_model.operations[place];
    if (operation.has_backward &&
        UnitOfClass(operation.operation_class) == ArithmeticUnit::kVector) {
      return place;
    }
  }
  for (size_t place : places) {
    if (m_model.operations[place].has_backward) return place;
  }
  return producer;
}

LayerModel LayerBuilder::Finish() {
  std::vector<Operation>& operations = m_model.operations;
  std::vector<bool> has_gradient(operations.size(), true);
  if (!m_model.frozen.empty()) has_gradient = SkipUnneededGradients(m_model);
  const std::vector<bool> is_kept = KeptOutputs(operations);
  std::vector<std::vector<size_t>> readers(operations.size());
  for (size_t i = 0; i < operations.size(); ++i) {
    for (size_t input : operations[i].inputs) readers[input].push_back(i);
  }
  if (m_formats.fuses_pointwise) {
    FusePointwise(readers, is_kept, operations);
    if (m_formats.fuses_convolution_norms) FuseConvolutionNorms(readers, operations);
  }
  for (size_t i = 0; i < operations.size(); ++i) {
    Operation& operation = operations[i];
    operation.saved_bytes =
        operation.held.kept.own_bytes + (is_kept[i] ? operation.output_bytes : 0);
    if (!has_gradient[i]) continue;
    AddGradientSums(operation.output_bytes, readers[i].size(),
                    operations[GradientSumPlace(i, readers[i])].backward);
  }
  return std::move(m_model);
}

}  // namespace ddlsim
