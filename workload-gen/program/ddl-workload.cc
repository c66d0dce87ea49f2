// SPDX-License-Identifier: MIT
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "workload-gen/program/program.h"

int main(int argc, char** argv) {
  try {
    return ddlsim::RunWorkloadProgram(std::vector<std::string>(argv + 1, argv + argc), std::cout,
                                      std::cerr);
  } catch (const std::exception& error) {
    std::cerr << "ddl-workload: internal error: " << error.what() << '\n';
    return 1;
  }
}
