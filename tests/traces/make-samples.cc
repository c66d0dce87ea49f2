// SPDX-License-Identifier: MIT
//
// ddl-make-trace-samples DIR: writes the sample trace sets into DIR.
#include <exception>
#include <iostream>

#include "tests/traces/sample-sets.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "ddl-make-trace-samples: DIR: is missing; name the folder, as in traces/samples\n";
    return 2;
  }
  try {
    ddlsim::WriteAllReduceSample(std::string(argv[1]) + "/all-reduce-4");
    ddlsim::WritePipelineSample(std::string(argv[1]) + "/pipeline-2");
  } catch (const std::exception& error) {
    std::cerr << "ddl-make-trace-samples: " << error.what() << "\n";
    return 2;
  }
  return 0;
}
