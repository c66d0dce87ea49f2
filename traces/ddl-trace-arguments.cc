// SPDX-License-Identifier: MIT
#include "traces/ddl-trace-arguments.h"

#include "base/input-error.h"
#include "traces/file-metadata.h"

namespace ddlsim {

CommSizeMeaning ParseCommSize(const char* option, const std::string& text) {
  const auto meaning = CommSizeFromName(text);
  if (!meaning) {
    throw InputError(option, "'" + Printable(text) + "' is unknown",
                     "choose one of total, per-rank");
  }
  return *meaning;
}

TraceSet OpenNamedSet(const TraceArguments& arguments, CommSizeMeaning comm_size_meaning) {
  if (arguments.path.empty()) {
    throw InputError("PATH", "is missing", "name a trace set: a folder or DIR/NAME");
  }
  OpenOptions options;
  options.comm_size_meaning = comm_size_meaning;
  options.groups_file = arguments.groups_file;
  return OpenTraceSet(arguments.path, options);
}

}  // namespace ddlsim
