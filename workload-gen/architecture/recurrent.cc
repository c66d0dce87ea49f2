// SPDX-License-Identifier: MIT
//
// LSTM language models (Zaremba et al. 2014, arXiv 1409.2329), without dropout.
#include "workload-gen/architecture/recurrent.h"

#include <absl/strings/str_cat.h>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

size_t AddLstm(LayerBuilder& layers, const std::string& name, std::vector<size_t> inputs,
               uint64_t in, const LstmShape& shape) {
  const uint64_t gates = Product({4, shape.hidden});
  const bool input_gradient = !inputs.empty();
  const size_t input =
      layers.AddLinear(name + ".input", std::move(inputs),
                       {Product({shape.batch, shape.steps}), in, gates, true, input_gradient});
  const size_t weight =
      layers.AddParameter(name + ".recurrent.weight", Product({gates, shape.hidden}));
  const size_t bias = layers.AddParameter(name + ".recurrent.bias", gates);
  return layers.Add(name + ".recurrent", "matmul", {input}, {weight, bias},
                    LstmCost(layers.GetFormats(), shape));
}

LayerModel BuildModel(const std::string& name, const RecurrentShape& shape, const BatchShape& batch,
                      const Formats& formats) {
  const uint64_t hidden = shape.hidden;
  const uint64_t rows = Product({batch.batch, batch.sequence_length});
  LayerBuilder layers(name, formats);
  const uint64_t table_elements = Product({shape.vocabulary, hidden});
  const size_t table = layers.AddParameter("embedding.token", table_elements);
  size_t x = layers.Add("embedding", "embedding", {}, {table},
                        EmbeddingCost(formats, {rows, hidden, 1, table_elements, 0, true}));
  for (uint64_t i = 0; i < shape.layers; ++i) {
    layers.SetBlock(static_cast<int>(i));
    x = AddLstm(layers, "lstm", {x}, hidden, {batch.batch, batch.sequence_length, hidden});
  }
  layers.SetBlock(-1);
  const size_t logits =
      layers.AddLinear("logits", {x}, {rows, hidden, shape.vocabulary, true, true});
  layers.AddCrossEntropy("loss", {logits}, rows, shape.vocabulary);
  return layers.Finish();
}

}  // namespace ddlsim
