// SPDX-License-Identifier: GPL-2.0-only
//
// State of one collective in flight: what it is, and how far each member has come.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "collective/schedule.h"
#include "endpoint/collective-run.h"

namespace ddlsim {

// What one rank asks for.
struct CollectiveRequest {
  CollectiveType type = CollectiveType::kAllReduce;
  uint64_t size_bytes = 0;                 // as in nccl-tests
  uint32_t root = 0;                       // member index, rooted collectives
  const MemberShares* shares = nullptr;    // all_to_all; null: as configured. Outlives the call
  Algorithm algorithm = Algorithm::kAuto;  // kAuto: as configured for the type
  std::string_view name;                   // the characters outlive the operation
  uint64_t ready_ps = 0;                   // dependencies complete
};

// Messages of steps that a member has not reached: a count per step, and the members they came from
// folded by exclusive or, which names the last missing one without a list. Front: the next step.
class StepArrivals {
 public:
  struct Step {
    uint32_t count = 0;
    uint32_t peers = 0;
  };
  void Count(size_t steps_ahead, uint32_t peer) {
    const size_t index = m_head + steps_ahead;
    if (index >= m_steps.size()) m_steps.resize(index + 1);
    ++m_steps[index].count;
    m_steps[index].peers ^= peer;
  }
  // Removes the front.
  Step Take() {
    if (m_head == m_steps.size()) return {};
    const Step step = m_steps[m_head++];
    if (m_head == m_steps.size()) Clear();
    return step;
  }
  void Clear() {
    m_steps.clear();
    m_head = 0;
  }

 private:
  std::vector<Step> m_steps;
  size_t m_head = 0;
};

enum class MemberPhase : uint8_t { kAbsent, kIssued, kRunning, kDone };

struct CollectiveMember {
  uint64_t token = 0;
  uint64_t start_ps = 0;
  uint32_t next_step = 0;          // the step before it is under way, if the member runs
  uint32_t receives_missing = 0;   // of the step under way
  uint32_t missing_peers = 0;      // members from which they come, folded by exclusive or
  uint32_t sends_outstanding = 0;  // of the step under way, not transmitted yet
  MemberPhase phase = MemberPhase::kAbsent;
  StepArrivals early;
};

struct CollectiveOperation {
  uint32_t communicator = 0;
  uint64_t sequence = 0;  // in the communicator
  CollectiveSpec requested;
  CollectiveSpec spec;                 // algorithm resolved
  std::unique_ptr<CollectiveRun> run;  // by a library's model, or:
  std::unique_ptr<Schedule> schedule;  // step by step
  uint32_t step_count = 0;
  std::vector<CollectiveMember> members;
  uint32_t first_issuer = 0;  // rank that fixed the spec
  std::string_view first_name;
  std::string_view name;  // as member 0 calls it
  uint32_t started_count = 0;
  uint32_t done_count = 0;
  uint64_t issue_ps = 0;
  uint64_t start_ps = 0;
  uint64_t ready_ps = 0;
  uint64_t end_ps = 0;  // of the last member to end
};

}  // namespace ddlsim
