// SPDX-License-Identifier: GPL-2.0-only
//
// Executes a schedule on symbolic buffers, in one of the many orders that the contract of Schedule
// allows, and says what is wrong with it: messages without a counterpart, of different sizes, twice
// in one step, outside the buffers or into the same bytes, ranks that wait for ever.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "collective/check/symbolic-buffer.h"
#include "collective/schedule.h"

namespace ddlsim {

// Who goes next among the ranks that can: anyone; the one that became able last (ranks run as far
// ahead as they can); or by priorities drawn at the start (some ranks are always slow).
enum class ExecutionOrder : uint8_t { kUniform, kNewestFirst, kSkewed };

struct RankMemory {
  bool in_place = true;
  SymbolicBuffer input;   // what is read, where not in place
  SymbolicBuffer buffer;  // what is read, where in place, and what is written
  SymbolicBuffer scratch;
  std::vector<bool> heard_of;  // ranks whose start this rank has heard of, by any message
};

struct ExecutionResult {
  std::string problem;               // empty if none
  std::vector<RankMemory> memories;  // per participant, as all here
  std::vector<uint64_t> sent_bytes;
  std::vector<uint64_t> sent_messages;
};

class ScheduleExecutor {
 public:
  // `memories` are those of the members and, behind them, of the schedule's engines.
  ScheduleExecutor(const Schedule& schedule, std::vector<RankMemory> memories, ExecutionOrder order,
                   std::mt19937_64& random);
  ExecutionResult Run();

 private:
  struct Message {
    SymbolicBuffer data;
    std::vector<bool> heard_of;
  };
  using Arrival = std::pair<ReceiveAction, Message>;
  struct RankProgress {
    uint32_t next_step = 0;
    std::map<uint32_t, ReceiveAction> awaited;               // by peer, of step next_step - 1
    std::vector<Arrival> arrived;                            // awaited and there
    std::map<std::pair<uint32_t, uint32_t>, Message> early;  // by (step, peer)
    uint64_t priority = 0;
    bool is_listed = false;
  };

  bool CanGo(const RankProgress& rank) const;
  void List(uint32_t rank);
  uint32_t TakeNext();
  void IssueStep(uint32_t rank);
  void CheckActions(uint32_t rank, const StepActions& actions);
  void CheckPeers(uint32_t rank, const StepActions& actions);
  void CheckOverlaps(uint32_t rank, const StepActions& actions);
  void Copy(uint32_t rank, const CopyAction& copy);
  void Write(uint32_t rank, uint64_t offset_bytes, const SymbolicBuffer& data, bool reduce);
  void Send(uint32_t rank, uint32_t step, const SendAction& send);
  void Deliver(uint32_t to, uint32_t from, uint32_t step, Message message);
  void ApplyOne(uint32_t rank);
  void CheckEnd();
  void Fail(uint32_t rank, const std::string& problem);

  const Schedule& m_schedule;
  const uint32_t m_rank_count;    // participants
  const uint32_t m_member_count;  // those of them that are no engines
  const uint32_t m_step_count;
  const uint32_t m_lane_count;
  const ExecutionOrder m_order;
  std::mt19937_64& m_random;
  ExecutionResult m_result;
  std::vector<RankProgress> m_ranks;
  std::vector<uint32_t> m_ready;
};

}  // namespace ddlsim
