// SPDX-License-Identifier: MIT
//
// Writes a set whose content a user's files decide, so that whatever is wrong with it is theirs.
#pragma once

#include <functional>

#include "traces/trace-writer.h"

namespace ddlsim {

// Opens a writer, lets `fill` add classes and nodes, and finishes it. Throws InputError where the
// set would not be valid, such as ranks that disagree about a collective, and removes a folder that
// it made.
void WriteImportedSet(const TraceSetWriter::Options& options,
                      const std::function<void(TraceSetWriter&)>& fill);

}  // namespace ddlsim
