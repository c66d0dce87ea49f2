// SPDX-License-Identifier: GPL-2.0-only
//
// The whole of ddl-scenario as a function, for programs that add something of their own first.
#ifndef DDL_SCENARIO_PROGRAM_H
#define DDL_SCENARIO_PROGRAM_H

#include <atomic>
#include <functional>

namespace ddlsim {

// Reads the options, runs the scenario, prints the summary or the error (after the program's name)
// and returns the exit status: 0 done, 1 the simulation could not finish, 2 bad input, 130
// interrupted. Sets ns-3's time resolution and simulator implementation, so nothing of ns-3 may run
// before. When `interrupted` becomes true, the run ends and keeps its results; `before_run` is
// called when everything is set up and only running is left.
int RunScenarioProgram(int argc, char** argv, const std::atomic<bool>& interrupted,
                       const std::function<void()>& before_run);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_PROGRAM_H */
