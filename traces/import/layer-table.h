// SPDX-License-Identifier: MIT
//
// Layers of a model with their times and collectives, from the text workloads of older simulators
// or from a CSV of our own. docs/importing-traces.md has both formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/execution-graph.h"

namespace ddlsim {

struct LayerCommunication {
  std::optional<CollectiveType> type;  // none: no communication
  uint64_t size_bytes = 0;             // as the file has it
};

struct LayerPass {
  uint64_t compute_ns = 0;
  LayerCommunication communication;
};

struct Layer {
  std::string name;
  std::string place;  // "PATH:LINE"
  LayerPass forward;
  LayerPass input_gradient;
  LayerPass weight_gradient;
  uint64_t update_ns = 0;
};

struct LayerTable {
  std::string path;
  std::string policy;         // as the file spells it; empty: not stated (CSV)
  uint64_t model_ranks = 0;   // model_parallel_NPU_group of the first line; 0: not stated
  std::vector<Layer> layers;  // in forward order, at least one
};

// `time_unit_ps`: what a number in a time column of a text table counts; times become whole ns,
// half a nanosecond rounded up; 0 if not known, which only a CSV allows. A CSV (its first line
// begins with "name,") has its units in its header. Treats the file as hostile. Throws InputError
// with place "PATH:LINE".
LayerTable ReadLayerTable(const std::string& path, uint64_t time_unit_ps);

}  // namespace ddlsim
