// SPDX-License-Identifier: GPL-2.0-only
//
// The parameters of the library model by name, as presets (hardware/libraries), ns-3 attributes
// and calibration use them.
#pragma once

#include <string>
#include <vector>

#include "library/library-parameters.h"

namespace ddlsim {

struct LibraryParameterSpec {
  const char* name;  // unit last; rates in GB/s (1e9 bytes per second): "_gbytes_per_s"
  double low;
  double high;
  const char* help;
  double& (*field)(LibraryParameters&);

  double Get(const LibraryParameters& parameters) const {
    return field(const_cast<LibraryParameters&>(parameters));
  }
};

const std::vector<LibraryParameterSpec>& LibraryParameterTable();

// Sets one parameter. Throws InputError at `place` for an unknown name or a value out of range.
void SetLibraryParameter(const std::string& place, const std::string& name, double value,
                         LibraryParameters& parameters);

}  // namespace ddlsim
