// SPDX-License-Identifier: MIT
//
// Words of a command line for CLI11.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ddlsim {

// Brings the words into the form --NAME=VALUE and finds the usual mistakes, since CLI11's own
// messages name neither a remedy nor always the option, and it takes a value of -4 for an option.
// Throws InputError.
std::vector<std::string> CheckedWords(const CLI::App& app,
                                      const std::vector<std::string>& arguments);

}  // namespace ddlsim
