// SPDX-License-Identifier: MIT
//
// Listed layers of images, of plain tensors, and those that change shapes only.
#include "workload-gen/architecture/list-builder.h"

namespace ddlsim {
namespace {

constexpr uint64_t kIndexBytes = 8;

}  // namespace

void ListBuilder::RequireImage(const ListedLayer& layer, const SampleShape& shape) const {
  if (shape.image_size == 0) {
    Refuse(layer, "reads no image", "state 'input: {image_size: N, image_channels: C}'");
  }
}

void ListBuilder::AddConvolution(const ListedLayer& layer) {
  const SampleShape in = InputShape(layer);
  RequireImage(layer, in);
  const SampleShape out = Strided(in, layer.Size("stride"), layer.Size("channels"));
  const ConvolutionShape convolution{
      m_batch.batch, in.image_size,        out.image_size,        in.width,
      out.width,     layer.Size("kernel"), !layer.inputs.empty(), layer.Flag("bias")};
  Push(m_layers.AddConvolution(layer.name, Operations(layer), convolution), out);
}

void ListBuilder::AddPool(const ListedLayer& layer) {
  const SampleShape in = InputShape(layer);
  if (layer.type == "average_pool") {  // over all positions
    const SampleShape out{1, in.width, 0};
    return Push(m_layers.AddElementwise(layer.name, Operations(layer),
                                        {Values(in), 1, 1, 1, {}, Values(out)}),
                out);
  }
  RequireImage(layer, in);
  const uint64_t stride = layer.Size("stride");
  const SampleShape out = Strided(in, stride, in.width);
  // Reads the whole input, writes a value and its index.
  const uint64_t values = Values(out);
  const uint64_t moves =
      Product({stride, stride}) + 1 + kIndexBytes / m_layers.GetFormats().ActivationBytes();
  const uint64_t window = Product({layer.Size("kernel"), layer.Size("kernel")});
  Push(m_layers.AddElementwise(
           layer.name, Operations(layer),
           {values, moves, moves, window, {true, false, Product({kIndexBytes, values})}}),
       out);
}

void ListBuilder::AddRaw(const ListedLayer& layer) {
  const uint64_t batch = m_batch.batch;
  auto total = [&](const char* key) { return Product({batch, layer.Size(key)}); };
  SampleShape shape = InputShape(layer);
  if (layer.Size("output_values") > 0) shape = {1, layer.Size("output_values"), 0};
  Cost cost;
  cost.forward = {total("operations"), total("memory_bytes"), 1};
  cost.backward = {total("backward_operations"), total("backward_memory_bytes"), 1};
  cost.output_bytes = Product({m_layers.GetFormats().ActivationBytes(), Values(shape)});
  cost.kept.own_bytes = total("saved_bytes");
  std::vector<size_t> parameters;
  if (layer.Size("parameters") > 0) {
    parameters = {m_layers.AddParameter(layer.name + ".weight", layer.Size("parameters"))};
  }
  Push(m_layers.Add(layer.name, layer.choices.at("class"), Operations(layer), parameters, cost),
       shape);
}

void ListBuilder::AddConcatenation(const ListedLayer& layer) {
  SampleShape shape = InputShape(layer);
  shape.width = 0;
  for (size_t input : layer.inputs) {
    const SampleShape& part = m_outputs[input].shape;
    if (part.positions != shape.positions || part.image_size != shape.image_size) {
      Refuse(layer, "joins layers of different lengths", "join layers that differ in width only");
    }
    shape.width = Sum(shape.width, part.width);
  }
  Push(m_layers.AddElementwise(layer.name, Operations(layer), {Values(shape), 2, 2, 0, {}}), shape);
}

void ListBuilder::AddFlatten(const ListedLayer& layer) {
  const SampleShape shape = InputShape(layer);
  Push(Operations(layer).front(), {1, Product({shape.positions, shape.width}), 0});
}

// add, activation, elementwise and loss: all inputs alike.
void ListBuilder::AddSameShape(const ListedLayer& layer) {
  const SampleShape shape = InputShape(layer);
  for (size_t input : layer.inputs) {
    if (m_outputs[input].shape == shape) continue;
    Refuse(layer, "reads layers of different shapes", "make their lengths and widths equal");
  }
  const std::vector<size_t> inputs = Operations(layer);
  const uint64_t values = Values(shape);
  if (layer.type == "add") {
    return Push(m_layers.AddResidual(layer.name, inputs[0], inputs[1], values), shape);
  }
  if (layer.type == "loss") {
    return Push(m_layers.AddCrossEntropy(layer.name, inputs, Rows(shape), shape.width), {1, 1, 0});
  }
  if (layer.type == "activation") {
    const Activation activation = ActivationOf(layer.choices.at("function"));
    return Push(m_layers.AddElementwise(layer.name, inputs, ActivationShape(activation, values)),
                shape);
  }
  const Kept keeps_inputs{true, false, 0};
  Push(m_layers.AddElementwise(layer.name, inputs,
                               {values, layer.Size("forward_moves"), layer.Size("backward_moves"),
                                layer.Size("operations"), keeps_inputs}),
       shape);
}

}  // namespace ddlsim
