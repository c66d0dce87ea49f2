// SPDX-License-Identifier: MIT
#include "workload-gen/program/describe-program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/file-metadata.h"
#include "workload-gen/describe/description.h"
#include "workload-gen/plan/workload-options.h"
#include "workload-gen/program/command-line.h"

namespace ddlsim {
namespace {

constexpr uint32_t kWidthMin = 20, kWidthMax = 10000, kWidthDefault = 120;

struct Typed {
  std::vector<WorkloadOption> table = WorkloadOptionTable();
  std::deque<std::string> values;  // of the table's options, empty: not given
  std::string csv, groups, comm_size, width;
};

void AddOptions(CLI::App& app, Typed& typed) {
  app.add_option("--csv", typed.csv, "Write the tables there as CSV, too")->type_name("FOLDER");
  app.add_option("--width", typed.width, "Of the pipeline diagram (default 120)")
      ->type_name("COLUMNS");
  app.add_option("--groups", typed.groups, "Of traces of other tools: JSON file of their groups")
      ->type_name("FILE");
  app.add_option("--comm-size", typed.comm_size,
                 "What comm_size means in files of other tools: total (default), per-rank")
      ->type_name("WHAT");
  for (const WorkloadOption& option : typed.table) {
    app.add_option(option.name, typed.values.emplace_back(), option.help)->type_name(option.unit);
  }
}

NodeSource OpenTraces(const std::string& path, const Typed& typed) {
  for (size_t i = 0; i < typed.table.size(); ++i) {
    if (typed.values[i].empty()) continue;
    throw InputError(typed.table[i].name, "stands beside traces, which have their plan already",
                     "leave it out, or name no traces");
  }
  OpenOptions options;
  options.groups_file = typed.groups;
  if (!typed.comm_size.empty()) {
    const auto meaning = CommSizeFromName(typed.comm_size);
    if (!meaning) {
      throw InputError("--comm-size", "'" + Printable(typed.comm_size) + "' is unknown",
                       "choose one of total, per-rank");
    }
    options.comm_size_meaning = *meaning;
  }
  return OpenNodeSource(path, options);
}

NodeSource PlanTraces(const Typed& typed) {
  for (const auto& [name, value] :
       {std::pair("--groups", typed.groups), std::pair("--comm-size", typed.comm_size)}) {
    if (value.empty()) continue;
    throw InputError(name, "goes with traces of other tools", "name them: describe FOLDER");
  }
  WorkloadOptions options;
  bool has_any = false;
  for (size_t i = 0; i < typed.table.size(); ++i) {
    if (typed.values[i].empty()) continue;
    typed.table[i].read(typed.values[i], options);
    has_any = true;
  }
  if (!has_any) {
    throw InputError("describe", "names neither traces nor a model",
                     "write describe FOLDER, or describe --model=NAME with the plan's options");
  }
  CheckWorkloadOptions(options);
  return PlannedNodeSource(options);
}

}  // namespace

void RunDescribe(const std::vector<std::string>& arguments, std::ostream& out) {
  CLI::App app(
      "Prints what a trace set holds, or a model's with these options would hold:\n"
      "operations, exchanges, critical path, memory, pipeline.",
      "ddl-workload describe [FOLDER]");
  app.set_help_flag("--help,-h", "Print this help and end");
  app.get_formatter()->column_width(32);
  Typed typed;
  AddOptions(app, typed);
  const bool has_path = !arguments.empty() && arguments.front().rfind('-', 0) != 0;
  std::vector<std::string> words =
      CheckedWords(app, {arguments.begin() + (has_path ? 1 : 0), arguments.end()});
  std::reverse(words.begin(), words.end());  // CLI11 takes the last word first
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return;
  }
  const auto width =
      typed.width.empty()
          ? kWidthDefault
          : static_cast<uint32_t>(ParseCount("--width", typed.width, kWidthMin, kWidthMax));
  const NodeSource source = has_path ? OpenTraces(arguments.front(), typed) : PlanTraces(typed);
  const Description description = Describe(source);
  const std::string text = DescriptionText(source, description, width);
  if (!typed.csv.empty()) WriteDescription(source, description, typed.csv);
  out << text;
}

}  // namespace ddlsim
