// SPDX-License-Identifier: MIT
//
// ViT (Dosovitskiy et al. 2020, arXiv 2010.11929). Tensor parallelism divides the blocks; what is
// before and behind them all ranks of a group run alike, as Megatron-LM's vision transformers do.
#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/token-layers.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

// The class token before the patches, and the positions added to both.
size_t AddEmbedding(TokenLayers& tokens, const VisionShape& shape, size_t patches) {
  LayerBuilder& layers = tokens.Builder();
  const uint64_t length = tokens.Tokens().length;
  const uint64_t values = Product({tokens.Tokens().Rows(), shape.hidden});
  const std::vector<size_t> parameters = {
      layers.AddParameter("embedding.class_token", shape.hidden),
      layers.AddParameter("embedding.position", Product({length, shape.hidden}))};
  // Joins (reads and writes), then adds; backward sums over the batch and takes the patches' part.
  const Cost cost = ElementwiseCost(layers.GetFormats(), {values, 4, 3, 1, {}});
  return layers.Add("embedding", "elementwise", {patches}, parameters, cost);
}

}  // namespace

LayerModel BuildModel(const std::string& name, const VisionShape& shape, const BatchShape& batch,
                      const Formats& formats) {
  LayerBuilder layers(name, formats);
  const uint64_t hidden = shape.hidden;
  TokenLayers tokens(layers, {batch.batch, shape.Tokens(), hidden, false, batch.sharding});
  // A convolution whose stride is its kernel is one product over the patches.
  const uint64_t patch_values = Product({shape.image_channels, shape.patch_size, shape.patch_size});
  const LinearShape patches{Product({batch.batch, shape.Patches()}), patch_values, hidden, true,
                            false};
  size_t x =
      tokens.Scatter("embedding.scatter",
                     AddEmbedding(tokens, shape, layers.AddLinear("patch_embedding", {}, patches)));
  for (uint64_t i = 0; i < shape.layers; ++i) {
    layers.SetBlock(static_cast<int>(i));
    const size_t attention =
        tokens.SelfAttention(shape.attention, tokens.Norm("attention_norm", x));
    x = tokens.Skip("attention_residual", x, attention);
    const size_t feed_forward =
        tokens.FeedForward(shape.feed_forward, tokens.Norm("feed_forward_norm", x));
    x = tokens.Skip("feed_forward_residual", x, feed_forward);
  }
  layers.SetBlock(-1);
  x = tokens.Gather("classifier.gather", tokens.Norm("final_norm", x));
  const size_t logits =
      layers.AddLinear("classifier", {x}, {batch.batch, hidden, shape.classes, true, true});
  layers.AddCrossEntropy("loss", {logits}, batch.batch, shape.classes);
  return layers.Finish();
}

}  // namespace ddlsim
