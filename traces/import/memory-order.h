// SPDX-License-Identifier: MIT
//
// Which earlier nodes a node must wait for because they touched the same memory: who reads waits
// for the last writer, who writes also for those who read since.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "traces/import/torch-graph.h"

namespace ddlsim {

class MemoryOrder {
 public:
  // The nodes that `node` waits for, ascending; then counts its accesses. Nodes ascend.
  std::vector<uint64_t> Access(uint64_t node, const std::vector<TorchTensor>& reads,
                               const std::vector<TorchTensor>& writes);

 private:
  struct Storage {
    bool is_written = false;
    uint64_t last_writer = 0;
    std::vector<uint64_t> readers;  // since
  };
  std::unordered_map<uint64_t, Storage> m_storages;
};

}  // namespace ddlsim
