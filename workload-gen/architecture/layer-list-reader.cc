// SPDX-License-Identifier: MIT
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/input-error.h"
#include "hardware/yaml-map.h"
#include "workload-gen/architecture/layer-list.h"

namespace ddlsim {
namespace {

constexpr uint64_t kAny = uint64_t{1} << 24;    // of any single dimension
constexpr uint64_t kLarge = uint64_t{1} << 50;  // of totals
constexpr const char* kBlockInput = "block_input";

struct SizeKey {
  const char* key;
  uint64_t low, high;
  std::optional<uint64_t> value;  // where the layer leaves it out
};
struct ChoiceKey {
  const char* key;
  std::vector<std::string> choices;
};

// What a layer of a type may and must state, and how many layers it reads.
struct LayerType {
  const char* name;
  std::vector<SizeKey> sizes;
  std::vector<const char*> flags;  // false where left out
  std::vector<ChoiceKey> choices;
  size_t inputs_min = 1, inputs_max = 1;
};

const std::vector<LayerType>& LayerTypes() {
  static const std::vector<std::string> activations = {"gelu", "relu", "tanh", "sigmoid"};
  static const std::vector<std::string> inner = {"gelu",    "relu",   "tanh",
                                                 "sigmoid", "swiglu", "geglu"};
  static const std::vector<LayerType> types = {
      {"embedding",
       {{"vocabulary", 1, kLarge >> 24, {}}, {"width", 1, kAny, {}}, {"positions", 0, kAny, 0}},
       {},
       {},
       0,
       0},
      {"linear", {{"width", 1, kAny, {}}}, {"bias"}, {}},
      {"convolution",
       {{"channels", 1, kAny, {}}, {"kernel", 1, 1024, {}}, {"stride", 1, 1024, 1}},
       {"bias"},
       {}},
      {"attention",
       {{"heads", 1, kAny, {}},
        {"key_value_heads", 0, kAny, 0},
        {"head_dimension", 0, kAny, 0},
        {"window", 0, kAny, 0}},
       {"bias", "rotary"},
       {},
       1,
       2},
      {"feed_forward", {{"width", 1, kAny, {}}}, {"bias"}, {{"activation", inner}}},
      {"experts",
       {{"experts", 1, 4096, {}},
        {"experts_per_token", 1, 4096, {}},
        {"width", 1, kAny, {}},
        {"shared_width", 0, kAny, 0}},
       {},
       {}},
      {"norm", {}, {}, {{"kind", {"layer", "rms", "batch"}}}},
      {"activation", {}, {}, {{"function", activations}}},
      {"elementwise",
       {{"forward_moves", 1, 1000, {}},
        {"backward_moves", 0, 1000, {}},
        {"operations", 0, 1000000, 1}},
       {},
       {},
       1,
       16},
      {"add", {}, {}, {}, 2, 2},
      {"concatenate", {}, {}, {}, 2, 256},
      {"max_pool", {{"kernel", 1, 1024, 2}, {"stride", 1, 1024, 2}}, {}, {}},
      {"average_pool", {}, {}, {}},
      {"flatten", {}, {}, {}},
      {"lstm", {{"width", 1, kAny, {}}}, {}, {}},
      {"raw",
       {{"operations", 0, kLarge, {}},
        {"memory_bytes", 0, kLarge, {}},
        {"backward_operations", 0, kLarge, {}},
        {"backward_memory_bytes", 0, kLarge, {}},
        {"parameters", 0, kLarge, 0},
        {"output_values", 0, kLarge, 0},
        {"saved_bytes", 0, kLarge, 0}},
       {},
       {{"class", {"matmul", "attention", "convolution", "norm", "elementwise"}}},
       1,
       16},
      {"loss", {}, {}, {}}};
  return types;
}

const LayerType& TypeOf(const YamlMap& map) {
  std::vector<std::string> names;
  for (const LayerType& type : LayerTypes()) names.emplace_back(type.name);
  const std::string name = map.Choice("type", names);
  return *std::find_if(LayerTypes().begin(), LayerTypes().end(),
                       [&](const LayerType& type) { return name == type.name; });
}

ListedLayer ReadLayer(const YamlMap& map, const LayerType& type) {
  ListedLayer layer;
  layer.type = type.name;
  layer.name = map.Has("name") ? map.Text("name") : type.name;
  layer.place = map.Place();
  std::vector<std::string> known = {"type", "name", "inputs"};
  for (const SizeKey& size : type.sizes) {
    known.emplace_back(size.key);
    layer.sizes[size.key] =
        size.value && !map.Has(size.key) ? *size.value : map.Count(size.key, size.low, size.high);
  }
  for (const char* flag : type.flags) {
    known.emplace_back(flag);
    layer.sizes[flag] = map.Has(flag) && map.Flag(flag) ? 1 : 0;
  }
  for (const ChoiceKey& choice : type.choices) {
    known.emplace_back(choice.key);
    layer.choices[choice.key] = map.Choice(choice.key, choice.choices);
  }
  map.AllowOnly(known);
  const std::string allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (layer.name.find_first_not_of(allowed) != layer.name.npos || layer.name == kBlockInput) {
    throw InputError(map.Place("name"), "'" + Printable(layer.name) + "' cannot be a layer's name",
                     "use letters, digits, '_' and '-'");
  }
  return layer;
}

// Writes the list out, repetition by repetition, and resolves names.
class ListReader {
 public:
  explicit ListReader(LayerList& list) : m_list(list) {}

