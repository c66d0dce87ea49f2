// SPDX-License-Identifier: MIT
#include "workload-gen/architecture.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>

#include "base/input-error.h"
#include "hardware/preset-folder.h"
#include "hardware/yaml-file.h"
#include "hardware/yaml-map.h"

namespace ddlsim {
namespace {

constexpr const char* kFolderVariable = "DDL_MODELS_DIR";
constexpr uint64_t kSizeMax = 1 << 24;  // of any single dimension

const std::vector<std::string> kCommonKeys = {"aliases",    "title", "source",
                                              "parameters", "batch", "optimizer"};
const std::vector<std::string> kTransformerKeys = {
    "layers",        "hidden",        "heads",          "key_value_heads",
    "feed_forward",  "vocabulary",    "positions",      "position_embedding",
    "token_types",   "normalization", "norm_position",  "activation",
    "bias",          "fused_qkv",     "tied_embedding", "pooler",
    "output_percent"};
const std::vector<std::string> kConvolutionalKeys = {
    "image_size", "image_channels", "stem_channels", "stem_kernel",
    "expansion",  "classes",        "stage_blocks",  "stage_channels"};

// A model's own keys, and behind them those that its file states for all its models.
class ModelKeys {
 public:
  ModelKeys(const YamlMap& own, const YamlMap& shared) : m_own(own), m_shared(shared) {}

  bool Has(const std::string& key) const { return m_own.Has(key) || m_shared.Has(key); }
  const YamlMap& Where(const std::string& key) const {
    return !m_own.Has(key) && m_shared.Has(key) ? m_shared : m_own;
  }
  uint64_t Size(const std::string& key, uint64_t low = 1) const {
    return Where(key).Count(key, low, kSizeMax);
  }
  std::string Text(const std::string& key) const { return Where(key).Text(key); }
  bool Flag(const std::string& key) const { return Where(key).Flag(key); }
  // True for the second of two choices.
  bool Second(const std::string& key, const char* first, const char* second) const {
    return Where(key).Choice(key, {first, second}) == second;
  }
  std::vector<uint64_t> Sizes(const std::string& key) const {
    return Where(key).Counts(key, 1, kSizeMax);
  }

