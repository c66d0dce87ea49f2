// SPDX-License-Identifier: MIT
//
// Llama and its descendants, from Hugging Face's config.json.
#include <algorithm>

#include "base/input-error.h"
#include "workload-gen/architecture/model-family.h"
#include "workload-gen/huggingface/hf-readers.h"

namespace ddlsim {
namespace {

// Models for long contexts are trained with shorter sequences for most of the time.
constexpr uint64_t kSequenceMax = 8192;

void Check(const HfKeys& keys, const ShapeProblem& problem) {
  if (!problem.key.empty()) throw InputError(keys.Path(), problem.problem, problem.remedy);
}

// What Llama and its descendants share.
TransformerShape ReadLlamaLike(HfKeys& keys) {
  TransformerShape shape;
  shape.layers = keys.Size("num_hidden_layers", kHfLayersMax);
  shape.hidden = keys.Size("hidden_size");
  AttentionLayer& attention = shape.attention;
  attention.heads = keys.Size("num_attention_heads");
  attention.key_value_heads =
      keys.Has("num_key_value_heads") ? keys.Size("num_key_value_heads") : attention.heads;
  attention.rotary = true;
  shape.feed_forward = {keys.Size("intermediate_size"), Activation::kSwiGlu, false};
  keys.AllowText("hidden_act", {"silu"});
  keys.AllowTexts("layer_types", {"full_attention"});
  keys.AllowFlag("is_decoder", false, kHfUseYaml);
  shape.vocabulary = keys.Size("vocab_size");
  shape.positions = keys.Size("max_position_embeddings");
  shape.rms_norm = true;
  shape.tied_embedding = keys.FlagOr("tie_word_embeddings", false);
  return shape;
}

void ReadHeadDimension(HfKeys& keys, TransformerShape& shape, uint64_t otherwise) {
  AttentionLayer& attention = shape.attention;
  if (keys.Has("head_dim")) otherwise = keys.Size("head_dim");
  attention.head_dimension = attention.value_dimension =
      otherwise > 0 ? otherwise
                    : HfHeadDimension(keys, "num_attention_heads", attention.heads, shape.hidden);
}

void Finish(const HfKeys& keys, Architecture& model, const TransformerShape& shape) {
  Check(keys, FindProblem(shape.attention));
  if (shape.experts.Used()) Check(keys, FindProblem(shape.experts, shape.layers));
  model.sequence_length = std::min(shape.positions, kSequenceMax);
  model.batch = 1;
  model.shape = shape;
}

// Only the first layers may be dense: `list` is 0, 1, 2 ...
uint64_t DenseLayers(HfKeys& keys, const char* key) {
  const nlohmann::json* list = keys.Find(key);
  if (list == nullptr) return 0;
  uint64_t count = 0;
  if (!list->is_array()) {
    throw InputError(keys.Place(key), std::string("'") + key + "' is not a list",
                     "write [0, 1, 2]");
  }
  for (const nlohmann::json& layer : *list) {
    if (layer != count++) {
      throw InputError(keys.Place(key),
                       std::string("'") + key + "' names not just the first layers",
                       "list the layers 0, 1, 2 ... only; others are not modelled");
    }
  }
  return count;
}

void ReadExperts(HfKeys& keys, const char* experts_key, const char* width_key,
                 TransformerShape& shape) {
  shape.experts.experts = keys.Size(experts_key);
  shape.experts.per_token = keys.Size("num_experts_per_tok");
  shape.experts.width = keys.Size(width_key);
}

// `sliding_window` and `max_window_layers` count only where the switch is on.
void RefuseWindow(HfKeys& keys) {
  keys.AllowFlag("use_sliding_window", false, "set it to false: windows in some layers only");
  keys.SizeOr("sliding_window", 0);
  keys.SizeOr("max_window_layers", 0);
}

}  // namespace

uint64_t HfHeadDimension(const HfKeys& keys, const char* heads_key, uint64_t heads,
                         uint64_t hidden) {
  if (hidden % heads == 0) return hidden / heads;
  throw InputError(keys.Place(heads_key),
                   std::string("'") + heads_key + "' does not divide the width",
                   "choose a divisor");
}

void ReadLlama(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  ReadHeadDimension(keys, shape, 0);
  shape.attention.qkv_bias = shape.attention.output_bias = keys.FlagOr("attention_bias", false);
  shape.feed_forward.bias = keys.FlagOr("mlp_bias", false);
  Finish(keys, model, shape);
}

void ReadMistral(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  ReadHeadDimension(keys, shape, 0);
  // Null means none here, and the library's default is a window.
  if (keys.Has("sliding_window")) {
    shape.attention.window = keys.Size("sliding_window");
  } else {
    shape.attention.window = keys.IsStated("sliding_window") ? 0 : 4096;
  }
  Finish(keys, model, shape);
}

void ReadMixtral(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  ReadHeadDimension(keys, shape, 0);
  if (keys.Has("sliding_window")) shape.attention.window = keys.Size("sliding_window");
  ReadExperts(keys, "num_local_experts", "intermediate_size", shape);
  Finish(keys, model, shape);
}

void ReadQwen2(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  ReadHeadDimension(keys, shape, 0);
  RefuseWindow(keys);
  shape.attention.qkv_bias = true;
  Finish(keys, model, shape);
}

void ReadQwen2Moe(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  ReadHeadDimension(keys, shape, 0);
  RefuseWindow(keys);
  shape.attention.qkv_bias = keys.FlagOr("qkv_bias", true);
  ReadExperts(keys, "num_experts", "moe_intermediate_size", shape);
  shape.experts.shared_width = keys.Size("shared_expert_intermediate_size");
  shape.experts.shared_gate = true;
  shape.experts.dense_layers = DenseLayers(keys, "mlp_only_layers");
  keys.AllowSize("decoder_sparse_step", 1, kHfUseYaml);
  Finish(keys, model, shape);
}

void ReadQwen3(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  ReadHeadDimension(keys, shape, 128);
  RefuseWindow(keys);
  shape.attention.qk_norm = true;
  shape.attention.qkv_bias = shape.attention.output_bias = keys.FlagOr("attention_bias", false);
  Finish(keys, model, shape);
}

void ReadQwen3Moe(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  ReadHeadDimension(keys, shape, 0);
  RefuseWindow(keys);
  shape.attention.qk_norm = true;
  shape.attention.qkv_bias = shape.attention.output_bias = keys.FlagOr("attention_bias", false);
  ReadExperts(keys, "num_experts", "moe_intermediate_size", shape);
  shape.experts.dense_layers = DenseLayers(keys, "mlp_only_layers");
  keys.AllowSize("decoder_sparse_step", 1, kHfUseYaml);
  Finish(keys, model, shape);
}

void ReadDeepSeek(HfKeys& keys, Architecture& model) {
  TransformerShape shape = ReadLlamaLike(keys);
  AttentionLayer& attention = shape.attention;
  attention.latent.query_rank = keys.SizeOr("q_lora_rank", 0);
  attention.latent.key_value_rank = keys.Size("kv_lora_rank");
  attention.latent.rotary_dimension = keys.Size("qk_rope_head_dim");
  attention.head_dimension = keys.Size("qk_nope_head_dim") + attention.latent.rotary_dimension;
  attention.value_dimension = keys.Size("v_head_dim");
  attention.qkv_bias = attention.output_bias = keys.FlagOr("attention_bias", false);
  keys.SizeOr("head_dim", 0);  // follows from those above
  keys.SizeOr("qk_head_dim", 0);
  if (keys.Has("n_routed_experts")) {
    ReadExperts(keys, "n_routed_experts", "moe_intermediate_size", shape);
    shape.experts.shared_width = keys.SizeOr("n_shared_experts", 0) * shape.experts.width;
    shape.experts.dense_layers = keys.SizeOr("first_k_dense_replace", 0);
    keys.AllowSize("moe_layer_freq", 1, kHfUseYaml);
  }
  // The library itself builds no such module, though the released weights have one.
  if (keys.SizeOr("num_nextn_predict_layers", 0) > 0) {
    model.left_out = "the module that predicts further tokens";
  }
  Finish(keys, model, shape);
}

}  // namespace ddlsim
