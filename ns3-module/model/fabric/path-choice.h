// SPDX-License-Identifier: GPL-2.0-only
//
// What flowlet switching remembers: per switch a table of the flows' present paths, as in the
// hardware that it is made for, flows with the same slot sharing a flowlet.
#pragma once

#include <cstdint>
#include <vector>

namespace ddlsim {

class FlowletTable {
 public:
  static constexpr uint32_t kSlots = 4096;  // per switch
  struct Slot {
    uint64_t last_ps = 0;
    uint32_t path = 0;  // selects among equal-cost ports, as a flow hash does
    bool is_used = false;
  };
  void Resize(uint32_t switches) { m_slots.resize(size_t{switches} * kSlots); }
  Slot& At(uint32_t sw, uint32_t flow_hash) {
    return m_slots[size_t{sw} * kSlots + (flow_hash & (kSlots - 1))];
  }

 private:
  std::vector<Slot> m_slots;
};

}  // namespace ddlsim
