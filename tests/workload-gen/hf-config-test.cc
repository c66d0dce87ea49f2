// SPDX-License-Identifier: MIT
//
// Hugging Face's config.json: the published values give the layers of the YAML files.
#include "workload-gen/huggingface/hf-config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/input-error.h"

namespace ddlsim {
namespace {

class HfConfig : public testing::Test {
 protected:
  HfConfig() : m_path(testing::TempDir() + std::to_string(getpid()) + "hf-config.json") {}
  ~HfConfig() override { std::filesystem::remove(m_path); }

  Architecture Load(const std::string& text) const {
    std::ofstream(m_path) << text;
    return LoadHfConfig(m_path);
  }

  std::string m_path;
};

struct Published {
  const char* model;  // of the YAML files
  const char* text;   // config.json of the released model, shortened by what all of them share
};

const Published kPublished[] = {
    {"gpt2-xl", R"({"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2",
      "activation_function": "gelu_new", "attn_pdrop": 0.1, "bos_token_id": 50256,
      "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "n_ctx": 1024, "n_embd": 1600,
      "n_head": 25, "n_layer": 48, "n_positions": 1024, "summary_type": "cls_index",
      "task_specific_params": {"text-generation": {"do_sample": true}}, "vocab_size": 50257})"},
    {"llama2-70b", R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama",
      "hidden_act": "silu", "hidden_size": 8192, "intermediate_size": 28672,
      "max_position_embeddings": 4096, "num_attention_heads": 64, "num_hidden_layers": 80,
      "num_key_value_heads": 8, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": null,
      "tie_word_embeddings": false, "torch_dtype": "float16", "use_cache": true,
      "vocab_size": 32000})"},
    {"llama3.2-1b", R"({"architectures": ["LlamaForCausalLM"], "attention_bias": false,
      "attention_dropout": 0.0, "head_dim": 64, "hidden_act": "silu", "hidden_size": 2048,
      "intermediate_size": 8192, "max_position_embeddings": 131072, "mlp_bias": false,
      "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 16,
      "num_key_value_heads": 8, "rope_scaling": {"factor": 32.0, "rope_type": "llama3"},
      "rope_theta": 500000.0, "tie_word_embeddings": true, "vocab_size": 128256})"},
    {"mistral-7b", R"({"architectures": ["MistralForCausalLM"], "hidden_act": "silu",
      "hidden_size": 4096, "intermediate_size": 14336, "max_position_embeddings": 32768,
      "model_type": "mistral", "num_attention_heads": 32, "num_hidden_layers": 32,
      "num_key_value_heads": 8, "rope_theta": 10000.0, "sliding_window": 4096,
      "tie_word_embeddings": false, "vocab_size": 32000})"},
    {"qwen2-7b", R"({"architectures": ["Qwen2ForCausalLM"], "hidden_act": "silu",
      "hidden_size": 3584, "intermediate_size": 18944, "max_position_embeddings": 131072,
      "max_window_layers": 28, "model_type": "qwen2", "num_attention_heads": 28,
      "num_hidden_layers": 28, "num_key_value_heads": 4, "sliding_window": 131072,
      "tie_word_embeddings": false, "use_sliding_window": false, "vocab_size": 152064})"},
    {"qwen3-4b", R"({"architectures": ["Qwen3ForCausalLM"], "attention_bias": false,
      "head_dim": 128, "hidden_act": "silu", "hidden_size": 2560, "intermediate_size": 9728,
      "max_position_embeddings": 40960, "max_window_layers": 36, "model_type": "qwen3",
      "num_attention_heads": 32, "num_hidden_layers": 36, "num_key_value_heads": 8,
      "sliding_window": null, "tie_word_embeddings": true, "use_sliding_window": false,
      "vocab_size": 151936})"},
    {"qwen1.5-moe-a2.7b", R"({"architectures": ["Qwen2MoeForCausalLM"], "decoder_sparse_step": 1,
      "hidden_act": "silu", "hidden_size": 2048, "intermediate_size": 5632,
      "max_position_embeddings": 8192, "max_window_layers": 21, "model_type": "qwen2_moe",
      "moe_intermediate_size": 1408, "norm_topk_prob": false, "num_attention_heads": 16,
      "num_experts": 60, "num_experts_per_tok": 4, "num_hidden_layers": 24,
      "num_key_value_heads": 16, "output_router_logits": false, "router_aux_loss_coef": 0.001,
      "shared_expert_intermediate_size": 5632, "sliding_window": 32768,
      "tie_word_embeddings": false, "use_sliding_window": false, "vocab_size": 151936})"},
    {"qwen3-30b-a3b", R"({"architectures": ["Qwen3MoeForCausalLM"], "attention_bias": false,
      "decoder_sparse_step": 1, "head_dim": 128, "hidden_act": "silu", "hidden_size": 2048,
      "intermediate_size": 6144, "max_position_embeddings": 40960, "max_window_layers": 48,
      "mlp_only_layers": [], "model_type": "qwen3_moe", "moe_intermediate_size": 768,
      "norm_topk_prob": true, "num_attention_heads": 32, "num_experts": 128,
      "num_experts_per_tok": 8, "num_hidden_layers": 48, "num_key_value_heads": 4,
      "tie_word_embeddings": false, "vocab_size": 151936})"},
    {"mixtral-8x7b", R"({"architectures": ["MixtralForCausalLM"], "hidden_act": "silu",
      "hidden_size": 4096, "intermediate_size": 14336, "max_position_embeddings": 32768,
      "model_type": "mixtral", "num_attention_heads": 32, "num_experts_per_tok": 2,
      "num_hidden_layers": 32, "num_key_value_heads": 8, "num_local_experts": 8,
      "output_router_logits": false, "rope_theta": 1000000.0, "router_aux_loss_coef": 0.02,
      "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 32000})"},
    {"deepseek-v2-lite", R"({"architectures": ["DeepseekV2ForCausalLM"], "attention_bias": false,
      "auto_map": {"AutoConfig": "configuration_deepseek.DeepseekV2Config"},
      "aux_loss_alpha": 0.001, "first_k_dense_replace": 1, "hidden_act": "silu",
      "hidden_size": 2048, "intermediate_size": 10944, "kv_lora_rank": 512,
      "max_position_embeddings": 163840, "model_type": "deepseek_v2",
      "moe_intermediate_size": 1408, "moe_layer_freq": 1, "n_group": 1, "n_routed_experts": 64,
      "n_shared_experts": 2, "num_attention_heads": 16, "num_experts_per_tok": 6,
      "num_hidden_layers": 27, "num_key_value_heads": 16, "q_lora_rank": null,
      "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "tie_word_embeddings": false,
      "topk_method": "greedy", "v_head_dim": 128, "vocab_size": 102400})"},
    {"deepseek-v3", R"({"architectures": ["DeepseekV3ForCausalLM"], "attention_bias": false,
      "ep_size": 1, "first_k_dense_replace": 3, "hidden_act": "silu", "hidden_size": 7168,
      "intermediate_size": 18432, "kv_lora_rank": 512, "max_position_embeddings": 163840,
      "model_type": "deepseek_v3", "moe_intermediate_size": 2048, "moe_layer_freq": 1,
      "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1, "norm_topk_prob": true,
      "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 61,
      "num_key_value_heads": 128, "num_nextn_predict_layers": 1, "q_lora_rank": 1536,
      "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "quantization_config": {"fmt": "e4m3"},
      "routed_scaling_factor": 2.5, "scoring_func": "sigmoid", "tie_word_embeddings": false,
      "topk_group": 4, "topk_method": "noaux_tc", "v_head_dim": 128, "vocab_size": 129280})"},
    {"bert-large", R"({"architectures": ["BertForMaskedLM"],
      "attention_probs_dropout_prob": 0.1, "gradient_checkpointing": false, "hidden_act": "gelu",
      "hidden_dropout_prob": 0.1, "hidden_size": 1024, "initializer_range": 0.02,
      "intermediate_size": 4096, "layer_norm_eps": 1e-12, "max_position_embeddings": 512,
      "model_type": "bert", "num_attention_heads": 16, "num_hidden_layers": 24, "pad_token_id": 0,
      "position_embedding_type": "absolute", "type_vocab_size": 2, "vocab_size": 30522})"},
    {"t5-11b", R"({"architectures": ["T5ForConditionalGeneration"], "d_ff": 65536, "d_kv": 128,
      "d_model": 1024, "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1,
      "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06,
      "model_type": "t5", "n_positions": 512, "num_heads": 128, "num_layers": 24,
      "output_past": true, "pad_token_id": 0, "relative_attention_num_buckets": 32,
      "vocab_size": 32128})"}};

