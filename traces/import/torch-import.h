// SPDX-License-Identifier: MIT
//
// PyTorch's execution graphs and Kineto traces of all ranks to a trace set of ours.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct TorchImportOptions {
  std::vector<std::string> graph_files;   // by rank
  std::vector<std::string> kineto_files;  // by rank
  std::string folder;                     // of the set; created if missing
  std::string generator_command;
  // Takes communications whose process group is not recorded for ones among all ranks.
  bool one_group = false;
  bool allow_unknown = false;
};

struct TorchImportReport {
  uint64_t computations = 0;
  uint64_t communications = 0;
  uint64_t compute_ns = 0;
  bool has_gpu_work = false;
  uint64_t unknown_computations = 0;
  std::vector<std::string> unknown_categories;
  uint64_t events_outside = 0;  // operators and GPU work of the profiler before or after the graphs
};

// Reads everything before it writes anything. Throws InputError; the folder holds no set then.
TorchImportReport ImportTorch(const TorchImportOptions& options);

// A list "a.json,b.json", or a pattern "trace.*.json" whose star stands for the rank, to the files
// by rank. Throws InputError (place `option`) for a pattern without files or with gaps in the
// ranks.
std::vector<std::string> FilesByRank(const std::string& option, const std::string& text);

}  // namespace ddlsim
