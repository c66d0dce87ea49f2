// SPDX-License-Identifier: MIT
#include "workload-gen/architecture/perceptron.h"

#include <absl/strings/str_cat.h>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

size_t AddPerceptron(LayerBuilder& layers, const PerceptronLayers& shape,
                     std::vector<size_t> inputs) {
  uint64_t in = shape.in;
  for (size_t i = 0; i < shape.widths.size(); ++i) {
    const uint64_t out = shape.widths[i];
    const bool last = i + 1 == shape.widths.size();
    const std::string name = absl::StrCat(shape.prefix, i);
    const bool input_gradient = !inputs.empty();
    inputs = {layers.AddLinear(name, inputs, {shape.rows, in, out, true, input_gradient})};
    in = out;
    if (last && !shape.activate_last) break;
    const Activation activation = last ? shape.last : shape.activation;
    inputs = {layers.AddElementwise(absl::StrCat(name, "_", ActivationName(activation)), inputs,
                                    ActivationShape(activation, Product({shape.rows, out})))};
  }
  return inputs.front();
}

LayerModel BuildModel(const std::string& name, const PerceptronShape& shape,
                      const BatchShape& batch, const Formats& formats) {
  LayerBuilder layers(name, formats);
  PerceptronLayers perceptron;
  perceptron.prefix = "layer";
  perceptron.rows = batch.batch;
  perceptron.in = shape.inputs;
  perceptron.widths = shape.widths;
  perceptron.activation = shape.activation;
  perceptron.activate_last = false;
  const size_t logits = AddPerceptron(layers, perceptron, {});
  layers.AddCrossEntropy("loss", {logits}, batch.batch, shape.widths.back());
  return layers.Finish();
}

}  // namespace ddlsim
