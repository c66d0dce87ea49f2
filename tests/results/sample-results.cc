// SPDX-License-Identifier: MIT
//
// ddl-sample-results FOLDER [RANKS] [finished|interrupted|stalled|empty|hostile]: writes a made-up
// result folder.
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/input-error.h"
#include "base/quantity.h"
#include "sample-run.h"

namespace {

ddlsim::SampleOptions ParseOptions(int argc, char** argv) {
  ddlsim::SampleOptions options;
  if (argc < 2 || argc > 4) {
    throw ddlsim::InputError("ddl-sample-results", "takes FOLDER [RANKS] [KIND]",
                             "KIND is finished, interrupted, stalled, empty or hostile");
  }
  if (argc > 2) {
    options.ranks = static_cast<uint32_t>(ddlsim::ParseCount("RANKS", argv[2], 2, 4096));
  }
  const std::string kind = argc > 3 ? argv[3] : "finished";
  if (kind == "interrupted") {
    options.status = ddlsim::RunStatus::kInterrupted;
  } else if (kind == "stalled") {
    options.status = ddlsim::RunStatus::kStalled;
  } else if (kind == "empty") {
    options.has_records = false;
  } else if (kind == "hostile") {
    options.has_hostile_names = true;
  } else if (kind != "finished") {
    throw ddlsim::InputError("KIND", "'" + ddlsim::Printable(kind) + "' is unknown",
                             "use finished, interrupted, stalled, empty or hostile");
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const ddlsim::SampleOptions options = ParseOptions(argc, argv);
    const auto folder = std::filesystem::absolute(argv[1]).lexically_normal();
    const std::string printed =
        ddlsim::WriteSampleRun(folder.parent_path(), folder.filename(), options);
    std::fputs(printed.c_str(), stdout);
    return 0;
  } catch (const ddlsim::InputError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