void ExpectSameLayers(const Architecture& a, const Architecture& b) {
  const BatchShape batch{2, 256};
  const LayerModel x = BuildLayers(a, batch, {}), y = BuildLayers(b, batch, {});
  ASSERT_EQ(x.operations.size(), y.operations.size()) << a.name;
  for (size_t i = 0; i < x.operations.size(); ++i) {
    const Operation &p = x.operations[i], &q = y.operations[i];
    EXPECT_EQ(p.name, q.name);
    EXPECT_EQ(p.inputs, q.inputs) << p.name;
    EXPECT_EQ(p.parameters, q.parameters) << p.name;
    EXPECT_EQ(p.forward.operations, q.forward.operations) << p.name;
    EXPECT_EQ(p.forward.memory_bytes, q.forward.memory_bytes) << p.name;
    EXPECT_EQ(p.backward.operations, q.backward.operations) << p.name;
    EXPECT_EQ(p.backward.memory_bytes, q.backward.memory_bytes) << p.name;
    EXPECT_EQ(p.saved_bytes, q.saved_bytes) << p.name;
  }
  ASSERT_EQ(x.parameters.size(), y.parameters.size()) << a.name;
  for (size_t i = 0; i < x.parameters.size(); ++i) {
    EXPECT_EQ(x.parameters[i].elements, y.parameters[i].elements) << x.parameters[i].name;
  }
  EXPECT_EQ(x.ActiveParameterCount(), y.ActiveParameterCount()) << a.name;
}

