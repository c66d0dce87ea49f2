// SPDX-License-Identifier: MIT
//
// The program ddl-workload, apart from main(), so that tests can call it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace ddlsim {

// `arguments` without the program's name. Returns the exit status: 0 done, 2 bad input (one line on
// `errors`, nothing written).
int RunWorkloadProgram(const std::vector<std::string>& arguments, std::ostream& out,
                       std::ostream& errors);

}  // namespace ddlsim
