// SPDX-License-Identifier: MIT
//
// `ddl-workload describe`: what a trace set holds, or would hold.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace ddlsim {

// `arguments` behind the word "describe". Throws InputError and CLI::Error.
void RunDescribe(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace ddlsim
