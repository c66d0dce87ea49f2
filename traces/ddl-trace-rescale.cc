// SPDX-License-Identifier: MIT
//
// ddl-trace rescale: a set in another data-parallel degree.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/ddl-trace-arguments.h"
#include "traces/rescale/trace-rescale.h"

namespace ddlsim {

std::vector<std::string> RescaleOptionNames() {
  return {"--dp", "--axis", "--dp-groups", "--ignore-durations", "--groups", "--comm-size"};
}

void AddRescaleOptions(CLI::App& app, TraceArguments& arguments) {
  app.add_option("PATH", arguments.path, "Trace set: folder with manifest.json, folder, DIR/NAME");
  app.add_option("OUT", arguments.out, "Folder of the set to write");
  app.add_option("--dp", arguments.data_parallel, "Copies of the model in the new set");
  app.add_option("--axis", arguments.axis, "Data-parallel axis of a set with a manifest (dp)");
  app.add_option("--dp-groups", arguments.data_groups,
                 "Data-parallel groups of other tools' sets: NAME,NAME; default all ranks are one");
  app.add_flag("--ignore-durations", arguments.ignore_durations,
               "Other tools' sets: take the lowest rank's durations for its group's");
  app.add_option("--groups", arguments.groups_file,
                 "JSON file of groups, for files of other tools");
  app.add_option("--comm-size", arguments.comm_size,
                 "What comm_size means in files of other tools: total (default), per-rank");
}

void RescaleTraces(const TraceArguments& arguments) {
  if (arguments.data_parallel.empty()) {
    throw InputError("--dp", "is missing", "say how many copies of the model there shall be");
  }
  if (arguments.out.empty()) {
    throw InputError("OUT", "is missing", "name the folder to write to: rescale --dp=N IN OUT");
  }
  RescaleOptions options;
  options.folder = arguments.out;
  options.copies =
      static_cast<uint32_t>(ParseCount("--dp", arguments.data_parallel, 1, kRankCountMax));
  options.classing.data_axis = arguments.axis;
  options.classing.ignore_durations = arguments.ignore_durations;
  std::istringstream names(arguments.data_groups);
  for (std::string name; std::getline(names, name, ',');) {
    options.classing.data_groups.push_back(name);
  }
  const TraceSet set = OpenNamedSet(arguments, ParseCommSize("--comm-size", arguments.comm_size));
  std::error_code error;
  if (std::filesystem::equivalent(arguments.path, arguments.out, error)) {
    throw InputError("OUT", "is the set that is read", "name another folder");
  }
  options.generator_command = "ddl-trace rescale --dp=" + arguments.data_parallel + " " +
                              arguments.path + " (" + set.generator_command + ")";
  const RescaleReport report = RescaleTraceSet(set, options);
  std::cout << "wrote " << report.rank_count << " ranks to " << Printable(arguments.out, 200)
            << ": data-parallel degree " << arguments.data_parallel << " instead of "
            << report.copies_before << "; each rank computes what it did, so the global batch "
            << "changes with the degree\n";
  if (report.has_sharded_states) {
    std::cout << "states are sharded over the data-parallel ranks: their totals are unchanged, and "
              << "so is the optimizer's time, although a share of it belongs to each rank\n";
  }
}

}  // namespace ddlsim
