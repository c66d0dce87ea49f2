// SPDX-License-Identifier: MIT
//
// Each reader follows the library's configuration class of its model type, whose defaults hold for
// keys that a file leaves out.
#include "workload-gen/huggingface/hf-config.h"

#include "base/input-error.h"
#include "base/quantity.h"
#include "workload-gen/huggingface/hf-readers.h"

namespace ddlsim {
namespace {

Activation PlainActivation(HfKeys& keys, const char* key, const std::string& otherwise) {
  keys.AllowText(key, {otherwise, "gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "relu"});
  return keys.TextOr(key, otherwise) == "relu" ? Activation::kRelu : Activation::kGelu;
}

// As many heads for keys and values as for queries.
void ReadHeads(HfKeys& keys, const char* key, uint64_t hidden, AttentionLayer& attention) {
  attention.heads = attention.key_value_heads = keys.Size(key);
  attention.head_dimension = attention.value_dimension =
      HfHeadDimension(keys, key, attention.heads, hidden);
}

void ReadGpt2(HfKeys& keys, Architecture& model) {
  TransformerShape shape;
  shape.layers = keys.Size("n_layer", kHfLayersMax);
  shape.hidden = keys.Size("n_embd");
  AttentionLayer& attention = shape.attention;
  ReadHeads(keys, "n_head", shape.hidden, attention);
  attention.fused_qkv = attention.qkv_bias = attention.output_bias = true;
  shape.feed_forward.width = keys.Has("n_inner") ? keys.Size("n_inner") : 4 * shape.hidden;
  shape.feed_forward.activation = PlainActivation(keys, "activation_function", "gelu_new");
  shape.feed_forward.bias = true;
  shape.vocabulary = keys.Size("vocab_size");
  shape.positions = keys.Size("n_positions");
  keys.AllowSize("n_ctx", shape.positions, "make it equal to n_positions");
  keys.AllowFlag("add_cross_attention", false, kHfUseYaml);
  shape.learned_positions = true;
  shape.tied_embedding = keys.FlagOr("tie_word_embeddings", true);
  model.sequence_length = model.sequence_max = shape.positions;
  model.batch = 8;
  model.shape = shape;
}

void ReadBert(HfKeys& keys, Architecture& model) {
  TransformerShape shape;
  shape.layers = keys.Size("num_hidden_layers", kHfLayersMax);
  shape.hidden = keys.Size("hidden_size");
  AttentionLayer& attention = shape.attention;
  ReadHeads(keys, "num_attention_heads", shape.hidden, attention);
  attention.qkv_bias = attention.output_bias = true;
  shape.feed_forward = {keys.Size("intermediate_size"), PlainActivation(keys, "hidden_act", "gelu"),
                        true};
  shape.vocabulary = keys.Size("vocab_size");
  shape.positions = keys.Size("max_position_embeddings");
  shape.token_types = keys.SizeOr("type_vocab_size", 2);
  keys.AllowText("position_embedding_type", {"absolute"});
  keys.AllowFlag("is_decoder", false, kHfUseYaml);
  keys.AllowFlag("add_cross_attention", false, kHfUseYaml);
  keys.AllowFlag("tie_word_embeddings", true, kHfUseYaml);
  shape.learned_positions = shape.post_norm = shape.tied_embedding = shape.pooler = true;
  shape.output_percent = 15;
  model.sequence_length = model.sequence_max = shape.positions;
  model.batch = 32;
  model.shape = shape;
}

void ReadT5(HfKeys& keys, Architecture& model) {
  EncoderDecoderShape shape;
  shape.encoder_layers = keys.Size("num_layers", kHfLayersMax);
  shape.decoder_layers = keys.Has("num_decoder_layers")
                             ? keys.Size("num_decoder_layers", kHfLayersMax)
                             : shape.encoder_layers;
  shape.hidden = keys.Size("d_model");
  shape.attention.heads = shape.attention.key_value_heads = keys.Size("num_heads");
  shape.attention.head_dimension = shape.attention.value_dimension = keys.Size("d_kv");
  shape.attention.score_bias = true;
  const std::string kind = keys.TextOr("feed_forward_proj", "relu");
  keys.AllowText("feed_forward_proj", {"relu", "gated-gelu", "gated-silu", "gelu"});
  shape.feed_forward.width = keys.Size("d_ff");
  shape.feed_forward.activation = kind == "relu"         ? Activation::kRelu
                                  : kind == "gelu"       ? Activation::kGelu
                                  : kind == "gated-gelu" ? Activation::kGeGlu
                                                         : Activation::kSwiGlu;
  keys.TextOr("dense_act_fn", "");  // these two repeat feed_forward_proj
  keys.FlagOr("is_gated_act", false);
  keys.AllowFlag("is_encoder_decoder", true, kHfUseYaml);
  shape.vocabulary = keys.Size("vocab_size");
  shape.relative_buckets = keys.SizeOr("relative_attention_num_buckets", 32);
  shape.tied_embedding = keys.FlagOr("tie_word_embeddings", true);
  // Of pre-training; any length goes, and targets follow the input's.
  shape.positions = 512;
  shape.target_positions = 114;
  model.sequence_length = keys.Has("n_positions") ? keys.Size("n_positions") : shape.positions;
  model.batch = 8;
  model.shape = shape;
}

// The library counts classes by the names that it has for them.
uint64_t Classes(HfKeys& keys) {
  const nlohmann::json* names = keys.Find("id2label");
  if (names != nullptr && names->is_object() && !names->empty()) return names->size();
  return keys.Has("num_labels") ? keys.Size("num_labels") : 2;
}

void ReadVit(HfKeys& keys, Architecture& model) {
  VisionShape shape;
  shape.image_size = keys.Size("image_size", 65536);
  shape.patch_size = keys.Size("patch_size", 65536);
  shape.image_channels = keys.Has("num_channels") ? keys.Size("num_channels", 65536) : 3;
  shape.layers = keys.Size("num_hidden_layers", kHfLayersMax);
  shape.hidden = keys.Size("hidden_size");
  AttentionLayer& attention = shape.attention;
  ReadHeads(keys, "num_attention_heads", shape.hidden, attention);
  attention.qkv_bias = keys.FlagOr("qkv_bias", true);
  attention.output_bias = true;
  shape.feed_forward = {keys.Size("intermediate_size"), PlainActivation(keys, "hidden_act", "gelu"),
                        true};
  shape.classes = Classes(keys);
  if (shape.image_size % shape.patch_size != 0) {
    throw InputError(keys.Place("patch_size"), "'patch_size' does not divide 'image_size'",
                     "choose a divisor");
  }
  model.batch = 64;
  model.shape = shape;
}

struct ModelType {
  const char* name;
  std::vector<std::string> architectures;  // the library's classes whose layers these are
  void (*read)(HfKeys& keys, Architecture& model);
};

const std::vector<ModelType>& ModelTypes() {
  static const std::vector<ModelType> types = {
      {"gpt2", {"GPT2LMHeadModel", "GPT2Model"}, ReadGpt2},
      {"llama", {"LlamaForCausalLM", "LlamaModel"}, ReadLlama},
      {"mistral", {"MistralForCausalLM", "MistralModel"}, ReadMistral},
      {"mixtral", {"MixtralForCausalLM", "MixtralModel"}, ReadMixtral},
      {"qwen2", {"Qwen2ForCausalLM", "Qwen2Model"}, ReadQwen2},
      {"qwen2_moe", {"Qwen2MoeForCausalLM", "Qwen2MoeModel"}, ReadQwen2Moe},
      {"qwen3", {"Qwen3ForCausalLM", "Qwen3Model"}, ReadQwen3},
      {"qwen3_moe", {"Qwen3MoeForCausalLM", "Qwen3MoeModel"}, ReadQwen3Moe},
      {"deepseek_v2", {"DeepseekV2ForCausalLM", "DeepseekV2Model"}, ReadDeepSeek},
      {"deepseek_v3", {"DeepseekV3ForCausalLM", "DeepseekV3Model"}, ReadDeepSeek},
      {"bert", {"BertForMaskedLM", "BertForPreTraining", "BertModel"}, ReadBert},
      {"t5", {"T5ForConditionalGeneration", "T5WithLMHeadModel", "T5Model"}, ReadT5},
      {"vit", {"ViTForImageClassification", "ViTModel"}, ReadVit}};
  return types;
}

const ModelType& TypeOf(HfKeys& keys) {
  std::vector<std::string> names;
  const std::string name = keys.TextOr("model_type", "");
  for (const ModelType& type : ModelTypes()) {
    if (name == type.name) return type;
    names.emplace_back(type.name);
  }
  if (name.empty()) {
    throw InputError(keys.Path(), "lacks 'model_type'", "name a model's config.json");
  }
  throw InputError(keys.Place("model_type"), "the type '" + Printable(name) + "' is not known",
                   Suggest(name, names) + "; or " + kHfUseYaml);
}

}  // namespace

Architecture LoadHfConfig(const std::string& path) {
  HfKeys keys(path);
  const ModelType& type = TypeOf(keys);
  Architecture model;
  keys.AllowTexts("architectures", type.architectures);
  const std::string origin = keys.TextOr("_name_or_path", "");
  const std::string name = origin.substr(origin.find_last_of('/') + 1);  // npos + 1 is 0
  model.name = name.empty() ? type.name : Printable(name, 100);
  model.title = std::string("Hugging Face ") + type.name;
  model.source = keys.Path();
  model.place = keys.Path();
  if (std::string(type.name) != "t5") {
    keys.AllowFlag("is_encoder_decoder", false, kHfUseYaml);
  }
  type.read(keys, model);
  keys.RefuseUnknown();
  return model;
}

}  // namespace ddlsim
