// SPDX-License-Identifier: MIT
//
// A folder of presets, one NAME.yaml each.
#pragma once

#include <string>
#include <vector>

namespace ddlsim {

// The folder that the environment variable `variable` names, or else `folder`.
std::string PresetFolder(const char* variable, const std::string& folder);

// True where a user means a file rather than a preset's name: it has a slash or ends in .yaml/.yml.
bool IsYamlPath(const std::string& name);

// The names of the presets in `folder`, sorted. Throws InputError if it cannot be listed; the
// remedy then names `variable`.
std::vector<std::string> PresetNames(const std::string& folder, const char* variable);

}  // namespace ddlsim