 private:
  const YamlMap& m_own;
  const YamlMap& m_shared;
};

TransformerShape ReadTransformer(const ModelKeys& keys) {
  TransformerShape shape;
  shape.layers = keys.Size("layers");
  shape.hidden = keys.Size("hidden");
  shape.heads = keys.Size("heads");
  shape.key_value_heads = keys.Has("key_value_heads") ? keys.Size("key_value_heads") : shape.heads;
  shape.feed_forward = keys.Size("feed_forward");
  shape.vocabulary = keys.Size("vocabulary");
  shape.positions = keys.Size("positions");
  shape.token_types = keys.Has("token_types") ? keys.Size("token_types", 0) : 0;
  shape.learned_positions = !keys.Second("position_embedding", "learned", "rotary");
  shape.rms_norm = keys.Second("normalization", "layer", "rms");
  shape.post_norm = keys.Second("norm_position", "pre", "post");
  shape.gated = keys.Second("activation", "gelu", "swiglu");
  shape.bias = keys.Flag("bias");
  shape.fused_qkv = keys.Flag("fused_qkv");
  shape.tied_embedding = keys.Flag("tied_embedding");
  shape.pooler = keys.Has("pooler") && keys.Flag("pooler");
  if (keys.Has("output_percent")) {
    shape.output_percent = keys.Where("output_percent").Count("output_percent", 1, 100);
  }
  if (shape.hidden % shape.heads != 0) {
    throw InputError(keys.Where("heads").Place("heads"), "'heads' does not divide 'hidden'",
                     "choose a number of heads that does");
  }
  if (shape.heads % shape.key_value_heads != 0) {
    throw InputError(keys.Where("key_value_heads").Place("key_value_heads"),
                     "'key_value_heads' does not divide 'heads'", "choose a divisor");
  }
  shape.head_dimension = shape.hidden / shape.heads;
  return shape;
}

ConvolutionalShape ReadConvolutional(const ModelKeys& keys) {
  ConvolutionalShape shape;
  shape.image_size = keys.Size("image_size");
  shape.image_channels = keys.Size("image_channels");
  shape.stem_channels = keys.Size("stem_channels");
  shape.stem_kernel = keys.Size("stem_kernel");
  shape.expansion = keys.Size("expansion");
  shape.classes = keys.Size("classes");
  shape.stage_blocks = keys.Sizes("stage_blocks");
  shape.stage_channels = keys.Sizes("stage_channels");
  if (shape.stage_blocks.empty() || shape.stage_blocks.size() != shape.stage_channels.size()) {
    throw InputError(keys.Where("stage_blocks").Place("stage_blocks"),
                     "'stage_blocks' and 'stage_channels' differ in length, or are empty",
                     "give one entry per stage in each");
  }
  // Bounds on repeated structure, so that a small file cannot ask for a huge graph.
  for (uint64_t blocks : shape.stage_blocks) {
    if (blocks > 10000 || shape.stage_blocks.size() > 100) {
      throw InputError(keys.Where("stage_blocks").Place("stage_blocks"),
                       "'stage_blocks' asks for too many blocks",
                       "give at most 100 stages of 10000 blocks");
    }
  }
  return shape;
}

Architecture ReadModel(const std::string& name, const std::string& family, const YamlMap& own,
                       const YamlMap& shared) {
  const ModelKeys keys(own, shared);
  Architecture model;
  model.name = name;
  model.place = own.Place();
  if (own.Has("aliases")) model.aliases = own.Texts("aliases");
  model.title = keys.Text("title");
  model.source = keys.Text("source");
  if (own.Has("parameters")) model.parameters = own.Count("parameters", 1, INT64_MAX);
  model.batch = keys.Where("batch").Count("batch", 1, 65536);
  model.optimizer =
      keys.Second("optimizer", "adam", "sgd") ? Optimizer::kSgdMomentum : Optimizer::kAdam;
  if (family == "transformer") {
    model.shape = ReadTransformer(keys);
    if (keys.Size("layers") > 10000) {
      throw InputError(keys.Where("layers").Place("layers"), "'layers' is out of range",
                       "give at most 10000");
    }
  } else {
    model.shape = ReadConvolutional(keys);
  }
  return model;
}

std::vector<Architecture> ReadFamilyFile(const std::string& path) {
  const YamlMap map(LoadYamlFile(path), Printable(path, 200), "a file of models");
  map.AllowOnly({"family", "shared", "models"});
  const std::string family = map.Choice("family", {"transformer", "convolutional"});
  std::vector<std::string> known = family == "transformer" ? kTransformerKeys : kConvolutionalKeys;
  known.insert(known.end(), kCommonKeys.begin(), kCommonKeys.end());
  const YamlMap shared = map.Map("shared");
  shared.AllowOnly(known);
  const YamlMap models = map.Map("models");
  std::vector<Architecture> list;
  for (const std::string& name : models.Keys()) {
    const YamlMap own = models.Map(name);
    own.AllowOnly(known);
    list.push_back(ReadModel(name, family, own, shared));
  }
  if (list.empty()) throw InputError(models.Place(), "'models' is empty", "add a model");
  return list;
}

void CheckParameters(const Architecture& model) {
  if (model.parameters == 0) return;
  const uint64_t count = BuildLayers(model, {}, {}).ParameterCount();
  if (count == model.parameters) return;
  throw InputError(
      model.place,
      absl::StrCat("'parameters' says ", model.parameters, " but the shapes make ", count),
      "correct the shapes, or leave 'parameters' out");
}

}  // namespace

LayerModel BuildLayers(const Architecture& architecture, const BatchShape& batch,
                       const Formats& formats) {
  if (const auto* transformer = std::get_if<TransformerShape>(&architecture.shape)) {
    return BuildTransformer(architecture.name, *transformer, batch, formats);
  }
  return BuildConvolutional(architecture.name, std::get<ConvolutionalShape>(architecture.shape),
                            batch, formats);
}

std::vector<Architecture> ListArchitectures() {
  const std::string folder = PresetFolder(kFolderVariable, DDL_MODELS_SOURCE_DIR);
  std::vector<Architecture> all;
  std::set<std::string> seen;
  for (const std::string& file : PresetNames(folder, kFolderVariable)) {
    for (Architecture& model : ReadFamilyFile(absl::StrCat(folder, "/", file, ".yaml"))) {
      std::vector<std::string> names = model.aliases;
      names.push_back(model.name);
      for (const std::string& name : names) {
        if (seen.insert(name).second) continue;
        throw InputError(model.place, "the name '" + Printable(name) + "' is taken", "rename it");
      }
      all.push_back(std::move(model));
    }
  }
  return all;
}

Architecture LoadArchitecture(const std::string& name_or_path) {
  if (IsYamlPath(name_or_path)) {
    const std::vector<Architecture> models = ReadFamilyFile(name_or_path);
    if (models.size() != 1) {
      throw InputError(models[1].place, "the file holds more than one model",
                       "keep one, or set DDL_MODELS_DIR to its folder and name the model");
    }
    CheckParameters(models[0]);
    return models[0];
  }
  std::vector<std::string> names;
  for (const Architecture& model : ListArchitectures()) {
    const auto& aliases = model.aliases;
    if (model.name == name_or_path ||
        std::find(aliases.begin(), aliases.end(), name_or_path) != aliases.end()) {
      CheckParameters(model);
      return model;
    }
    names.push_back(model.name);
  }
  throw InputError("--model", "'" + Printable(name_or_path) + "' is no known model",
                   Suggest(name_or_path, names) + " (ddl-workload --list-models shows them)");
}

}  // namespace ddlsim
