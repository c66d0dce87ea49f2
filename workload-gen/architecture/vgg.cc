// SPDX-License-Identifier: MIT
//
// VGG (Simonyan and Zisserman 2014, table 1) as in torchvision, without dropout.
#include <absl/strings/str_cat.h>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kIndexBytes = 8;  // of a maximum's position, kept for the backward pass

class VggBuilder {
 public:
  VggBuilder(const std::string& name, const VggShape& shape, uint64_t batch, const Formats& formats)
      : m_shape(shape),
        m_batch(batch),
        m_size(shape.image_size),
        m_channels(shape.image_channels),
        m_layers(name, formats) {}

  LayerModel Build() {
    for (size_t stage = 0; stage < m_shape.stage_channels.size(); ++stage) {
      m_layers.SetBlock(static_cast<int>(stage));
      for (uint64_t i = 0; i < m_shape.stage_convolutions[stage]; ++i) {
        AddConvolution(i, m_shape.stage_channels[stage]);
      }
      AddPool();
    }
    m_layers.SetBlock(-1);
    AddClassifier();
    return m_layers.Finish();
  }

 private:
  uint64_t Values() const { return Product({m_batch, m_size, m_size, m_channels}); }

  void AddConvolution(uint64_t index, uint64_t channels) {
    const bool first = m_x.empty();  // images need no gradient
    const std::string name = absl::StrCat("conv", index);
    const size_t convolution = m_layers.AddConvolution(
        name, m_x, {m_batch, m_size, m_size, m_channels, channels, 3, !first, true});
    m_channels = channels;
    m_x = {m_layers.AddElementwise(name + "_relu", {convolution},
                                   ActivationShape(Activation::kRelu, Values()))};
  }

  void AddPool() {
    m_size /= 2;
    // Reads four values for each that it writes, with its index.
    const uint64_t moves = 5 + kIndexBytes / m_layers.GetFormats().ActivationBytes();
    const uint64_t values = Values();
    m_x = {m_layers.AddElementwise("pool", m_x,
                                   {values, moves, moves, 4, {true, false, kIndexBytes * values}})};
  }

  void AddClassifier() {
    uint64_t width = Product({m_size, m_size, m_channels});
    for (size_t i = 0; i < m_shape.hidden_widths.size(); ++i) {
      const uint64_t out = m_shape.hidden_widths[i];
      const std::string name = absl::StrCat("hidden", i);
      const size_t hidden = m_layers.AddLinear(name, m_x, {m_batch, width, out, true, true});
      width = out;
      m_x = {m_layers.AddElementwise(
          name + "_relu", {hidden}, ActivationShape(Activation::kRelu, Product({m_batch, width})))};
    }
    const size_t logits =
        m_layers.AddLinear("classifier", m_x, {m_batch, width, m_shape.classes, true, true});
    m_layers.AddCrossEntropy("loss", {logits}, m_batch, m_shape.classes);
  }

  const VggShape& m_shape;
  uint64_t m_batch;
  uint64_t m_size;
  uint64_t m_channels;
  std::vector<size_t> m_x;  // the operation before; none at first
  LayerBuilder m_layers;
};

}  // namespace

LayerModel BuildModel(const std::string& name, const VggShape& shape, const BatchShape& batch,
                      const Formats& formats) {
  return VggBuilder(name, shape, batch.batch, formats).Build();
}

}  // namespace ddlsim
