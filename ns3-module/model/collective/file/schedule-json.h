// SPDX-License-Identifier: GPL-2.0-only
//
// This project's own format of algorithms: steps, each a list of transfers and local copies.
#pragma once

#include <string>

#include "collective/file/chunk-program.h"

namespace ddlsim {

// Throws InputError with place PATH:LINE, or PATH: and the element, as "steps[2][0]". What is
// returned is well-formed, but not checked to be correct.
ChunkProgram ReadJsonProgram(const std::string& path, const std::string& text);

}  // namespace ddlsim
