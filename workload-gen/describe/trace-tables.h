// SPDX-License-Identifier: MIT
//
// What the graphs hold, summed by rank class: of one rank of each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "workload-gen/describe/node-source.h"

namespace ddlsim {

struct OperationTotals {
  uint64_t count = 0;
  uint64_t operations = 0;  // floating-point operations
  uint64_t memory_bytes = 0;
  uint64_t duration_ns = 0;
  uint64_t without_duration = 0;  // nodes that leave it to a roofline
};

struct ExchangeTotals {
  uint64_t calls = 0;
  uint64_t size_bytes = 0;  // collectives as in nccl-tests
};

struct ClassTables {
  std::map<std::string, OperationTotals> operations;  // by operation class, "memory" for loads
  // By axis (empty: all ranks; of messages by rank number: none) and what is exchanged: the name of
  // a collective, "send", "receive".
  std::map<std::pair<std::string, std::string>, ExchangeTotals> exchanges;
  uint64_t nodes = 0;

  uint64_t DurationNs() const;
};

std::vector<ClassTables> SumNodes(const NodeSource& source);

}  // namespace ddlsim
