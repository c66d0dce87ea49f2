// SPDX-License-Identifier: MIT
//
// Builds the operations of a user's list of layers.
#include "workload-gen/layer-list.h"

#include <absl/strings/str_cat.h>

#include "base/input-error.h"
#include "workload-gen/architecture.h"
#include "workload-gen/arithmetic.h"
#include "workload-gen/recurrent.h"
#include "workload-gen/token-layers.h"

namespace ddlsim {
namespace {

constexpr uint64_t kIndexBytes = 8;

// One sample's activation: positions (tokens, or image_size squared) of `width` values each.
struct SampleShape {
  uint64_t positions = 1;
  uint64_t width = 1;
  uint64_t image_size = 0;  // 0: no image

  bool operator==(const SampleShape& other) const {
    return positions == other.positions && width == other.width && image_size == other.image_size;
  }
};

Activation ActivationOf(const std::string& name) {
  for (Activation activation : {Activation::kGelu, Activation::kRelu, Activation::kTanh,
                                Activation::kSigmoid, Activation::kSwiGlu}) {
    if (name == ActivationName(activation)) return activation;
  }
  return Activation::kGeGlu;
}

class ListBuilder {
 public:
  ListBuilder(const std::string& name, const LayerList& list, const BatchShape& batch,
              const Formats& formats)
      : m_list(list), m_batch(batch), m_layers(name, formats) {}

  LayerModel Build() {
    for (const ListedLayer& layer : m_list.layers) {
      m_layers.SetBlock(layer.block);
      const bool composite =
          layer.type == "attention" || layer.type == "feed_forward" || layer.type == "experts";
      m_layers.SetPrefix(composite ? layer.name + "." : "");
      AddLayer(layer);
    }
    return m_layers.Finish();
  }

 private:
  // Where a layer's output is made: `flatten` makes none of its own.
  struct Output {
    size_t operation;
    SampleShape shape;
  };

  [[noreturn]] static void Refuse(const ListedLayer& layer, const std::string& problem,
                                  const std::string& remedy) {
    throw InputError(layer.place, "layer '" + layer.name + "' " + problem, remedy);
  }

  SampleShape BatchInput() const {
    const ListedInput& input = m_list.input;
    if (input.tokens > 0) return {m_batch.sequence_length, 1, 0};
    if (input.features > 0) return {1, input.features, 0};
    return {Product({input.image_size, input.image_size}), input.image_channels, input.image_size};
  }

  SampleShape InputShape(const ListedLayer& layer) const {
    return layer.inputs.empty() ? BatchInput() : m_outputs[layer.inputs.front()].shape;
  }
  std::vector<size_t> Operations(const ListedLayer& layer) const {
    std::vector<size_t> operations;
    for (size_t input : layer.inputs) operations.push_back(m_outputs[input].operation);
    return operations;
  }
  uint64_t Rows(const SampleShape& shape) const {
    return Product({m_batch.batch, shape.positions});
  }
  uint64_t Values(const SampleShape& shape) const { return Product({Rows(shape), shape.width}); }

  void Push(size_t operation, const SampleShape& shape) { m_outputs.push_back({operation, shape}); }

