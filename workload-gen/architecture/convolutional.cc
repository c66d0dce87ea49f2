// SPDX-License-Identifier: MIT
//
// ResNet with bottleneck blocks (He et al. 2015; stride in the 3x3 convolution, as in torchvision).
#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kIndexBytes = 8;  // of a maximum's position, kept for the backward pass

class ConvolutionalBuilder {
 public:
  ConvolutionalBuilder(const std::string& name, const ConvolutionalShape& shape, uint64_t batch,
                       const Formats& formats)
      : m_shape(shape), m_batch(batch), m_layers(name, formats) {}

  LayerModel Build() {
    size_t x = AddStem();
    int block = 0;
    for (size_t stage = 0; stage < m_shape.stage_blocks.size(); ++stage) {
      for (uint64_t i = 0; i < m_shape.stage_blocks[stage]; ++i) {
        m_layers.SetBlock(block++);
        const uint64_t stride = i == 0 && stage > 0 ? 2 : 1;
        x = AddBottleneck(x, m_shape.stage_channels[stage], stride);
      }
    }
    m_layers.SetBlock(-1);
    AddHead(x);
    return m_layers.Finish();
  }

 private:
  static uint64_t Half(uint64_t size) { return (size + 1) / 2; }
  uint64_t Pixels(uint64_t size) const { return Product({m_batch, size, size}); }

  size_t AddRelu(const std::string& name, size_t x) {
    return m_layers.AddElementwise(
        name, {x}, ActivationShape(Activation::kRelu, Product({Pixels(m_size), m_channels})));
  }

  // Convolution from the current size and channels, and its normalisation; updates both.
  size_t AddConvolutionNorm(const std::string& name, size_t x, uint64_t channels, uint64_t kernel,
                            uint64_t stride) {
    const uint64_t out_size = stride == 2 ? Half(m_size) : m_size;
    const ConvolutionShape shape{m_batch, m_size, out_size, m_channels, channels, kernel, true};
    const size_t convolution = m_layers.AddConvolution(name, {x}, shape);
    m_size = out_size;
    m_channels = channels;
    return m_layers.AddBatchNorm(name + "_norm", convolution, Pixels(m_size), m_channels);
  }

  size_t AddStem() {
    m_size = Half(m_shape.image_size);
    m_channels = m_shape.stem_channels;
    // Images need no gradient.
    const ConvolutionShape shape{m_batch,    m_shape.image_size,  m_size, m_shape.image_channels,
                                 m_channels, m_shape.stem_kernel, false};
    size_t x = m_layers.AddConvolution("stem", {}, shape);
    x = m_layers.AddBatchNorm("stem_norm", x, Pixels(m_size), m_channels);
    x = AddRelu("stem_relu", x);
    m_size = Half(m_size);
    // 3x3 maximum with stride 2: reads four values for each that it writes, with its index.
    const uint64_t moves = 5 + kIndexBytes / m_layers.GetFormats().ActivationBytes();
    const uint64_t values = Product({Pixels(m_size), m_channels});
    return m_layers.AddElementwise("stem_pool", {x},
                                   {values, moves, moves, 9, {true, false, kIndexBytes * values}});
  }

  size_t AddBottleneck(size_t x, uint64_t channels, uint64_t stride) {
    const uint64_t in_size = m_size;
    const uint64_t in_channels = m_channels;
    size_t branch = AddConvolutionNorm("conv1", x, channels, 1, 1);
    branch = AddRelu("relu1", branch);
    branch = AddConvolutionNorm("conv2", branch, channels, 3, stride);
    branch = AddRelu("relu2", branch);
    branch = AddConvolutionNorm("conv3", branch, channels * m_shape.expansion, 1, 1);
    size_t skip = x;
    if (stride != 1 || in_channels != m_channels) {
      const uint64_t out_channels = m_channels;
      m_size = in_size;
      m_channels = in_channels;
      skip = AddConvolutionNorm("downsample", x, out_channels, 1, stride);
    }
    const size_t sum =
        m_layers.AddResidual("residual", skip, branch, Product({Pixels(m_size), m_channels}));
    return AddRelu("relu3", sum);
  }

  void AddHead(size_t x) {
    const uint64_t values = Product({Pixels(m_size), m_channels});
    x = m_layers.AddElementwise("pool", {x}, {values, 1, 1, 1, {}, Product({m_batch, m_channels})});
    x = m_layers.AddLinear("classifier", {x}, {m_batch, m_channels, m_shape.classes, true, true});
    m_layers.AddCrossEntropy("loss", {x}, m_batch, m_shape.classes);
  }

  const ConvolutionalShape& m_shape;
  uint64_t m_batch;
  uint64_t m_size = 0;
  uint64_t m_channels = 0;
  LayerBuilder m_layers;
};

}  // namespace

LayerModel BuildModel(const std::string& name, const ConvolutionalShape& shape,
                      const BatchShape& batch, const Formats& formats) {
  return ConvolutionalBuilder(name, shape, batch.batch, formats).Build();
}

}  // namespace ddlsim