TEST_F(HfConfig, PublishedFilesMakeTheLayersOfTheYamlFiles) {
  for (const Published& published : kPublished) {
    ExpectSameLayers(Load(published.text), LoadArchitecture(published.model));
  }
}

TEST_F(HfConfig, VisionCountsItsLabels) {
  std::string labels;
  for (int i = 0; i < 1000; ++i) {
    labels += (i > 0 ? ", \"" : "\"") + std::to_string(i) + "\": \"x\"";
  }
  ExpectSameLayers(Load(R"({"architectures": ["ViTForImageClassification"], "hidden_act": "gelu",
        "hidden_size": 768, "id2label": {)" +
                        labels + R"(}, "image_size": 224,
        "intermediate_size": 3072, "label2id": {"x": 0}, "model_type": "vit",
        "num_attention_heads": 12, "num_channels": 3, "num_hidden_layers": 12, "patch_size": 16,
        "qkv_bias": true})"),
                   LoadArchitecture("vit-b-16"));
}

TEST_F(HfConfig, SaysWhatItLeavesOutAndNamesTheModel) {
  std::string text = kPublished[10].text;
  EXPECT_NE(Load(text).left_out, "");
  text.replace(text.find("\"ep_size\": 1"), 12, "\"_name_or_path\": \"deepseek-ai/V3\"");
  EXPECT_EQ(Load(text).name, "V3");
  EXPECT_EQ(Load(kPublished[3].text).left_out, "");
}

// google/t5-v1_1-base: gated feed-forward layers, and an output layer of its own.
TEST_F(HfConfig, LaterT5HasItsPublishedParameters) {
  const Architecture model = Load(R"({"architectures": ["T5ForConditionalGeneration"],
      "d_ff": 2048, "d_kv": 64, "d_model": 768, "dense_act_fn": "gelu_new", "dropout_rate": 0.1,
      "feed_forward_proj": "gated-gelu", "is_encoder_decoder": true, "is_gated_act": true,
      "model_type": "t5", "num_decoder_layers": 12, "num_heads": 12, "num_layers": 12,
      "relative_attention_max_distance": 128, "relative_attention_num_buckets": 32,
      "tie_word_embeddings": false, "use_cache": true, "vocab_size": 32128})");
  EXPECT_EQ(BuildLayers(model, {}, {}).ParameterCount(), 247577856u);
}

// Version 0.2 states null, for no window; left out, the library has one of 4,096.
TEST_F(HfConfig, MistralsWindowMayBeNull) {
  std::string text = kPublished[3].text;
  const size_t at = text.find("4096,\n      \"tie");
  ASSERT_NE(at, text.npos);
  text.replace(at, 4, "null");
  EXPECT_EQ(std::get<TransformerShape>(Load(text).shape).attention.window, 0u);
  text.erase(text.find("\"sliding_window\""), std::string("\"sliding_window\": null,").size());
  EXPECT_EQ(std::get<TransformerShape>(Load(text).shape).attention.window, 4096u);
}

struct Broken {
  std::string old_text, new_text;
  int line;  // 0: the file as a whole
  std::string problem;
};

