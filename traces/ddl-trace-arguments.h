// SPDX-License-Identifier: MIT
//
// The command line of ddl-trace, and those of its commands that have a file of their own.
#pragma once

#include <string>
#include <vector>

#include "traces/trace-set.h"

namespace CLI {
class App;
}

namespace ddlsim {

struct TraceArguments {
  std::string path;
  std::string comm_size = "total";
  std::string input_comm_size = "total";
  std::string groups_file;
  std::string rank;
  std::string out;
  std::string name = "trace";

  // import
  std::string pytorch;
  std::string kineto;
  bool one_group = false;
  bool allow_unknown = false;
  std::string layers;
  std::string policy;
  std::string ranks;
  std::string model_ranks;
  std::string iterations = "1";
  std::string time_unit;

  // rescale
  std::string data_parallel;
  std::string axis = "dp";
  std::string data_groups;
  bool ignore_durations = false;
};

// Throws InputError (place `option`).
CommSizeMeaning ParseCommSize(const char* option, const std::string& text);
TraceSet OpenNamedSet(const TraceArguments& arguments, CommSizeMeaning comm_size_meaning);

std::vector<std::string> ImportOptionNames();
void AddImportOptions(CLI::App& app, TraceArguments& arguments);
void ImportTraces(const TraceArguments& arguments);

std::vector<std::string> RescaleOptionNames();
void AddRescaleOptions(CLI::App& app, TraceArguments& arguments);
void RescaleTraces(const TraceArguments& arguments);

}  // namespace ddlsim
