// SPDX-License-Identifier: MIT
#include "workload-gen/architecture/architecture.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>

#include "base/input-error.h"
#include "hardware/preset-folder.h"
#include "hardware/yaml-file.h"
#include "hardware/yaml-map.h"
#include "workload-gen/architecture/model-family.h"

namespace ddlsim {
namespace {

constexpr const char* kFolderVariable = "DDL_MODELS_DIR";
const std::vector<std::string> kCommonKeys = {"aliases", "title",     "source",  "parameters",
                                              "batch",   "optimizer", "left_out"};
const ModelFamily& FamilyOf(const YamlMap& file) {
  std::vector<std::string> names;
  for (const ModelFamily& family : ModelFamilies()) names.emplace_back(family.name);
  const std::string name = file.Choice("family", names);
  return *std::find_if(ModelFamilies().begin(), ModelFamilies().end(),
                       [&](const ModelFamily& family) { return name == family.name; });
}

Optimizer ReadOptimizer(const ModelKeys& keys) {
  const std::string name = keys.Choice("optimizer", {"adam", "sgd", "plain_sgd"});
  if (name == "adam") return Optimizer::kAdam;
  return name == "sgd" ? Optimizer::kSgdMomentum : Optimizer::kSgd;
}

Architecture ReadModel(const std::string& name, const ModelFamily& family, const YamlMap& own,
                       const YamlMap& shared) {
  const ModelKeys keys(own, shared);
  Architecture model;
  model.name = name;
  model.place = own.Place();
  if (own.Has("aliases")) model.aliases = own.Texts("aliases");
  model.title = keys.Text("title");
  model.source = keys.Text("source");
  if (own.Has("left_out")) model.left_out = own.Text("left_out");
  if (own.Has("parameters")) model.parameters = own.Count("parameters", 1, INT64_MAX);
  model.batch = keys.Size("batch", 1, 65536);
  model.optimizer = ReadOptimizer(keys);
  family.read(keys, model);
  return model;
}

std::vector<Architecture> ReadFamilyFile(const std::string& path) {
  const YamlMap map(LoadYamlFile(path), Printable(path, 200), "a file of models");
  map.AllowOnly({"family", "shared", "models"});
  const ModelFamily& family = FamilyOf(map);
  std::vector<std::string> known = family.keys;
  known.insert(known.end(), kCommonKeys.begin(), kCommonKeys.end());
  const YamlMap shared =
      map.Has("shared") ? map.Map("shared") : YamlMap(YAML::Node(YAML::NodeType::Map), path, "");
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

const std::vector<ModelFamily>& ModelFamilies() {
  static const std::vector<ModelFamily> families = [] {
    std::vector<ModelFamily> all = TransformerFamilies();
    for (ModelFamily& family : OtherFamilies()) all.push_back(std::move(family));
    return all;
  }();
  return families;
}

LayerModel BuildLayers(const Architecture& architecture, const BatchShape& batch,
                       const Formats& formats) {
  return std::visit(
      [&](const auto& shape) { return BuildModel(architecture.name, shape, batch, formats); },
      architecture.shape);
}

std::string Architecture::Family() const {
  struct Names {
    const char* operator()(const TransformerShape& shape) const {
      if (shape.experts.Used()) return "mixture of experts";
      return shape.post_norm ? "encoder" : "decoder";
    }
    const char* operator()(const EncoderDecoderShape&) const { return "encoder-decoder"; }
    const char* operator()(const VisionShape&) const { return "vision transformer"; }
    const char* operator()(const ConvolutionalShape&) const { return "convolutional"; }
    const char* operator()(const VggShape&) const { return "convolutional"; }
    const char* operator()(const RecommendationShape&) const { return "recommendation"; }
    const char* operator()(const RecurrentShape&) const { return "recurrent"; }
    const char* operator()(const PerceptronShape&) const { return "perceptron"; }
    const char* operator()(const LayerList&) const { return "layers"; }
  };
  return std::visit(Names(), shape);
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

namespace {

// "shapes.yaml:mine": a file and a model in it.
Architecture LoadFromFile(const std::string& path_and_name) {
  const size_t colon = path_and_name.rfind(".yaml:");
  const bool has_name = colon != path_and_name.npos;
  const std::string path = has_name ? path_and_name.substr(0, colon + 5) : path_and_name;
  std::vector<Architecture> models = ReadFamilyFile(path);
  if (!has_name && models.size() != 1) {
    throw InputError(models[1].place, "the file holds more than one model",
                     "name one behind a colon: FILE.yaml:" + models[1].name);
  }
  const std::string name = has_name ? path_and_name.substr(colon + 6) : models[0].name;
  std::vector<std::string> names;
  for (const Architecture& model : models) {
    names.push_back(model.name);
    if (model.name != name) continue;
    CheckParameters(model);
    return model;
  }
  throw InputError(Printable(path, 200), "holds no model '" + Printable(name) + "'",
                   Suggest(name, names));
}

}  // namespace

Architecture LoadArchitecture(const std::string& name_or_path) {
  if (IsYamlPath(name_or_path) || name_or_path.find(".yaml:") != name_or_path.npos) {
    return LoadFromFile(name_or_path);
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
