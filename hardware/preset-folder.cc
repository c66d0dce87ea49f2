// SPDX-License-Identifier: MIT
#include "hardware/preset-folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/input-error.h"

namespace ddlsim {

std::string PresetFolder(const char* variable, const std::string& folder) {
  const char* chosen = std::getenv(variable);
  return chosen != nullptr && *chosen != '\0' ? chosen : folder;
}

bool IsYamlPath(const std::string& name) {
  const std::string extension = std::filesystem::path(name).extension().string();
  return name.find('/') != name.npos || extension == ".yaml" || extension == ".yml";
}

std::vector<std::string> PresetNames(const std::string& folder, const char* variable) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".yaml") names.push_back(it->path().stem().string());
  }
  if (error || names.empty()) {
    throw InputError(Printable(folder, 200), "is no folder with presets",
                     "set " + std::string(variable) + " to the folder that holds the *.yaml files");
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ddlsim
