// SPDX-License-Identifier: MIT
//
// ddl-trace import: other tools' files to a trace set.
#include <CLI/CLI.hpp>
#include <iostream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/ddl-trace-arguments.h"
#include "traces/file-metadata.h"
#include "traces/import/layer-import.h"
#include "traces/import/torch-import.h"

namespace ddlsim {
namespace {

// Options that go with one kind of file, and whether they were given.
void RefuseWithout(const char* kind, const std::vector<std::pair<const char*, bool>>& options) {
  for (const auto& [name, is_given] : options) {
    if (is_given) {
      throw InputError(name, std::string("goes with ") + kind + " only", "leave it out");
    }
  }
}

void ImportTorchFiles(const TraceArguments& arguments) {
  RefuseWithout("--layers", {{"--policy", !arguments.policy.empty()},
                             {"--ranks", !arguments.ranks.empty()},
                             {"--model-ranks", !arguments.model_ranks.empty()},
                             {"--iterations", arguments.iterations != "1"},
                             {"--comm-size", arguments.comm_size != "total"},
                             {"--time-unit", !arguments.time_unit.empty()}});
  if (arguments.kineto.empty()) {
    throw InputError("--kineto", "is missing: the graphs have no durations",
                     "name the profiler's traces, one per rank");
  }
  TorchImportOptions options;
  options.graph_files = FilesByRank("--pytorch", arguments.pytorch);
  options.kineto_files = FilesByRank("--kineto", arguments.kineto);
  options.folder = arguments.out;
  options.one_group = arguments.one_group;
  options.allow_unknown = arguments.allow_unknown;
  options.generator_command =
      "ddl-trace import --pytorch=" + arguments.pytorch + " --kineto=" + arguments.kineto +
      (options.one_group ? " --one-group" : "") + (options.allow_unknown ? " --allow-unknown" : "");
  const TorchImportReport report = ImportTorch(options);
  std::cout << "wrote " << options.graph_files.size() << " ranks to "
            << Printable(arguments.out, 200) << ": " << report.computations << " computations ("
            << (report.has_gpu_work ? "GPU work" : "operators of the host") << ", "
            << report.compute_ns << " ns), " << report.communications << " communications\n";
  if (options.one_group) {
    std::cout << "process groups that are not recorded were taken for all ranks\n";
  }
  if (report.events_outside != 0) {
    std::cout << report.events_outside
              << " operators and pieces of GPU work of the Kineto traces lie before or after the "
                 "graphs and were left out\n";
  }
  if (report.unknown_computations != 0) {
    std::cout << report.unknown_computations
              << " pieces of GPU work belong to no operator and were "
              << "taken for computations\n";
  }
  for (const std::string& category : report.unknown_categories) {
    std::cout << "events of the unknown category '" << category
              << "' were taken for computations\n";
  }
}

void ImportLayerTable(const TraceArguments& arguments) {
  RefuseWithout("--pytorch", {{"--kineto", !arguments.kineto.empty()},
                              {"--one-group", arguments.one_group},
                              {"--allow-unknown", arguments.allow_unknown}});
  LayerImportOptions options;
  options.folder = arguments.out;
  options.policy = arguments.policy;
  options.comm_size_meaning = ParseCommSize("--comm-size", arguments.comm_size);
  if (arguments.ranks.empty()) {
    throw InputError("--ranks", "is missing", "say how many ranks the job has");
  }
  options.rank_count =
      static_cast<uint32_t>(ParseCount("--ranks", arguments.ranks, 1, kRankCountMax));
  if (!arguments.model_ranks.empty()) {
    options.model_ranks = ParseCount("--model-ranks", arguments.model_ranks, 1, kRankCountMax);
  }
  constexpr uint64_t kIterationsMax = 1 << 20;
  options.iterations = ParseCount("--iterations", arguments.iterations, 1, kIterationsMax);
  uint64_t time_unit_ps = 0;
  if (!arguments.time_unit.empty()) {
    constexpr uint64_t kPsPerSecond = 1000000000000;
    time_unit_ps = ParseDurationPs("--time-unit", arguments.time_unit);
    if (time_unit_ps == 0 || time_unit_ps > kPsPerSecond) {
      throw InputError("--time-unit", "'" + Printable(arguments.time_unit) + "' is out of range",
                       "choose between 1ps and 1s");
    }
  }
  options.generator_command =
      "ddl-trace import --layers=" + arguments.layers + " --ranks=" + arguments.ranks;
  for (const auto& [name, value] : {std::pair("policy", arguments.policy),
                                    {"model-ranks", arguments.model_ranks},
                                    {"time-unit", arguments.time_unit}}) {
    if (!value.empty()) options.generator_command += std::string(" --") + name + "=" + value;
  }
  options.generator_command += " --iterations=" + arguments.iterations;
  options.generator_command += " --comm-size=" + arguments.comm_size;
  const LayerTable table = ReadLayerTable(arguments.layers, time_unit_ps);
  ImportLayers(table, options);
  std::cout << "wrote " << table.layers.size() << " layers for " << options.rank_count
            << " ranks to " << Printable(arguments.out, 200) << "\n";
}

}  // namespace

std::vector<std::string> ImportOptionNames() {
  return {"--pytorch", "--kineto",      "--one-group",  "--allow-unknown", "--layers",    "--ranks",
          "--policy",  "--model-ranks", "--iterations", "--time-unit",     "--comm-size", "--out"};
}

void AddImportOptions(CLI::App& app, TraceArguments& arguments) {
  app.add_option("--pytorch", arguments.pytorch,
                 "PyTorch execution graphs by rank: FILE,FILE or a pattern with * for the rank");
  app.add_option("--kineto", arguments.kineto, "torch.profiler's traces of the same ranks");
  app.add_flag("--one-group", arguments.one_group,
               "Take communications without a recorded process group for ones among all ranks");
  app.add_flag("--allow-unknown", arguments.allow_unknown,
               "Take unknown events and GPU work of no operator for computations, and say so");
  app.add_option("--layers", arguments.layers, "Layer table: text workload or CSV");
  app.add_option("--ranks", arguments.ranks, "Ranks of the job (layer tables)");
  app.add_option("--policy", arguments.policy,
                 "Parallelism instead of the table's: DATA, MODEL, HYBRID_DATA_MODEL, "
                 "HYBRID_MODEL_DATA, HYBRID_TRANSFORMER, MICRO");
  app.add_option("--model-ranks", arguments.model_ranks,
                 "Ranks that share one copy of the model (hybrid policies)");
  app.add_option("--iterations", arguments.iterations,
                 "Iterations to write (layer tables; default 1)");
  app.add_option("--time-unit", arguments.time_unit,
                 "What 1 means in the times of a text table, such as 1ns");
  app.add_option("--comm-size", arguments.comm_size,
                 "What sizes mean in a layer table: total (default), per-rank");
  app.add_option("--out", arguments.out, "Folder of the set to write");
}

void ImportTraces(const TraceArguments& arguments) {
  if (arguments.pytorch.empty() == arguments.layers.empty()) {
    throw InputError("import",
                     arguments.layers.empty() ? "names no files" : "names two kinds of files",
                     "give either --pytorch and --kineto, or --layers");
  }
  if (arguments.out.empty()) {
    throw InputError("--out", "is missing", "name the folder to write to: --out=DIR");
  }
  if (!arguments.layers.empty()) {
    ImportLayerTable(arguments);
  } else {
    ImportTorchFiles(arguments);
  }
}

}  // namespace ddlsim