  void AddLayer(const ListedLayer& layer) {
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

  void AddEmbedding(const ListedLayer& layer) {
    if (m_list.input.tokens == 0) Refuse(layer, "reads no tokens", "state 'input: {tokens: N}'");
    const SampleShape shape{m_batch.sequence_length, layer.Size("width"), 0};
    const uint64_t positions = layer.Size("positions");
    if (positions > 0 && positions < shape.positions) {
      Refuse(layer,
             absl::StrCat("has positions for ", positions, " of ", shape.positions, " tokens"),
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

  void AddLinear(const ListedLayer& layer) {
    SampleShape shape = InputShape(layer);
    const LinearShape linear{Rows(shape), shape.width, layer.Size("width"), layer.Flag("bias"),
                             !layer.inputs.empty()};
    shape.width = linear.out;
    Push(m_layers.AddLinear(layer.name, Operations(layer), linear), shape);
  }

  void RequireImage(const ListedLayer& layer, const SampleShape& shape) const {
    if (shape.image_size == 0) {
      Refuse(layer, "reads no image", "state 'input: {image_size: N, image_channels: C}'");
    }
  }

  // Padded so that only the stride shrinks the image.
  static SampleShape Strided(const SampleShape& shape, uint64_t stride, uint64_t channels) {
    const uint64_t size = (shape.image_size + stride - 1) / stride;
    return {Product({size, size}), channels, size};
  }

  void AddConvolution(const ListedLayer& layer) {
    const SampleShape in = InputShape(layer);
    RequireImage(layer, in);
    const SampleShape out = Strided(in, layer.Size("stride"), layer.Size("channels"));
    const ConvolutionShape convolution{
        m_batch.batch, in.image_size,        out.image_size,        in.width,
        out.width,     layer.Size("kernel"), !layer.inputs.empty(), layer.Flag("bias")};
    Push(m_layers.AddConvolution(layer.name, Operations(layer), convolution), out);
  }

  TokenLayers Tokens(const SampleShape& shape) {
    return TokenLayers(m_layers, {m_batch.batch, shape.positions, shape.width, false});
  }

  void AddAttention(const ListedLayer& layer) {
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

  void AddFeedForward(const ListedLayer& layer) {
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

  void AddNorm(const ListedLayer& layer) {
    const SampleShape shape = InputShape(layer);
    const size_t x = Operations(layer).front();
    const std::string& kind = layer.choices.at("kind");
    Push(kind == "batch"
             ? m_layers.AddBatchNorm(layer.name, x, Rows(shape), shape.width)
             : m_layers.AddNorm(layer.name, x, Rows(shape), shape.width, kind == "rms" ? 1 : 2),
         shape);
  }

  void AddPool(const ListedLayer& layer) {
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

  void AddLstmLayer(const ListedLayer& layer) {
    SampleShape shape = InputShape(layer);
    if (m_list.input.tokens == 0 || shape.positions != m_batch.sequence_length) {
      Refuse(layer, "reads no sequence", "state 'input: {tokens: N}'");
    }
    const LstmShape lstm{m_batch.batch, shape.positions, layer.Size("width")};
    const size_t x = AddLstm(m_layers, layer.name, Operations(layer), shape.width, lstm);
    shape.width = lstm.hidden;
    Push(x, shape);
  }

  void AddRaw(const ListedLayer& layer) {
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

  void AddConcatenation(const ListedLayer& layer) {
    SampleShape shape = InputShape(layer);
    shape.width = 0;
    for (size_t input : layer.inputs) {
      const SampleShape& part = m_outputs[input].shape;
      if (part.positions != shape.positions || part.image_size != shape.image_size) {
        Refuse(layer, "joins layers of different lengths", "join layers that differ in width only");
      }
      shape.width += part.width;
    }
    Push(m_layers.AddElementwise(layer.name, Operations(layer), {Values(shape), 2, 2, 0, {}}),
         shape);
  }

  void AddFlatten(const ListedLayer& layer) {
    const SampleShape shape = InputShape(layer);
    Push(Operations(layer).front(), {1, Product({shape.positions, shape.width}), 0});
  }

  // add, activation, elementwise and loss: all inputs alike.
  void AddSameShape(const ListedLayer& layer) {
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
      return Push(m_layers.AddCrossEntropy(layer.name, inputs, Rows(shape), shape.width),
                  {1, 1, 0});
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

  const LayerList& m_list;
  BatchShape m_batch;
  LayerBuilder m_layers;
  std::vector<Output> m_outputs;  // by layer
};

}  // namespace

LayerModel BuildModel(const std::string& name, const LayerList& list, const BatchShape& batch,
                      const Formats& formats) {
  return ListBuilder(name, list, batch, formats).Build();
}

}  // namespace ddlsim
