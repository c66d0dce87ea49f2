// SPDX-License-Identifier: MIT
//
// The execution graph that PyTorch's ExecutionGraphObserver (1.13) or ExecutionTraceObserver (2.x)
// writes for one rank: operators, who called whom, and the tensors that they touched.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ddlsim {

struct TorchTensor {
  uint64_t storage = 0;  // tensors that share memory share it
  uint64_t elements = 0;
  uint64_t element_bytes = 0;
};

// The record_function scopes that matter here (ATen/record_function.h).
constexpr uint64_t kTorchUserScope = 7;

struct TorchOperator {
  uint64_t id = 0;                  // ascends in the order in which operators began
  uint64_t parent = 0;              // 0: called by no operator
  uint64_t record_function_id = 0;  // joins it to the Kineto trace; 0: none
  uint64_t thread = 0;              // record_function's number, not the system's
  uint64_t scope = 0;
  std::string name;
  std::vector<TorchTensor> inputs;  // of lists: their tensors one after another
  std::vector<TorchTensor> outputs;
  // Only of operators that IsTorchCommunication() names.
  nlohmann::json input_values;
  nlohmann::json output_values;
  std::map<std::string, nlohmann::json> attributes;
};

// A process group as a `## process_group:init ##` node states it. No ranks: all of them.
struct TorchProcessGroup {
  std::vector<uint32_t> ranks;
  uint64_t size = 0;  // 0: not stated
};

struct TorchGraph {
  std::string path;
  std::string schema;
  std::vector<TorchOperator> operators;  // by id; without the nodes of processes and threads
  std::map<std::string, TorchProcessGroup> process_groups;
};

// c10d::, gloo:, nccl: and the like, and record_param_comms.
bool IsTorchCommunication(const std::string& name);

// A tensor as the observer writes it, [id, storage, offset, elements, bytes, device].
bool IsTorchTensor(const nlohmann::json& value);

// Appends the tensors in a value or in any list within it.
void CollectTorchTensors(const nlohmann::json& value, std::vector<TorchTensor>& tensors);

// Treats the file as hostile. Throws InputError with place "PATH:LINE" or PATH.
TorchGraph ReadTorchGraph(const std::string& path);

}  // namespace ddlsim
