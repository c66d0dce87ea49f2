// SPDX-License-Identifier: GPL-2.0-only
//
// From the text of MSCCL's XML to a program of steps.
#pragma once

#include <string>

#include "collective/file/chunk-program.h"
#include "collective/file/msccl-program.h"

namespace ddlsim {

// The elements as they stand. `type`: for files that do not name their collective. Throws
// InputError with place PATH:LINE.
MscclProgram ParseMscclXml(const std::string& path, const std::string& text, CollectiveType type);

// The same as steps: see msccl-lowering.cc. Not yet checked to be correct.
ChunkProgram LowerMscclProgram(const std::string& path, const std::string& text,
                               const MscclProgram& program);

inline ChunkProgram ReadMscclProgram(const std::string& path, const std::string& text,
                                     CollectiveType type) {
  return LowerMscclProgram(path, text, ParseMscclXml(path, text, type));
}

}  // namespace ddlsim
