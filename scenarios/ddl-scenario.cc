// SPDX-License-Identifier: GPL-2.0-only
//
// Replays a training workload on a simulated cluster. ./ns3 run ddl-scenario -- --PrintHelp lists
// the options. Exit status: 0 done, 1 the simulation could not finish, 2 bad input, 130
// interrupted.
#include <atomic>
#include <csignal>

#include "scenario-program.h"

namespace {

std::atomic<bool> g_interrupted{false};  // the only thing that a signal handler may touch

void OnSignal(int) {
  g_interrupted = true;
}

}  // namespace

int main(int argc, char** argv) {
  return ddlsim::RunScenarioProgram(argc, argv, g_interrupted, [] {
    std::signal(SIGINT, OnSignal);
    std::signal(SIGTERM, OnSignal);
  });
}
