// SPDX-License-Identifier: MIT
//
// Parameters of a collective library's model as presets (hardware/libraries): what a library costs
// on a GPU generation, and what a fabric adds. docs/library-model.md has their meaning.
#pragma once

#include <string>
#include <vector>

namespace ddlsim {

struct LibraryFact {
  std::string name;  // of the parameter; the simulator knows which there are
  double value = 0;
  double low = 0;  // within which the sources leave it
  double high = 0;
  std::string place;  // FILE:LINE, for messages
};

struct LibraryPreset {
  std::string name;
  std::string description;
  std::vector<LibraryFact> facts;  // in the order of the file
};

// A preset by name ("nccl-ampere"), or a YAML file by path. Presets lie in the folder that the
// environment variable DDL_LIBRARIES_DIR names, by default hardware/libraries of the source tree.
// Throws InputError (place FILE:LINE, or `place` for an unknown name).
LibraryPreset LoadLibraryPreset(const std::string& name_or_path, const std::string& place);

std::vector<std::string> LibraryPresetNames();

}  // namespace ddlsim
