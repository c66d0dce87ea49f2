// SPDX-License-Identifier: MIT
//
// ddl-trace: looks into trace sets, imports and rescales them. Ends with 0, or with 2 after one
// line on stderr.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/ddl-trace-arguments.h"
#include "traces/file-metadata.h"
#include "traces/group-index.h"
#include "traces/node-json.h"
#include "traces/trace-export.h"
#include "traces/trace-info.h"
#include "traces/trace-set.h"

namespace ddlsim {
namespace {

using Arguments = TraceArguments;

void Info(const Arguments& arguments) {
  std::cout << DescribeTraceSet(
      OpenNamedSet(arguments, ParseCommSize("--comm-size", arguments.comm_size)));
}

void Validate(const Arguments& arguments) {
  const TraceSet set = OpenNamedSet(arguments, ParseCommSize("--comm-size", arguments.comm_size));
  const ValidationReport report = ValidateTraceSet(set);
  std::cout << Printable(arguments.path, 200) << ": valid, " << set.rank_count << " ranks, "
            << report.nodes << " nodes in " << set.classes.size() << " files ("
            << report.compute_nodes << " compute, " << report.memory_nodes << " memory, "
            << report.send_nodes << " send, " << report.receive_nodes << " receive, "
            << report.collective_nodes << " collective)"
            << (report.is_topological ? "" : ", not in topological order") << "\n";
}

void Json(const Arguments& arguments) {
  const TraceSet set = OpenNamedSet(arguments, ParseCommSize("--comm-size", arguments.comm_size));
  const GroupIndex index(set);
  std::optional<uint32_t> rank;
  if (!arguments.rank.empty()) {
    rank = static_cast<uint32_t>(ParseCount("--rank", arguments.rank, 0, set.rank_count - 1));
  }
  // Twice: the first pass finds what is wrong before anything is printed.
  for (const bool is_printing : {false, true}) {
    for (const RankClass& each : set.classes) {
      if (rank && !std::binary_search(each.ranks.begin(), each.ranks.end(), *rank)) continue;
      // A file of one rank is resolved for it, one of several only for the rank that is asked for.
      const auto resolved = each.ranks.size() == 1 ? std::optional(each.ranks[0]) : rank;
      TraceReader reader(each.file);
      GraphNode node;
      while (reader.Next(node)) {
        const std::string line = NodeToJson(node, set, index, resolved);
        if (is_printing) std::cout << line << '\n';
      }
    }
  }
}

void Export(const Arguments& arguments) {
  if (arguments.out.empty()) {
    throw InputError("--out", "is missing", "name the folder to write to: --out=DIR");
  }
  ExportOptions options;
  options.folder = arguments.out;
  options.name = arguments.name;
  options.comm_size_meaning = ParseCommSize("--comm-size", arguments.comm_size);
  const TraceSet set =
      OpenNamedSet(arguments, ParseCommSize("--input-comm-size", arguments.input_comm_size));
  ExportTraceSet(set, options);
  std::cout << "wrote " << set.rank_count << " files " << Printable(options.name)
            << ".<rank>.et to " << Printable(options.folder, 200) << "\n";
}

struct Command {
  const char* name;
  const char* help;
  void (*run)(const Arguments&);
  std::vector<std::string> options;
};

const std::vector<Command>& Commands() {
  static const std::vector<Command> kCommands{
      {"info",
       "Show ranks, groups, nodes, bytes and compute time",
       Info,
       {"--comm-size", "--groups"}},
      {"validate",
       "Check everything that a replay relies on",
       Validate,
       {"--comm-size", "--groups"}},
      {"json", "Print every node as one line of JSON", Json, {"--comm-size", "--groups", "--rank"}},
      {"export",
       "Write one file per rank, for other tools",
       Export,
       {"--comm-size", "--groups", "--input-comm-size", "--out", "--name"}},
      {"import", "Make a trace set from other tools' files", ImportTraces, ImportOptionNames()},
      {"rescale", "Move a set to another data-parallel degree", RescaleTraces,
       RescaleOptionNames()}};
  return kCommands;
}

void AddOptions(CLI::App& app, const Command& command, Arguments& arguments) {
  app.allow_extras();
  if (command.run == ImportTraces) {
    AddImportOptions(app, arguments);
    return;
  }
  if (command.run == RescaleTraces) {
    AddRescaleOptions(app, arguments);
    return;
  }
  app.add_option("PATH", arguments.path, "Trace set: folder with manifest.json, folder, DIR/NAME");
  for (const std::string& option : command.options) {
    if (option == "--comm-size") {
      app.add_option(
          option, arguments.comm_size,
          command.run == Export
              ? "What comm_size is to mean: total (default) or per-rank"
              : "What comm_size means in files of other tools: total (default), per-rank");
    } else if (option == "--groups") {
      app.add_option(option, arguments.groups_file,
                     "JSON file of groups, for files of other tools");
    } else if (option == "--input-comm-size") {
      app.add_option(option, arguments.input_comm_size,
                     "What it means in files of other tools: total (default), per-rank");
    } else if (option == "--rank") {
      app.add_option(option, arguments.rank,
                     "Print only this rank, with groups and peers resolved");
    } else if (option == "--out") {
      app.add_option(option, arguments.out, "Folder to write to");
    } else if (option == "--name") {
      app.add_option(option, arguments.name, "First part of the file names (default: trace)");
    }
  }
}

// What the command line has and no option takes.
void RefuseExtras(const CLI::App& app, const Command* command) {
  const std::vector<std::string> extras = app.remaining(true);
  std::vector<std::string> names;
  for (const Command& each : Commands()) names.emplace_back(each.name);
  if (!extras.empty()) {
    const std::string text = extras[0].substr(0, extras[0].find('='));
    const bool is_option = text.size() > 1 && text[0] == '-';
    if (is_option) {
      const std::vector<std::string> none{"--help"};
      throw InputError(
          Printable(text),
          "is no option of ddl-trace" + (command ? std::string(" ") + command->name : ""),
          Suggest(text, command ? command->options : none));
    }
    if (command != nullptr) {
      throw InputError(
          Printable(extras[0]), "is one argument too many",
          command->run == ImportTraces ? "name files by options" : "name one trace set");
    }
    throw InputError(Printable(extras[0]), "is no command of ddl-trace", Suggest(text, names));
  }
  if (command == nullptr) {
    throw InputError("command", "is missing",
                     "choose one of info, validate, json, export, import, rescale");
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Looks into trace sets, imports and rescales them: see docs/trace-format.md",
               "ddl-trace");
  Arguments arguments;
  app.allow_extras();
  std::vector<CLI::App*> subcommands;
  for (const Command& command : Commands()) {
    subcommands.push_back(app.add_subcommand(command.name, command.help));
    AddOptions(*subcommands.back(), command, arguments);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    throw InputError("command line", error.what(), "see ddl-trace --help");
  }
  const Command* command = nullptr;
  for (size_t i = 0; i < subcommands.size(); ++i) {
    if (!subcommands[i]->parsed()) continue;
    if (command != nullptr) {
      throw InputError(Commands()[i].name, "is one command too many", "give one command");
    }
    command = &Commands()[i];
  }
  RefuseExtras(app, command);
  command->run(arguments);
  if (!std::cout.flush()) throw InputError("stdout", "cannot be written", "free its disk or pipe");
  return 0;
}

}  // namespace
}  // namespace ddlsim

int main(int argc, char** argv) {
  constexpr size_t kLineMax = 2000;
  try {
    return ddlsim::Main(argc, argv);
  } catch (const ddlsim::InputError& error) {
    std::cerr << "ddl-trace: " << ddlsim::Printable(error.what(), kLineMax) << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "ddl-trace: internal error: " << ddlsim::Printable(error.what(), kLineMax) << "\n";
    return 1;
  }
}
