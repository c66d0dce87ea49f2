// SPDX-License-Identifier: MIT
//
// Builds the operations of a user's list of layers.
#pragma once

#include <string>
#include <vector>

#include "base/input-error.h"
#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/layers/token-layers.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

// One sample's activation: positions (tokens, or image_size squared) of `width` values each.
struct SampleShape {
  uint64_t positions = 1;
  uint64_t width = 1;
  uint64_t image_size = 0;  // 0: no image

  bool operator==(const SampleShape& other) const {
    return positions == other.positions && width == other.width && image_size == other.image_size;
  }
};

// The function that a file calls so; ReadLayerList has checked the name.
Activation ActivationOf(const std::string& name);

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

  TokenLayers Tokens(const SampleShape& shape) {
    return TokenLayers(m_layers, {m_batch.batch, shape.positions, shape.width, false});
  }
  // Padded so that only the stride shrinks the image.
  static SampleShape Strided(const SampleShape& shape, uint64_t stride, uint64_t channels) {
    const uint64_t size = (shape.image_size + stride - 1) / stride;
    return {Product({size, size}), channels, size};
  }

  void AddLayer(const ListedLayer& layer);
  void AddEmbedding(const ListedLayer& layer);
  void AddLinear(const ListedLayer& layer);
  void AddAttention(const ListedLayer& layer);
  void AddFeedForward(const ListedLayer& layer);
  void AddNorm(const ListedLayer& layer);
  void AddLstmLayer(const ListedLayer& layer);
  void RequireImage(const ListedLayer& layer, const SampleShape& shape) const;
  void AddConvolution(const ListedLayer& layer);
  void AddPool(const ListedLayer& layer);
  void AddRaw(const ListedLayer& layer);
  void AddConcatenation(const ListedLayer& layer);
  void AddFlatten(const ListedLayer& layer);
  void AddSameShape(const ListedLayer& layer);

  const LayerList& m_list;
  BatchShape m_batch;
  LayerBuilder m_layers;
  std::vector<Output> m_outputs;  // by layer
};

}  // namespace ddlsim
