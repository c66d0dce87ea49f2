// SPDX-License-Identifier: MIT
//
// Small PyTorch files as newer versions write them, made by hand from torch's sources: attributes
// in a list, Record function ids, GPU kernels, record_param_comms with process groups.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ddlsim {

class TorchFiles {
 public:
  using Json = nlohmann::json;

  // A tensor of floats on the GPU.
  static Json Tensor(uint64_t storage, uint64_t elements) {
    return {storage + 1000, storage, 0, elements, 4, "cuda:0"};
  }

  explicit TorchFiles(const std::string& schema = "1.1.1-chakra.0.0.4");

  // Adds an operator to the graph and its event to the trace; returns its id.
  uint64_t Operator(const std::string& name, uint64_t start_us, uint64_t duration_us, Json inputs,
                    Json outputs, uint64_t parent = kThread, Json attributes = Json::object());
  // A kernel that the operator launched at `launch_us`.
  void Kernel(const std::string& name, uint64_t op, uint64_t launch_us, const std::string& start_us,
              const std::string& duration_us, uint64_t stream = 7,
              const std::string& category = "kernel");
  void ProcessGroups(const std::string& json);

  // Writes FOLDER/graph.<rank>.json and FOLDER/kineto.<rank>.json.
  void Write(const std::string& folder, uint32_t rank) const;

  static constexpr uint64_t kThread = 2;
  Json graph;
  Json trace;

 private:
  void Node(uint64_t id, const std::string& name, uint64_t parent, Json inputs, Json outputs,
            Json attributes);
  uint64_t m_next_id = kThread + 1;
  uint64_t m_next_correlation = 1;
};

}  // namespace ddlsim