  void ReadAll(const YamlMap& model) {
    for (const YamlMap& entry : model.Maps("layers", "a layer")) {
      if (entry.Has("repeat")) {
        ReadRepetition(entry);
      } else {
        AddLayer(entry, m_outer, nullptr);
      }
    }
    if (m_list.layers.empty()) {
      throw InputError(model.Place("layers"), "'layers' is empty", "add a layer");
    }
  }

 private:
  using Names = std::map<std::string, size_t>;

  void ReadRepetition(const YamlMap& entry) {
    entry.AllowOnly({"repeat", "layers"});
    const uint64_t repetitions = entry.Count("repeat", 1, kListedLayersMax);
    const std::vector<YamlMap> layers = entry.Maps("layers", "a layer");
    if (layers.empty()) {
      throw InputError(entry.Place("layers"), "'layers' is empty", "add a layer");
    }
    for (uint64_t i = 0; i < repetitions; ++i) {
      Names inner;
      if (!m_list.layers.empty()) inner[kBlockInput] = m_list.layers.size() - 1;
      for (const YamlMap& layer : layers) AddLayer(layer, inner, &m_outer);
      ++m_next_block;
    }
  }

  // `outer`: the names outside of a repetition; null where the layer itself stands outside.
  void AddLayer(const YamlMap& map, Names& names, const Names* outer) {
    if (m_list.layers.size() >= kListedLayersMax) {
      throw InputError(map.Place(),
                       absl::StrCat("the list makes more than ", kListedLayersMax, " layers"),
                       "repeat less");
    }
    const LayerType& type = TypeOf(map);
    ListedLayer layer = ReadLayer(map, type);
    if (outer != nullptr) layer.block = m_next_block;
    if (map.Has("inputs")) {
      for (const std::string& name : map.Texts("inputs")) {
        layer.inputs.push_back(Find(map, name, names, outer));
      }
    } else if (!m_list.layers.empty() && type.inputs_max > 0) {
      layer.inputs.push_back(m_list.layers.size() - 1);
    }
    // The first layer reads the batch.
    const size_t least = m_list.layers.empty() ? 0 : type.inputs_min;
    if (layer.inputs.size() < least || layer.inputs.size() > type.inputs_max) {
      throw InputError(
          map.Has("inputs") ? map.Place("inputs") : map.Place(),
          absl::StrCat("a layer of type '", layer.type, "' reads ", layer.inputs.size(),
                       " layers here"),
          absl::StrCat("give from ", least, " to ", type.inputs_max, " in 'inputs: [...]'"));
    }
    if (!names.insert({layer.name, m_list.layers.size()}).second) {
      throw InputError(map.Place(), "the name '" + layer.name + "' is taken",
                       "give the layer another 'name'");
    }
    m_list.layers.push_back(std::move(layer));
  }

  static size_t Find(const YamlMap& map, const std::string& name, const Names& names,
                     const Names* outer) {
    for (const Names* scope : {&names, outer}) {
      if (scope == nullptr) continue;
      const auto found = scope->find(name);
      if (found != scope->end()) return found->second;
    }
    throw InputError(map.Place("inputs"), "there is no layer '" + Printable(name) + "' before",
                     "name a layer above (within a repetition also block_input)");
  }

  LayerList& m_list;
  Names m_outer;
  int m_next_block = 0;
};

}  // namespace

LayerList ReadLayerList(const YamlMap& model) {
  LayerList list;
  const YamlMap input = model.Map("input");
  input.AllowOnly({"tokens", "features", "image_size", "image_channels"});
  if (input.Has("tokens")) list.input.tokens = input.Count("tokens", 1, kAny);
  if (input.Has("features")) list.input.features = input.Count("features", 1, kAny);
  if (input.Has("image_size")) {
    list.input.image_size = input.Count("image_size", 1, 65536);
    list.input.image_channels = input.Count("image_channels", 1, 65536);
  }
  if (input.Has("tokens") + input.Has("features") + input.Has("image_size") != 1) {
    throw InputError(input.Place(), "'input' states not exactly one kind of sample",
                     "give tokens, or features, or image_size with image_channels");
  }
  ListReader(list).ReadAll(model);
  return list;
}

}  // namespace ddlsim
