// SPDX-License-Identifier: MIT
#include "workload-gen/huggingface/hf-keys.h"

#include <algorithm>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

constexpr size_t kFileMaxBytes = 1 << 20;

// Keys that change neither the layers nor, to the precision of this model, the time of a training
// step. Whatever is not here and not read is refused.
const std::set<std::string>& HarmlessKeys() {
  static const std::set<std::string> keys = {
      // Where the file comes from, and how other programs handle it.
      "_commit_hash", "_attn_implementation", "_attn_implementation_autoset", "auto_map",
      "chunk_size_feed_forward", "gradient_checkpointing", "output_attentions",
      "output_hidden_states", "output_past", "problem_type", "return_dict", "task_specific_params",
      "torchscript", "transformers.js_config", "transformers_version", "use_cache",
      // Formats of stored weights: --precision says in which the training runs.
      "dtype", "quantization_config", "torch_dtype", "use_bfloat16",
      // Dropout is not modelled, and costs little beside what is.
      "attention_dropout", "attention_probs_dropout_prob", "attn_pdrop", "classifier_dropout",
      "dropout_rate", "embd_pdrop", "hidden_dropout", "hidden_dropout_prob", "resid_pdrop",
      // Numbers that kernels take, but that do not change how much they do.
      "initializer_factor", "initializer_range", "layer_norm_eps", "layer_norm_epsilon",
      "relative_attention_max_distance", "reorder_and_upcast_attn", "rms_norm_eps",
      "rope_interleave", "rope_parameters", "rope_scaling", "rope_theta",
      "scale_attn_by_inverse_layer_idx", "scale_attn_weights",
      // Tokens, labels, and what programs around the model do with them.
      "bos_token_id", "cls_token_id", "decoder_start_token_id", "eos_token_id", "finetuning_task",
      "id2label", "label2id", "mask_token_id", "pad_token_id", "sep_token_id", "tokenizer_class",
      "unk_token_id",
      // Slices of products that inference runs one after another.
      "pretraining_tp",
      // Which experts a router chooses, and the weight of its balancing loss.
      "aux_loss_alpha", "n_group", "norm_topk_prob", "output_router_logits",
      "routed_scaling_factor", "router_aux_loss_coef", "router_jitter_noise", "scoring_func",
      "seq_aux", "topk_group", "topk_method",
      // How inference of DeepSeek divides its experts.
      "ep_size",
      // Heads of GPT-2 and others for tasks other than pre-training.
      "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
      "summary_use_proj", "encoder_stride", "pooler_act", "pooler_output_size"};
  return keys;
}

// The line of the top-level key, counted from 1; 0 where it is not there.
size_t LineOfKey(const std::string& text, const std::string& key) {
  const std::string quoted = '"' + key + '"';
  size_t line = 1;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') ++line;
    if (text[i] == '{' || text[i] == '[') ++depth;
    if (text[i] == '}' || text[i] == ']') --depth;
    if (text[i] != '"') continue;
    size_t end = i + 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    size_t after = text.find_first_not_of(" \t\r\n", end + 1);
    if (depth == 1 && after != text.npos && text[after] == ':' &&
        text.compare(i, quoted.size(), quoted) == 0) {
      return line;
    }
    i = end;
  }
  return 0;
}

}  // namespace

HfKeys::HfKeys(const std::string& path) : m_path(Printable(path, 200)) {
  m_text = ReadSmallFile(path, kFileMaxBytes);
  m_json = ParseBoundedJson(m_path, m_text);
  if (!m_json.is_object()) {
    throw InputError(m_path, "is not a JSON object", "name a model's config.json");
  }
}

std::string HfKeys::Place(const std::string& key) const {
  const size_t line = LineOfKey(m_text, key);
  return line == 0 ? m_path : m_path + ":" + std::to_string(line);
}

void HfKeys::Refuse(const std::string& key, const std::string& problem,
                    const std::string& remedy) const {
  throw InputError(Place(key), "'" + Printable(key) + "' " + problem, remedy);
}

const nlohmann::json* HfKeys::Find(const std::string& key) {
  m_read.insert(key);
  const auto found = m_json.find(key);
  return found == m_json.end() || found->is_null() ? nullptr : &*found;
}

bool HfKeys::Has(const std::string& key) {
  return Find(key) != nullptr;
}

uint64_t HfKeys::Size(const std::string& key, uint64_t high) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) {
    throw InputError(m_path, "lacks '" + key + "'", "name the config.json of a whole model");
  }
  if (!value->is_number_unsigned() || value->get<uint64_t>() == 0 ||
      value->get<uint64_t>() > high) {
    Refuse(key, "is no whole number in range", "write one from 1 to " + std::to_string(high));
  }
  return value->get<uint64_t>();
}

uint64_t HfKeys::SizeOr(const std::string& key, uint64_t otherwise) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return otherwise;
  return *value == 0 ? 0 : Size(key);
}

bool HfKeys::FlagOr(const std::string& key, bool otherwise) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) Refuse(key, "is neither true nor false", "write one of them");
  return value->get<bool>();
}

std::string HfKeys::TextOr(const std::string& key, const std::string& otherwise) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) Refuse(key, "is no text", "write it in quotes");
  return value->get<std::string>();
}

void HfKeys::AllowFlag(const std::string& key, bool value, const std::string& remedy) {
  if (FlagOr(key, value) == value) return;
  Refuse(key, std::string("is ") + (value ? "false" : "true") + ", which is not modelled", remedy);
}

void HfKeys::AllowSize(const std::string& key, uint64_t value, const std::string& remedy) {
  if (SizeOr(key, value) == value) return;
  Refuse(key, "is not " + std::to_string(value) + ", which is not modelled", remedy);
}

void HfKeys::AllowText(const std::string& key, const std::vector<std::string>& values) {
  const std::string text = TextOr(key, values.front());
  if (std::find(values.begin(), values.end(), text) != values.end()) return;
  Refuse(key, "has the value '" + Printable(text) + "', which is not modelled",
         Suggest(text, values));
}

void HfKeys::AllowTexts(const std::string& key, const std::vector<std::string>& values) {
  const nlohmann::json* list = Find(key);
  if (list == nullptr) return;
  if (!list->is_array()) return AllowText(key, values);
  for (const nlohmann::json& item : *list) {
    const std::string text = item.is_string() ? item.get<std::string>() : item.dump();
    if (std::find(values.begin(), values.end(), text) != values.end()) continue;
    Refuse(key, "has the value '" + Printable(text) + "', which is not modelled",
           Suggest(text, values));
  }
}

void HfKeys::RefuseUnknown() const {
  for (const auto& [key, value] : m_json.items()) {
    if (m_read.count(key) > 0 || HarmlessKeys().count(key) > 0) continue;
    Refuse(key, "is not understood and may change the model",
           "remove it if it does not, or describe the model in a YAML file (--model)");
  }
}

}  // namespace ddlsim
