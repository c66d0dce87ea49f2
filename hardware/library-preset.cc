// SPDX-License-Identifier: MIT
#include "hardware/library-preset.h"

#include <algorithm>

#include "base/input-error.h"
#include "hardware/preset-folder.h"
#include "hardware/yaml-file.h"
#include "hardware/yaml-map.h"

namespace ddlsim {
namespace {

constexpr const char* kFolderVariable = "DDL_LIBRARIES_DIR";
constexpr double kValueMax = 1e15;

std::string Folder() {
  return PresetFolder(kFolderVariable, DDL_LIBRARIES_SOURCE_DIR);
}

LibraryPreset ReadLibraryPreset(const std::string& path) {
  const YamlMap map(LoadYamlFile(path), Printable(path, 200), "a preset of a collective library");
  map.AllowOnly({"kind", "name", "description", "parameters"});
  map.Choice("kind", {"library"});
  LibraryPreset preset;
  preset.name = map.Text("name");
  preset.description = map.Text("description");
  const YamlMap parameters = map.Map("parameters");
  for (const std::string& name : parameters.Keys()) {
    const YamlMap fact = parameters.Map(name);
    fact.AllowOnly({"value", "low", "high", "source", "confidence"});
    fact.Text("source");
    fact.Choice("confidence", {"verified", "fitted", "memory", "assumed"});
    LibraryFact read{name, fact.Number("value", 0, kValueMax), fact.Number("low", 0, kValueMax),
                     fact.Number("high", 0, kValueMax), fact.Place("value")};
    if (read.value < read.low || read.value > read.high) {
      throw InputError(read.place, "the value of '" + Printable(name) + "' is outside low .. high",
                       "correct the value or the range");
    }
    preset.facts.push_back(std::move(read));
  }
  return preset;
}

}  // namespace

std::vector<std::string> LibraryPresetNames() {
  return PresetNames(Folder(), kFolderVariable);
}

LibraryPreset LoadLibraryPreset(const std::string& name_or_path, const std::string& place) {
  if (IsYamlPath(name_or_path)) return ReadLibraryPreset(name_or_path);
  const std::vector<std::string> names = LibraryPresetNames();
  if (std::find(names.begin(), names.end(), name_or_path) == names.end()) {
    throw InputError(place, "'" + Printable(name_or_path) + "' is no known library preset",
                     Suggest(name_or_path, names));
  }
  return ReadLibraryPreset(Folder() + "/" + name_or_path + ".yaml");
}

}  // namespace ddlsim
