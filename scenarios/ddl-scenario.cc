// SPDX-License-Identifier: GPL-2.0-only
//
// Replays a training workload on a simulated cluster. ./ns3 run ddl-scenario -- --PrintHelp lists
// the options. Exit status: 0 done, 1 the simulation could not finish, 2 bad input, 130
// interrupted.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/input-error.h"
#include "ns3/command-line.h"
#include "ns3/global-value.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "option-set.h"
#include "scenario.h"

namespace {

std::atomic<bool> g_interrupted{false};  // the only thing that a signal handler may touch

void OnSignal(int) {
  g_interrupted = true;
}

// ns-3's CommandLine prints the help and its own listings, and ends the program.
void PrintAndExit(int argc, char** argv) {
  ns3::CommandLine command_line;
  command_line.Usage(
      "Replays a training workload on a simulated cluster, packet by packet.\n\n"
      "Values carry units: 400Gbps, 500ns, 16MiB. Attributes of ns-3 objects are options too:\n"
      "--ns3::ddl::Nic::CnpInterval=50us (--PrintAttributes=ns3::ddl::Nic lists them).");
  for (const ddlsim::OptionSpec& spec : ddlsim::ScenarioOptionTable()) {
    std::string text = spec.default_value;
    const std::string name = spec.name;
    command_line.AddValue(
        name, spec.help, [](const std::string&) { return true; }, text);
  }
  command_line.Parse(argc, argv);
}

int Run(int argc, char** argv) {
  const auto started = std::chrono::steady_clock::now();
  ns3::Time::SetResolution(ns3::Time::PS);
  ns3::GlobalValue::Bind("SimulatorImplementationType",
                         ns3::StringValue("ns3::ddl::SimulatorImpl"));
  ddlsim::OptionSet options;
  if (options.Parse(argc, argv)) {
    PrintAndExit(argc, argv);
    return 0;
  }
  ddlsim::Scenario scenario(options, started);
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  const ddlsim::ScenarioEnd end = scenario.Run(g_interrupted);
  std::fputs(scenario.Finish().c_str(), stdout);
  if (end == ddlsim::ScenarioEnd::kStalled) {
    std::fprintf(stderr, "ddl-scenario: the run cannot finish: %s",
                 scenario.DescribeStall().c_str());
    return 1;
  }
  return end == ddlsim::ScenarioEnd::kInterrupted ? 130 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const ddlsim::InputError& error) {
    std::fprintf(stderr, "ddl-scenario: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ddl-scenario: internal error: %s\n", error.what());
    return 1;
  }
}
