// SPDX-License-Identifier: MIT
//
// Transformers in files of models.
#include <algorithm>

#include "base/input-error.h"
#include "workload-gen/architecture/model-family.h"

namespace ddlsim {
namespace {

constexpr uint64_t kLayersMax = 10000;
// Bounds on repeated structure, so that a small file cannot ask for a huge graph.
constexpr uint64_t kExpertTensorsMax = 100000;

const std::vector<std::string> kAttentionKeys = {
    "heads",          "key_value_heads", "head_dimension",   "window",
    "bias",           "qkv_bias",        "fused_qkv",        "qk_norm",
    "query_rank",     "key_value_rank",  "rotary_dimension", "plain_dimension",
    "value_dimension"};

std::vector<std::string> With(std::vector<std::string> keys, const std::vector<std::string>& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

void Throw(const ModelKeys& keys, const ShapeProblem& problem) {
  if (problem.key.empty()) return;
  throw InputError(keys.Place(problem.key), problem.problem, problem.remedy);
}

uint64_t ReadLayers(const ModelKeys& keys, const char* key) {
  return keys.Size(key, 1, kLayersMax);
}

LatentAttention ReadLatent(const ModelKeys& keys, AttentionLayer& layer) {
  LatentAttention latent;
  if (!keys.Has("key_value_rank")) return latent;
  latent.key_value_rank = keys.Size("key_value_rank");
  latent.query_rank = keys.SizeOr("query_rank", 0);
  latent.rotary_dimension = keys.Size("rotary_dimension");
  layer.head_dimension = keys.Size("plain_dimension") + latent.rotary_dimension;
  layer.value_dimension = keys.Size("value_dimension");
  return latent;
}

AttentionLayer ReadAttention(const ModelKeys& keys, uint64_t hidden) {
  AttentionLayer layer;
  layer.heads = keys.Size("heads");
  layer.key_value_heads = keys.Has("key_value_heads") ? keys.Size("key_value_heads") : layer.heads;
  if (keys.Has("head_dimension")) {
    layer.head_dimension = keys.Size("head_dimension");
  } else if (!keys.Has("key_value_rank")) {
    if (hidden % layer.heads != 0) {
      throw InputError(keys.Place("heads"), "'heads' does not divide 'hidden'",
                       "choose a number of heads that does, or state 'head_dimension'");
    }
    layer.head_dimension = hidden / layer.heads;
  }
  layer.value_dimension = layer.head_dimension;
  layer.window = keys.SizeOr("window", 0);
  layer.output_bias = keys.Flag("bias");
  layer.qkv_bias = keys.FlagOr("qkv_bias", layer.output_bias);
  layer.fused_qkv = keys.Flag("fused_qkv");
  layer.qk_norm = keys.FlagOr("qk_norm", false);
  layer.latent = ReadLatent(keys, layer);
  Throw(keys, FindProblem(layer));
  return layer;
}

FeedForwardLayer ReadFeedForward(const ModelKeys& keys) {
  const std::string name = keys.Choice("activation", {"gelu", "relu", "swiglu", "geglu"});
  FeedForwardLayer layer;
  layer.width = keys.Size("feed_forward");
  layer.bias = keys.Flag("bias");
  for (Activation activation :
       {Activation::kGelu, Activation::kRelu, Activation::kSwiGlu, Activation::kGeGlu}) {
    if (name == ActivationName(activation)) layer.activation = activation;
  }
  return layer;
}

ExpertLayer ReadExperts(const ModelKeys& keys, uint64_t layers) {
  ExpertLayer experts;
  if (!keys.Has("experts")) return experts;
  experts.experts = keys.Size("experts");
  experts.per_token = keys.Size("experts_per_token");
  experts.width = keys.Size("expert_width");
  experts.shared_width = keys.SizeOr("shared_width", 0);
  experts.shared_gate = keys.FlagOr("shared_gate", false);
  experts.dense_layers = keys.SizeOr("dense_layers", 0);
  Throw(keys, FindProblem(experts, layers));
  return experts;
}

void ReadTransformer(const ModelKeys& keys, Architecture& model) {
  TransformerShape shape;
  shape.layers = ReadLayers(keys, "layers");
  shape.hidden = keys.Size("hidden");
  shape.attention = ReadAttention(keys, shape.hidden);
  shape.feed_forward = ReadFeedForward(keys);
  shape.experts = ReadExperts(keys, shape.layers);
  shape.vocabulary = keys.Size("vocabulary");
  shape.positions = keys.Size("positions");
  shape.token_types = keys.SizeOr("token_types", 0);
  shape.learned_positions = keys.Choice("position_embedding", {"learned", "rotary"}) == "learned";
  shape.attention.rotary = !shape.learned_positions;
  shape.rms_norm = keys.Choice("normalization", {"layer", "rms"}) == "rms";
  shape.post_norm = keys.Choice("norm_position", {"pre", "post"}) == "post";
  shape.tied_embedding = keys.Flag("tied_embedding");
  shape.pooler = keys.FlagOr("pooler", false);
  if (keys.Has("output_percent")) shape.output_percent = keys.Size("output_percent", 1, 100);
  model.sequence_length =
      keys.Has("sequence_length") ? keys.Size("sequence_length") : shape.positions;
  if (shape.learned_positions) model.sequence_max = shape.positions;
  model.shape = shape;
}

void ReadEncoderDecoder(const ModelKeys& keys, Architecture& model) {
  EncoderDecoderShape shape;
  shape.encoder_layers = ReadLayers(keys, "encoder_layers");
  shape.decoder_layers = ReadLayers(keys, "decoder_layers");
  shape.hidden = keys.Size("hidden");
  shape.attention = ReadAttention(keys, shape.hidden);
  shape.attention.score_bias = true;
  shape.feed_forward = ReadFeedForward(keys);
  shape.vocabulary = keys.Size("vocabulary");
  shape.positions = keys.Size("positions");
  shape.target_positions = keys.Size("target_positions");
  shape.relative_buckets = keys.Size("relative_buckets");
  shape.tied_embedding = keys.Flag("tied_embedding");
  model.sequence_length = shape.positions;
  model.shape = shape;
}

void ReadVision(const ModelKeys& keys, Architecture& model) {
  VisionShape shape;
  shape.image_size = keys.Size("image_size", 1, 65536);
  shape.image_channels = keys.Size("image_channels", 1, 65536);
  shape.patch_size = keys.Size("patch_size", 1, 65536);
  shape.layers = ReadLayers(keys, "layers");
  shape.hidden = keys.Size("hidden");
  shape.attention = ReadAttention(keys, shape.hidden);
  shape.feed_forward = ReadFeedForward(keys);
  shape.classes = keys.Size("classes");
  if (shape.image_size % shape.patch_size != 0) {
    throw InputError(keys.Place("patch_size"), "'patch_size' does not divide 'image_size'",
                     "choose a divisor");
  }
  model.shape = shape;
}

}  // namespace

ShapeProblem FindProblem(const AttentionLayer& layer) {
  if (layer.heads % layer.key_value_heads != 0) {
    return {"key_value_heads", "'key_value_heads' does not divide 'heads'", "choose a divisor"};
  }
  if (layer.latent.Used() && (layer.key_value_heads != layer.heads || layer.fused_qkv ||
                              layer.qk_norm || layer.window > 0)) {
    return {"key_value_rank",
            "latent attention goes with none of fewer 'key_value_heads', 'fused_qkv', 'qk_norm' "
            "and 'window'",
            "leave those out"};
  }
  if (layer.qk_norm && layer.fused_qkv) {
    return {"qk_norm", "'qk_norm' needs separate query and key", "set 'fused_qkv' to false"};
  }
  return {};
}

ShapeProblem FindProblem(const ExpertLayer& layer, uint64_t layers) {
  if (layer.per_token > layer.experts || layer.per_token == 0) {
    return {"experts_per_token", "'experts_per_token' is zero or exceeds 'experts'",
            "choose a number from 1 to 'experts'"};
  }
  if (layer.dense_layers >= layers) {
    return {"dense_layers", "'dense_layers' leaves no layer to the experts",
            "choose less than 'layers', or leave the experts out"};
  }
  if (layer.experts > kExpertTensorsMax || layer.experts * layers > kExpertTensorsMax) {
    return {"experts", "'experts' times 'layers' exceeds 100000", "choose fewer experts"};
  }
  return {};
}

std::vector<ModelFamily> TransformerFamilies() {
  const std::vector<std::string> common =
      With(kAttentionKeys, {"hidden", "feed_forward", "activation"});
  return {
      {"transformer",
       With(common, {"layers", "vocabulary", "positions", "position_embedding", "sequence_length",
                     "token_types", "normalization", "norm_position", "tied_embedding", "pooler",
                     "output_percent", "experts", "experts_per_token", "expert_width",
                     "shared_width", "shared_gate", "dense_layers"}),
       ReadTransformer},
      {"encoder_decoder",
       With(common, {"encoder_layers", "decoder_layers", "vocabulary", "positions",
                     "target_positions", "relative_buckets", "tied_embedding"}),
       ReadEncoderDecoder},
      {"vision_transformer",
       With(common, {"layers", "image_size", "image_channels", "patch_size", "classes"}),
       ReadVision}};
}

}  // namespace ddlsim
