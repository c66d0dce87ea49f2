// SPDX-License-Identifier: GPL-2.0-only
#include "collective/check/schedule-executor.h"

#include <algorithm>
#include <set>

namespace ddlsim {
namespace {

std::string StepText(uint32_t step) {
  return " in step " + std::to_string(step);
}

// The buffer that an offset means, and where in it.
template <typename Buffer>
struct Place {
  Buffer& buffer;
  uint64_t offset_bytes;
};

template <typename Buffer>
Place<Buffer> PlaceOf(Buffer& buffer, Buffer& scratch, uint64_t offset_bytes) {
  if (offset_bytes < kScratchOffsetBytes) return {buffer, offset_bytes};
  return {scratch, offset_bytes - kScratchOffsetBytes};
}

Place<const SymbolicBuffer> SourceOf(const RankMemory& memory, uint64_t offset_bytes) {
  return PlaceOf(memory.in_place ? memory.buffer : memory.input, memory.scratch, offset_bytes);
}

Place<SymbolicBuffer> TargetOf(RankMemory& memory, uint64_t offset_bytes) {
  return PlaceOf(memory.buffer, memory.scratch, offset_bytes);
}

template <typename Buffer>
bool Fits(const Place<Buffer>& place, uint64_t size_bytes) {
  const uint64_t buffer_bytes = place.buffer.SizeBytes();
  return place.offset_bytes <= buffer_bytes && size_bytes <= buffer_bytes - place.offset_bytes;
}

}  // namespace

ScheduleExecutor::ScheduleExecutor(const Schedule& schedule, std::vector<RankMemory> memories,
                                   ExecutionOrder order, std::mt19937_64& random)
    : m_schedule(schedule),
      m_rank_count(static_cast<uint32_t>(memories.size())),
      m_member_count(m_rank_count - schedule.EngineCount()),
      m_step_count(schedule.StepCount()),
      m_lane_count(schedule.LaneCount()),
      m_order(order),
      m_random(random),
      m_ranks(memories.size()) {
  m_result.memories = std::move(memories);
  m_result.sent_bytes.resize(m_rank_count);
  m_result.sent_messages.resize(m_rank_count);
  for (RankProgress& rank : m_ranks) rank.priority = random();
}

ExecutionResult ScheduleExecutor::Run() {
  for (uint32_t rank = 0; rank < m_rank_count; ++rank) List(rank);
  while (!m_ready.empty() && m_result.problem.empty()) {
    const uint32_t rank = TakeNext();
    if (m_ranks[rank].awaited.empty() && m_ranks[rank].arrived.empty()) {
      IssueStep(rank);
    } else {
      ApplyOne(rank);
    }
    List(rank);
  }
  if (m_result.problem.empty()) CheckEnd();
  return std::move(m_result);
}

bool ScheduleExecutor::CanGo(const RankProgress& rank) const {
  return !rank.arrived.empty() || (rank.awaited.empty() && rank.next_step < m_step_count);
}

void ScheduleExecutor::List(uint32_t rank) {
  RankProgress& progress = m_ranks[rank];
  if (progress.is_listed || !CanGo(progress)) return;
  progress.is_listed = true;
  m_ready.push_back(rank);
}

uint32_t ScheduleExecutor::TakeNext() {
  size_t index = m_ready.size() - 1;
  if (m_order == ExecutionOrder::kUniform) index = m_random() % m_ready.size();
  if (m_order == ExecutionOrder::kSkewed) {
    const auto first = std::max_element(m_ready.begin(), m_ready.end(), [&](auto a, auto b) {
      return m_ranks[a].priority < m_ranks[b].priority;
    });
    index = static_cast<size_t>(first - m_ready.begin());
  }
  const uint32_t rank = m_ready[index];
  m_ready.erase(m_ready.begin() + static_cast<std::ptrdiff_t>(index));
  m_ranks[rank].is_listed = false;
  return rank;
}

void ScheduleExecutor::IssueStep(uint32_t rank) {
  RankProgress& progress = m_ranks[rank];
  const uint32_t step = progress.next_step++;
  StepActions actions;
  m_schedule.Step(rank, step, actions);
  CheckActions(rank, actions);
  if (!m_result.problem.empty()) return;
  for (const ReceiveAction& receive : actions.receives) {
    const auto early = progress.early.find({step, receive.peer});
    if (early == progress.early.end()) {
      progress.awaited[receive.peer] = receive;
    } else {
      progress.arrived.emplace_back(receive, std::move(early->second));
      progress.early.erase(early);
    }
  }
  for (const CopyAction& copy : actions.copies) Copy(rank, copy);
  for (const SendAction& send : actions.sends) Send(rank, step, send);
  if (rank < m_member_count) return;
  for (const SendAction& send : actions.sends) {
    m_result.memories[rank].buffer.Fill(send.offset_bytes, send.size_bytes, {{kGarbage, 0, 1}});
  }
}

void ScheduleExecutor::CheckActions(uint32_t rank, const StepActions& actions) {
  const std::string in_step = StepText(m_ranks[rank].next_step - 1);
  RankMemory& memory = m_result.memories[rank];
  for (const CopyAction& copy : actions.copies) {
    if (!Fits(SourceOf(memory, copy.from_offset_bytes), copy.size_bytes) ||
        !Fits(TargetOf(memory, copy.offset_bytes), copy.size_bytes)) {
      Fail(rank, "copies from or to outside its buffer" + in_step);
    }
  }
  for (const SendAction& send : actions.sends) {
    if (!Fits(SourceOf(memory, send.offset_bytes), send.size_bytes)) {
      Fail(rank, "sends from outside its buffer" + in_step);
    }
    if (send.lane >= m_lane_count) Fail(rank, "sends on no lane" + in_step);
  }
  for (const ReceiveAction& receive : actions.receives) {
    if (!Fits(TargetOf(memory, receive.offset_bytes), receive.size_bytes)) {
      Fail(rank, "receives outside its buffer" + in_step);
    }
    if (receive.lane >= m_lane_count) Fail(rank, "receives on no lane" + in_step);
  }
  CheckPeers(rank, actions);
  CheckOverlaps(rank, actions);
}

void ScheduleExecutor::CheckPeers(uint32_t rank, const StepActions& actions) {
  const std::string in_step = StepText(m_ranks[rank].next_step - 1);
  std::set<uint32_t> receivers;
  for (const SendAction& send : actions.sends) {
    if (send.peer >= m_rank_count || send.peer == rank) Fail(rank, "sends to no peer" + in_step);
    if (!receivers.insert(send.peer).second) Fail(rank, "sends twice to one peer" + in_step);
  }
  std::set<uint32_t> senders;
  for (const ReceiveAction& receive : actions.receives) {
    if (receive.peer >= m_rank_count || receive.peer == rank) {
      Fail(rank, "receives from no peer" + in_step);
    }
    if (!senders.insert(receive.peer).second) Fail(rank, "receives twice from a peer" + in_step);
  }
}

// Receives of one step are applied in any order, which must not matter.
void ScheduleExecutor::CheckOverlaps(uint32_t rank, const StepActions& actions) {
  std::vector<ReceiveAction> sorted = actions.receives;
  std::sort(sorted.begin(), sorted.end(), [](const ReceiveAction& a, const ReceiveAction& b) {
    return a.offset_bytes < b.offset_bytes;
  });
  uint64_t copied_end = 0;
  uint64_t written_end = 0;
  for (const ReceiveAction& receive : sorted) {
    const uint64_t end = receive.offset_bytes + receive.size_bytes;
    if (receive.offset_bytes < (receive.reduce ? copied_end : written_end)) {
      Fail(rank, "receives twice into the same bytes" + StepText(m_ranks[rank].next_step - 1));
    }
    if (!receive.reduce) copied_end = std::max(copied_end, end);
    written_end = std::max(written_end, end);
  }
}

void ScheduleExecutor::Copy(uint32_t rank, const CopyAction& copy) {
  const auto source = SourceOf(m_result.memories[rank], copy.from_offset_bytes);
  Write(rank, copy.offset_bytes, source.buffer.Read(source.offset_bytes, copy.size_bytes),
        copy.reduce);
}

void ScheduleExecutor::Write(uint32_t rank, uint64_t offset_bytes, const SymbolicBuffer& data,
                             bool reduce) {
  const auto target = TargetOf(m_result.memories[rank], offset_bytes);
  if (reduce) {
    target.buffer.Reduce(target.offset_bytes, data);
  } else {
    target.buffer.Store(target.offset_bytes, data);
  }
}

void ScheduleExecutor::Send(uint32_t rank, uint32_t step, const SendAction& send) {
  const RankMemory& memory = m_result.memories[rank];
  const auto source = SourceOf(memory, send.offset_bytes);
  ++m_result.sent_messages[rank];
  m_result.sent_bytes[rank] += send.size_bytes;
  Deliver(send.peer, rank, step,
          {source.buffer.Read(source.offset_bytes, send.size_bytes), memory.heard_of});
}

void ScheduleExecutor::Deliver(uint32_t to, uint32_t from, uint32_t step, Message message) {
  RankProgress& receiver = m_ranks[to];
  if (step >= receiver.next_step) {
    receiver.early.emplace(std::make_pair(step, from), std::move(message));
    return;
  }
  const auto awaited = receiver.awaited.find(from);
  if (step + 1 != receiver.next_step || awaited == receiver.awaited.end()) {
    return Fail(to, "does not await the message of rank " + std::to_string(from) + StepText(step));
  }
  receiver.arrived.emplace_back(awaited->second, std::move(message));
  receiver.awaited.erase(awaited);
  List(to);
}

void ScheduleExecutor::ApplyOne(uint32_t rank) {
  RankProgress& progress = m_ranks[rank];
  std::swap(progress.arrived[m_random() % progress.arrived.size()], progress.arrived.back());
  const Arrival arrival = std::move(progress.arrived.back());
  progress.arrived.pop_back();
  const ReceiveAction& receive = arrival.first;
  const Message& message = arrival.second;
  if (message.data.SizeBytes() != receive.size_bytes) {
    return Fail(rank, "awaits " + std::to_string(receive.size_bytes) + " bytes and gets " +
                          std::to_string(message.data.SizeBytes()) +
                          StepText(progress.next_step - 1));
  }
  Write(rank, receive.offset_bytes, message.data, receive.reduce);
  RankMemory& memory = m_result.memories[rank];
  for (uint32_t i = 0; i < m_rank_count; ++i) {
    if (message.heard_of[i]) memory.heard_of[i] = true;
  }
}

void ScheduleExecutor::CheckEnd() {
  for (uint32_t rank = 0; rank < m_rank_count; ++rank) {
    const RankProgress& progress = m_ranks[rank];
    if (!progress.awaited.empty()) {
      Fail(rank, "waits for ever for rank " + std::to_string(progress.awaited.begin()->first) +
                     StepText(progress.next_step - 1));
    }
    if (!progress.early.empty()) {
      const auto& [step, peer] = progress.early.begin()->first;
      Fail(rank, "never receives the message of rank " + std::to_string(peer) + StepText(step));
    }
  }
}

// Keeps the first problem.
void ScheduleExecutor::Fail(uint32_t rank, const std::string& problem) {
  if (m_result.problem.empty()) m_result.problem = "rank " + std::to_string(rank) + " " + problem;
}

}  // namespace ddlsim
