// SPDX-License-Identifier: MIT
#include "workload-gen/architecture/layer-list.h"

#include <absl/strings/str_cat.h>

#include "workload-gen/architecture/list-builder.h"
#include "workload-gen/architecture/recurrent.h"

namespace ddlsim {

Activation ActivationOf(const std::string& name) {
  for (Activation activation : {Activation::kGelu, Activation::kRelu, Activation::kTanh,
                                Activation::kSigmoid, Activation::kSwiGlu}) {
    if (name == ActivationName(activation)) return activation;
  }
  return Activation::kGeGlu;
}

void ListBuilder::AddLayer(const ListedLayer& layer) {
  const std::string& type = layer.type;
  if (type == "embedding") return AddEmbedding(layer);
  if (layer.inputs.empty()) {
    if (m_list.input.tokens > 0) {
      Refuse(layer, "reads tokens", "begin with a layer of type embedding");
    }
    if (type != "linear" && type != "convolution") {
      Refuse(layer, "cannot be the first", "begin with linear, convolution or embedding");
    }
  }
  if (type == "linear") return AddLinear(layer);
  if (type == "convolution") return AddConvolution(layer);
  if (type == "attention") return AddAttention(layer);
  if (type == "feed_forward" || type == "experts") return AddFeedForward(layer);
  if (type == "norm") return AddNorm(layer);
  if (type == "max_pool" || type == "average_pool") return AddPool(layer);
  if (type == "lstm") return AddLstmLayer(layer);
  if (type == "raw") return AddRaw(layer);
  if (type == "concatenate") return AddConcatenation(layer);
  if (type == "flatten") return AddFlatten(layer);
  AddSameShape(layer);
}

void ListBuilder::AddEmbedding(const ListedLayer& layer) {
  if (m_list.input.tokens == 0) Refuse(layer, "reads no tokens", "state 'input: {tokens: N}'");
  const SampleShape shape{m_batch.sequence_length, layer.Size("width"), 0};
  const uint64_t positions = layer.Size("positions");
  if (positions > 0 && positions < shape.positions) {
    Refuse(layer, absl::StrCat("has positions for ", positions, " of ", shape.positions, " tokens"),
           "raise 'positions', or shorten --sequence-length");
  }
  EmbeddingShape table;
  table.rows = Rows(shape);
  table.width = shape.width;
  table.table_elements = Product({layer.Size("vocabulary"), shape.width});
  std::vector<size_t> parameters = {
      m_layers.AddParameter(layer.name + ".token", table.table_elements)};
  if (positions > 0) {
    const uint64_t elements = Product({positions, shape.width});
    parameters.push_back(m_layers.AddParameter(layer.name + ".position", elements));
    table.table_elements += elements;
    ++table.tables;
  }
  Push(m_layers.Add(layer.name, "embedding", {}, parameters,
                    EmbeddingCost(m_layers.GetFormats(), table)),
       shape);
}

void ListBuilder::AddLinear(const ListedLayer& layer) {
  SampleShape shape = InputShape(layer);
  const LinearShape linear{Rows(shape), shape.width, layer.Size("width"), layer.Flag("bias"),
                           !layer.inputs.empty()};
  shape.width = linear.out;
  Push(m_layers.AddLinear(layer.name, Operations(layer), linear), shape);
}

void ListBuilder::AddAttention(const ListedLayer& layer) {
  const SampleShape shape = InputShape(layer);
  AttentionLayer attention;
  attention.heads = layer.Size("heads");
  attention.key_value_heads = layer.Size("key_value_heads");
  if (attention.key_value_heads == 0) attention.key_value_heads = attention.heads;
  attention.head_dimension = layer.Size("head_dimension");
  if (attention.head_dimension == 0) {
    if (shape.width % attention.heads != 0) {
      Refuse(layer, "has heads that do not divide its width", "state 'head_dimension'");
    }
    attention.head_dimension = shape.width / attention.heads;
  }
  if (attention.heads % attention.key_value_heads != 0) {
    Refuse(layer, "has 'key_value_heads' that do not divide 'heads'", "choose a divisor");
  }
  attention.value_dimension = attention.head_dimension;
  attention.window = layer.Size("window");
  attention.qkv_bias = attention.output_bias = layer.Flag("bias");
  attention.rotary = layer.Flag("rotary");
  TokenLayers tokens = Tokens(shape);
  const std::vector<size_t> inputs = Operations(layer);
  if (inputs.size() == 1) return Push(tokens.SelfAttention(attention, inputs[0]), shape);
  if (attention.rotary) {
    Refuse(layer, "is cross attention with rotary positions", "leave 'rotary' out");
  }
  Push(tokens.CrossAttention(attention, inputs[0], inputs[1],
                             Tokens(m_outputs[layer.inputs[1]].shape).Tokens()),
       shape);
}

void ListBuilder::AddFeedForward(const ListedLayer& layer) {
  const SampleShape shape = InputShape(layer);
  TokenLayers tokens = Tokens(shape);
  const size_t x = Operations(layer).front();
  if (layer.type == "feed_forward") {
    const FeedForwardLayer feed_forward{
        layer.Size("width"), ActivationOf(layer.choices.at("activation")), layer.Flag("bias")};
    return Push(tokens.FeedForward(feed_forward, x), shape);
  }
  ExpertLayer experts;
  experts.experts = layer.Size("experts");
  experts.per_token = layer.Size("experts_per_token");
  experts.width = layer.Size("width");
  experts.shared_width = layer.Size("shared_width");
  if (experts.per_token > experts.experts) {
    Refuse(layer, "sends a token to more experts than there are", "lower 'experts_per_token'");
  }
  Push(tokens.Experts(experts, x), shape);
}

void ListBuilder::AddNorm(const ListedLayer& layer) {
  const SampleShape shape = InputShape(layer);
  const size_t x = Operations(layer).front();
  const std::string& kind = layer.choices.at("kind");
  Push(kind == "batch"
           ? m_layers.AddBatchNorm(layer.name, x, Rows(shape), shape.width)
           : m_layers.AddNorm(layer.name, x, Rows(shape), shape.width, kind == "rms" ? 1 : 2),
       shape);
}

void ListBuilder::AddLstmLayer(const ListedLayer& layer) {
  SampleShape shape = InputShape(layer);
  if (m_list.input.tokens == 0 || shape.positions != m_batch.sequence_length) {
    Refuse(layer, "reads no sequence", "state 'input: {tokens: N}'");
  }
  const LstmShape lstm{m_batch.batch, shape.positions, layer.Size("width")};
  const size_t x = AddLstm(m_layers, layer.name, Operations(layer), shape.width, lstm);
  shape.width = lstm.hidden;
  Push(x, shape);
}

LayerModel BuildModel(const std::string& name, const LayerList& list, const BatchShape& batch,
                      const Formats& formats) {
  return ListBuilder(name, list, batch, formats).Build();
}

}  // namespace ddlsim
