// SPDX-License-Identifier: MIT
//
// Writes a trace set for other tools: one file NAME.<rank>.et per rank, with absolute peers, and
// NAME.json with the communicator groups. Groups of a set with a manifest are numbered from 1 (some
// readers take numbers only); those of other sets keep their names.
#pragma once

#include <string>

#include "traces/trace-set.h"

namespace ddlsim {

struct ExportOptions {
  std::string folder;  // created if missing
  std::string name = "trace";
  CommSizeMeaning comm_size_meaning = CommSizeMeaning::kTotal;
};

// Validates the set first. Throws InputError: an invalid set, a folder that cannot be written or
// holds files of that name, a size that has no equal shares; nothing is left behind then.
void ExportTraceSet(const TraceSet& set, const ExportOptions& options);

}  // namespace ddlsim
