// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-program.h"

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include "base/input-error.h"
#include "collective-bench.h"
#include "ns3/command-line.h"
#include "ns3/global-value.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "option-set.h"
#include "scenario-network.h"
#include "scenario.h"

namespace ddlsim {
namespace {

// ns-3's CommandLine prints the help and its own listings, and ends the program.
void PrintAndExit(int argc, char** argv) {
  ns3::CommandLine command_line;
  command_line.Usage(
      "Replays a training workload on a simulated cluster, packet by packet.\n\n"
      "Values carry units: 400Gbps, 500ns, 16MiB. Attributes of ns-3 objects are options too:\n"
      "--ns3::ddl::Nic::CnpInterval=50us (--PrintAttributes=ns3::ddl::Nic lists them).");
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    std::string text = spec.default_value;
    const std::string name = spec.name;
    command_line.AddValue(
        name, spec.help, [](const std::string&) { return true; }, text);
  }
  command_line.Parse(argc, argv);
}

int Run(int argc, char** argv, const char* name, const std::atomic<bool>& interrupted,
        const std::function<void()>& before_run) {
  const auto started = std::chrono::steady_clock::now();
  ns3::Time::SetResolution(ns3::Time::PS);
  ns3::GlobalValue::Bind("SimulatorImplementationType",
                         ns3::StringValue("ns3::ddl::SimulatorImpl"));
  OptionSet options;
  if (options.Parse(argc, argv)) {
    PrintAndExit(argc, argv);
    return 0;
  }
  if (!options.Get("write-topology").empty()) {
    WriteScenarioTopology(options);
    return 0;
  }
  Scenario scenario(options, started);
  if (IsEstimate(options)) {
    std::fputs(scenario.Estimate().c_str(), stdout);
    return 0;
  }
  if (before_run) before_run();
  const ScenarioEnd end = scenario.Run(interrupted);
  std::fputs(scenario.Finish().c_str(), stdout);
  if (end == ScenarioEnd::kStalled) {
    std::fprintf(stderr, "%s: the run cannot finish: %s", name, scenario.DescribeStall().c_str());
    return 1;
  }
  return end == ScenarioEnd::kInterrupted ? 130 : 0;
}

}  // namespace

int RunScenarioProgram(int argc, char** argv, const std::atomic<bool>& interrupted,
                       const std::function<void()>& before_run) {
  const std::string path = argc > 0 ? argv[0] : "ddl-scenario";
  std::string name = path.substr(path.rfind('/') + 1);
  // An ns-3 tree puts its version before the name and the profile behind it.
  if (name.find("ddl-scenario") != std::string::npos) name = "ddl-scenario";
  try {
    return Run(argc, argv, name.c_str(), interrupted, before_run);
  } catch (const InputError& error) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: internal error: %s\n", name.c_str(), error.what());
    return 1;
  }
}

}  // namespace ddlsim