const char* const kLlama =
    "{\n"                                             // 1
    "  \"architectures\": [\"LlamaForCausalLM\"],\n"  // 2
    "  \"model_type\": \"llama\",\n"                  // 3
    "  \"hidden_act\": \"silu\",\n"                   // 4
    "  \"hidden_size\": 64,\n"                        // 5
    "  \"intermediate_size\": 128,\n"                 // 6
    "  \"max_position_embeddings\": 256,\n"           // 7
    "  \"num_attention_heads\": 4,\n"                 // 8
    "  \"num_hidden_layers\": 2,\n"                   // 9
    "  \"rope_scaling\": {\"hidden_size\": 1},\n"     // 10
    "  \"vocab_size\": 100\n"                         // 11
    "}\n";

TEST_F(HfConfig, WhatIsNotUnderstoodIsRefusedWithItsLine) {
  ASSERT_NO_THROW(Load(kLlama));
  const std::vector<Broken> cases = {
      {"\"llama\"", "\"mamba\"", 3, "the type 'mamba' is not known"},
      {"\"model_type\": \"llama\",", "", 0, "lacks 'model_type'"},
      {"LlamaForCausalLM", "LlamaForSequenceClassification", 2, "is not modelled"},
      {"\"silu\"", "\"gelu\"", 4, "'hidden_act' has the value 'gelu', which is not modelled"},
      {"\"silu\"", "3", 4, "is no text"},
      {"64", "64.5", 5, "'hidden_size' is no whole number"},
      {"64", "-64", 5, "is no whole number"},
      {"64", "\"64\"", 5, "is no whole number"},
      {"64", "99999999999999999999", 5, "is no whole number"},
      {"64", "0", 5, "is no whole number"},
      {"  \"hidden_size\": 64,\n", "", 0, "lacks 'hidden_size'"},
      {"_heads\": 4", "_heads\": 5", 8, "does not divide the width"},
      {"_heads\": 4", "_heads\": 4, \"num_key_value_heads\": 3", 0, "does not divide"},
      {"_layers\": 2", "_layers\": 10001", 9, "in range"},
      {"\"rope_scaling\"", "\"mixture_of_depths\"", 10, "is not understood and may change"},
      {"100", "100, \"layer_types\": [\"sliding_attention\"]", 11, "is not modelled"},
      {"100", "100, \"mlp_bias\": 1", 11, "is neither true nor false"},
      {"100", "100, \"sliding_window\": 512", 11, "'sliding_window' is not understood"},
      {"100", "100, \"is_encoder_decoder\": true", 11, "is true, which is not modelled"},
      {"100", "100,", 12, "is not valid JSON"},
      {"\"vocab_size\": 100\n", "\"vocab_size\": 100, \"a\": " + std::string(40, '['), 0,
       "nested"}};
  for (const Broken& broken : cases) {
    std::string text = kLlama;
    const size_t at = text.find(broken.old_text);
    ASSERT_NE(at, text.npos) << broken.old_text;
    text.replace(at, broken.old_text.size(), broken.new_text);
    try {
      Load(text);
      ADD_FAILURE() << broken.new_text << " was accepted";
    } catch (const InputError& error) {
      const std::string line = broken.line == 0 ? "" : ":" + std::to_string(broken.line);
      EXPECT_EQ(error.Place(), m_path + line) << error.what();
      EXPECT_NE(error.Problem().find(broken.problem), std::string::npos) << error.what();
      EXPECT_FALSE(error.Remedy().empty()) << error.what();
    }
  }
  for (const char* text : {"[1, 2]", "3", "", "{", "null", "{\"model_type\": \"bert\"}",
                           "{\"model_type\": \"vit\", \"image_size\": [224, 224]}"}) {
    EXPECT_THROW(Load(text), InputError) << text;
  }
  EXPECT_THROW(LoadHfConfig("no/such/config.json"), InputError);
  EXPECT_THROW(LoadHfConfig("docs"), InputError);
}

// Lost and doubled characters give an answer or a refusal, never a crash.
TEST_F(HfConfig, DamagedTextNeverCrashes) {
  const std::string whole = kLlama;
  int refused = 0;
  for (size_t i = 0; i < whole.size(); i += 3) {
    for (const std::string& text : {whole.substr(0, i), whole.substr(0, i) + whole.substr(i + 1),
                                    whole.substr(0, i) + whole[i] + whole.substr(i)}) {
      try {
        Load(text);
      } catch (const InputError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, static_cast<int>(whole.size()) / 3);
}

}  // namespace
}  // namespace ddlsim
