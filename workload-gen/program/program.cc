// SPDX-License-Identifier: MIT
#include "workload-gen/program/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "workload-gen/describe/summary.h"
#include "workload-gen/estimate/iteration-estimate.h"
#include "workload-gen/plan/workload-options.h"
#include "workload-gen/plan/workload.h"
#include "workload-gen/program/command-line.h"
#include "workload-gen/program/describe-program.h"
#include "workload-gen/program/workload-writer.h"

namespace ddlsim {
namespace {

// Options as typed. CLI11 only splits the command line: values are read by the option table, whose
// messages have place, problem and remedy.
struct Typed {
  std::vector<WorkloadOption> table = WorkloadOptionTable();
  std::deque<std::string> values;  // of the table's options, empty: not given
  std::string out;
  std::string estimate, nodes;  // on such hosts, so many of them
  bool dry_run = false, list_models = false, list_gpus = false;
};

void AddOptions(CLI::App& app, Typed& typed) {
  for (const WorkloadOption& option : typed.table) {
    app.add_option(option.name, typed.values.emplace_back(), option.help)->type_name(option.unit);
  }
  app.add_option("--out", typed.out, "Where the trace set goes")->type_name("FOLDER");
  app.add_option("--estimate", typed.estimate,
                 "Print how long an iteration takes on such hosts, by closed formulas, and write "
                 "nothing")
      ->type_name("HOST");
  app.add_option("--nodes", typed.nodes, "Of --estimate: hosts (default: as few as have the GPUs)")
      ->type_name("COUNT");
  app.add_flag("--dry-run", typed.dry_run, "Print the summary, write nothing");
  app.add_flag("--list-models", typed.list_models, "List the models and end");
  app.add_flag("--list-gpus", typed.list_gpus, "List the GPUs and end");
}

// `gpu`: what computes unless --gpu says otherwise; empty: the table's default.
WorkloadOptions ReadOptions(const Typed& typed, const std::string& gpu) {
  WorkloadOptions options;
  if (!gpu.empty()) options.gpu = gpu;
  for (size_t i = 0; i < typed.table.size(); ++i) {
    if (!typed.values[i].empty()) typed.table[i].read(typed.values[i], options);
  }
  CheckWorkloadOptions(options);
  return options;
}

void Estimate(const Typed& typed, std::ostream& out) {
  if (!typed.out.empty()) {
    throw InputError("--estimate", "writes no traces", "leave out --out");
  }
  const Host host = LoadHost(typed.estimate, "--estimate");
  const auto nodes = static_cast<uint32_t>(
      typed.nodes.empty() ? 0 : ParseCount("--nodes", typed.nodes, 1, kRankCountMax));
  const Workload workload = PlanWorkload(ReadOptions(typed, host.gpu));
  const IterationEstimate estimate = EstimateIteration(workload, host, nodes);
  CheckComputeTimes(workload);
  out << SummarizeEstimate(workload, host, estimate);
}

void Generate(const Typed& typed, std::ostream& out) {
  const WorkloadOptions options = ReadOptions(typed, "");
  if (!typed.nodes.empty()) {
    throw InputError("--nodes", "goes with --estimate only", "leave it out");
  }
  if (typed.out.empty() && !typed.dry_run) {
    throw InputError("--out", "is missing",
                     "name a folder for the traces, such as --out=results/traces");
  }
  const Workload workload = PlanWorkload(options);
  // Counted first, so that nothing is written where the numbers turn out impossible.
  const std::vector<IterationTotals> totals = CountWorkload(workload);
  if (!typed.dry_run) WriteWorkload(workload, typed.out);
  out << Summarize(workload, totals, typed.dry_run ? "" : typed.out);
}

}  // namespace

int RunWorkloadProgram(const std::vector<std::string>& arguments, std::ostream& out,
                       std::ostream& errors) {
  CLI::App app(
      "Writes the execution-graph traces of distributed training, one set per run.\n"
      "ddl-workload describe: prints what such a set holds (describe --help).",
      "ddl-workload");
  app.set_help_flag("--help,-h", "Print this help and end");
  app.get_formatter()->column_width(32);
  Typed typed;
  AddOptions(app, typed);
  try {
    if (!arguments.empty() && arguments.front() == "describe") {
      RunDescribe({arguments.begin() + 1, arguments.end()}, out);
      return 0;
    }
    std::vector<std::string> words = CheckedWords(app, arguments);
    std::reverse(words.begin(), words.end());  // CLI11 takes the last word first
    app.parse(std::move(words));
    if (typed.list_models) {
      out << ModelTable();
    } else if (typed.list_gpus) {
      out << GpuTable();
    } else if (!typed.estimate.empty()) {
      Estimate(typed, out);
    } else {
      Generate(typed, out);
    }
    return 0;
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    errors << "ddl-workload: command line: " << Printable(error.what(), 200)
           << "; --help lists the options\n";
    return 2;
  } catch (const InputError& error) {
    errors << "ddl-workload: " << error.what() << '\n';
    return 2;
  }
}

}  // namespace ddlsim
