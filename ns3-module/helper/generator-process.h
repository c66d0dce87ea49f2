// SPDX-License-Identifier: GPL-2.0-only
//
// ddl-workload as a process of its own: the generator's licences and the simulator's stay apart,
// and they meet in trace files only.
#ifndef DDL_GENERATOR_PROCESS_H
#define DDL_GENERATOR_PROCESS_H

#include <string>
#include <vector>

namespace ddlsim {

// Where ddl-workload is: the folder in DDL_BIN_DIR, or that of this executable. Throws InputError.
std::string FindGenerator();

// Runs it with these arguments and waits. Throws InputError with the generator's own message when
// it ends with status 2, std::runtime_error when it fails otherwise.
void RunGenerator(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace ddlsim

#endif /* DDL_GENERATOR_PROCESS_H */
