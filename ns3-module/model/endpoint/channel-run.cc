// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/channel-run.h"

#include <algorithm>
#include <stdexcept>

#include "collective/block-split.h"
#include "endpoint/message-cookie.h"

namespace ddlsim {
namespace {

// In the step field of cookies: the lane's code, then kPostedBit for messages whose channel goes on
// at once, for timers their purpose.
constexpr uint32_t kCodeMask = ChannelRun::kLaneCodesMax - 1;
constexpr uint32_t kPurposeShift = 8;
}  // namespace

ChannelRun::ChannelRun(const ChannelPlan& plan, const GroupLayout& layout, const RankMap& ranks,
                       Transport& transport, uint32_t slot, uint32_t channel)
    : m_plan(plan),
      m_layout(layout),
      m_ranks(ranks),
      m_transport(transport),
      m_slot(slot),
      m_channel(channel) {
  for (uint32_t bundle = 0; bundle < plan.bundles; ++bundle) {
    CollectiveSpec spec = plan.spec;
    const uint64_t part_bytes = BlockSplit(plan.spec.size_bytes, plan.bundles).SizeBytes(bundle);
    m_rounds.push_back(
        std::max<uint64_t>(1, (part_bytes + plan.round_bytes - 1) / plan.round_bytes));
    spec.root = layout.PlaceOf(plan.spec.root, bundle);
    if (spec.algorithm == Algorithm::kInNetwork) spec.switches = layout.TreeOf(bundle);
    spec.size_bytes = std::min(part_bytes, plan.round_bytes);
    BundleSchedules schedules;
    schedules.full = MakeSchedule(spec);
    spec.size_bytes = part_bytes - (m_rounds.back() - 1) * plan.round_bytes;
    schedules.last = MakeSchedule(spec);
    m_full_over_last.push_back(static_cast<double>(std::min(part_bytes, plan.round_bytes)) /
                               static_cast<double>(std::max<uint64_t>(1, spec.size_bytes)));
    m_lane_count = std::max(m_lane_count, schedules.full->LaneCount());
    m_schedules.push_back(std::move(schedules));
  }
  m_codes = plan.bundles * m_lane_count;
  if (m_codes > kLaneCodesMax) throw std::logic_error("more lanes than a cookie can tell apart");
  m_members.resize(layout.RankCount() + m_schedules.front().full->EngineCount());
  m_lanes.resize(m_members.size() * m_codes);
  m_nic_free_ps.resize(size_t{layout.RankCount()} * plan.bundles);
  // Engines have no kernel to launch: they are there.
  for (uint32_t engine = layout.RankCount(); engine < ParticipantCount(); ++engine) {
    m_members[engine].is_started = true;
    m_members[engine].lanes_left = m_codes;
    for (uint32_t bundle = 0; bundle < plan.bundles; ++bundle) {
      if (m_lane_count > 1) NoteFirstReceives(engine, bundle);
    }
  }
}

const Schedule& ChannelRun::ScheduleOf(uint32_t bundle, uint64_t round) const {
  const BundleSchedules& schedules = m_schedules[bundle];
  return round + 1 == m_rounds[bundle] ? *schedules.last : *schedules.full;
}

void ChannelRun::Start(uint32_t member) {
  m_members[member].start_ps = m_transport.NowPs();
  m_members[member].lanes_left = m_codes;
  for (uint32_t bundle = 0; m_lane_count > 1 && bundle < m_plan.bundles; ++bundle) {
    NoteFirstReceives(member, bundle);
  }
  SetTimer(member, m_plan.launch_ps, 0, Purpose::kLaunch);
}

// In one round of the schedule, by lane: what no earlier send has to wait for.
void ChannelRun::NoteFirstReceives(uint32_t member, uint32_t bundle) {
  const Schedule& schedule = *m_schedules[bundle].full;
  for (uint32_t step = schedule.StepCount(); step-- > 0;) {
    schedule.Step(m_layout.PlaceOf(member, bundle), step, m_actions);
    for (const ReceiveAction& receive : m_actions.receives) {
      LaneAt(member, CodeOf(bundle, receive.lane)).first_receive_step = step;
    }
  }
}

void ChannelRun::SetTimer(uint32_t member, uint64_t delay_ps, uint32_t code, Purpose purpose) {
  const uint32_t rank = m_layout.RankOf(member);
  const uint32_t gpu = m_ranks.GpuOf(rank);
  MessageCookie cookie;
  cookie.kind = MessageKind::kChannelTimer;
  cookie.slot = m_slot;
  cookie.step = code | static_cast<uint32_t>(purpose) << kPurposeShift;
  cookie.src_gpu = cookie.dst_gpu = gpu;
  const uint32_t key =
      1u << 28 | gpu << 20 | m_channel << 11 | code << 3 | static_cast<uint32_t>(purpose);
  m_transport.SetTimer(m_ranks.EndpointOf(rank), delay_ps, key, cookie.Encode());
}

bool ChannelRun::OnTimer(uint32_t member, uint32_t step) {
  const uint32_t code = step & kCodeMask;
  Lane& state = LaneAt(member, code);
  switch (static_cast<Purpose>(step >> kPurposeShift)) {
    case Purpose::kLaunch:
      m_members[member].is_started = true;
      for (uint32_t bundle = 0; bundle < m_plan.bundles; ++bundle) Advance(member, bundle);
      break;
    case Purpose::kSlice:
      SendSlice(member, code, state);
      Advance(member, code / m_lane_count);
      break;
    case Purpose::kCopy:
      EndSlice(state);
      Advance(member, code / m_lane_count);
      break;
    case Purpose::kPost: {
      const Post post = state.posts.front();
      state.posts.pop_front();
      Hand(member, code, post.place, post.size_bytes);
      return false;
    }
    case Purpose::kFloor:
      m_members[member].is_complete = true;
      return true;
  }
  return IsComplete(member);
}

bool ChannelRun::OnReceived(uint32_t member, uint32_t from_member, uint32_t step) {
  const uint32_t code = step & kCodeMask;
  const uint32_t bundle = code / m_lane_count;
  Lane& state = LaneAt(member, code);
  const uint32_t place = m_layout.PlaceOf(from_member, bundle);
  for (Arrivals& peer : state.peers) {
    if (peer.place != place) continue;
    ++peer.arrived;
    if (!m_members[member].is_started) return false;
    Advance(member, bundle);
    return IsComplete(member);
  }
  state.peers.push_back({place, 1, 0});
  if (!m_members[member].is_started) return false;
  Advance(member, bundle);
  return IsComplete(member);
}

bool ChannelRun::OnTransmitted(uint32_t member, uint32_t step) {
  const uint32_t code = step & kCodeMask;
  const uint32_t bundle = code / m_lane_count;
  Lane& state = LaneAt(member, code);
  --m_members[member].outstanding;
  if ((step & kPostedBit) != 0) {
    --state.posts_outstanding;
  } else if (--state.sends_outstanding == 0) {
    if (state.free_ps > m_transport.NowPs()) {
      SetTimer(member, state.free_ps - m_transport.NowPs(), code, Purpose::kCopy);
      return false;
    }
    EndSlice(state);
  }
  Advance(member, bundle);
  return IsComplete(member);
}

// Starts what can start among the bundle's lanes. What a member's lane starts takes time and lets
// no other start; an engine's is over at once.
void ChannelRun::Advance(uint32_t member, uint32_t bundle) {
  bool has_moved = true;
  while (has_moved) {
    for (uint32_t lane = 0; lane < m_lane_count; ++lane) {
      LoadPrimitive(member, bundle, lane, LaneAt(member, CodeOf(bundle, lane)));
    }
    has_moved = false;
    for (uint32_t lane = 0; lane < m_lane_count; ++lane) {
      has_moved = TryLane(member, bundle, lane) || has_moved;
    }
    has_moved = has_moved && IsEngine(member);
  }
}

bool ChannelRun::TryLane(uint32_t member, uint32_t bundle, uint32_t lane) {
  const uint32_t code = CodeOf(bundle, lane);
  Lane& state = LaneAt(member, code);
  if (state.phase != Phase::kWaiting || !state.has_primitive ||
      !IsReady(member, bundle, lane, state)) {
    return false;
  }
  Occupy(member, code, state);
  return true;
}

// Fuses what was received since the last send of the lane with its next send.
void ChannelRun::LoadPrimitive(uint32_t member, uint32_t bundle, uint32_t lane, Lane& state) {
  if (state.has_primitive || state.phase == Phase::kDone) return;
  const uint32_t place = m_layout.PlaceOf(member, bundle);
  state.sends.clear();
  state.waits.clear();
  state.received_bytes = 0;
  state.slice = 0;
  while (state.round < m_rounds[bundle]) {
    const Schedule& schedule = ScheduleOf(bundle, state.round);
    const uint32_t step_count = schedule.StepCount();
    for (; state.next_step < step_count; ++state.next_step, state.sends_taken = false) {
      schedule.Step(place, state.next_step, m_actions);
      if (!state.sends_taken) {
        for (const SendAction& send : m_actions.sends) {
          if (send.lane == lane) state.sends.push_back(send);
        }
        if (!state.sends.empty()) {
          state.send_step = state.next_step;
          if (state.waits.empty()) state.receive_step = state.send_step;
          state.sends_taken = true;
          state.has_primitive = true;
          FuseSends(schedule, place, lane, state);
          return;
        }
      }
      for (const ReceiveAction& receive : m_actions.receives) {
        if (receive.lane != lane) continue;
        if (state.waits.empty()) state.receive_step = state.next_step;
        AddWait(state, receive.peer);
        state.received_bytes += receive.size_bytes;
      }
    }
    if (!state.waits.empty()) {
      state.send_step = step_count;
      state.has_primitive = true;
      return;
    }
    ++state.round;
    state.next_step = 0;
  }
  state.phase = Phase::kDone;
  --m_members[member].lanes_left;
}

// The same data to further peers, with nothing received in between, is one copy: that of a tree's
// inner nodes to their children. m_actions: those of next_step.
void ChannelRun::FuseSends(const Schedule& schedule, uint32_t place, uint32_t lane, Lane& state) {
  const uint64_t offset_bytes = state.sends.front().offset_bytes;
  const auto is_own = [lane](const auto& action) { return action.lane == lane; };
  for (uint32_t step = state.next_step + 1; step < schedule.StepCount(); ++step) {
    const auto& receives = m_actions.receives;
    if (std::any_of(receives.begin(), receives.end(), is_own)) return;
    schedule.Step(place, step, m_actions);
    for (const SendAction& send : m_actions.sends) {
      if (!is_own(send)) continue;
      if (send.offset_bytes != offset_bytes) return;
      state.sends.push_back(send);
      state.next_step = step;
    }
  }
}

void ChannelRun::AddWait(Lane& state, uint32_t place) {
  uint32_t index = 0;
  while (index < state.peers.size() && state.peers[index].place != place) ++index;
  if (index == state.peers.size()) state.peers.push_back({place, 0, 0});
  uint64_t offset = 0;
  for (const Wait& wait : state.waits) offset += wait.arrivals == index ? m_plan.slices : 0;
  state.waits.push_back({index, offset});
}

bool ChannelRun::IsReady(uint32_t member, uint32_t bundle, uint32_t lane, const Lane& state) const {
  for (const Wait& wait : state.waits) {
    const Arrivals& peer = state.peers[wait.arrivals];
    if (peer.arrived <= peer.consumed + wait.offset + state.slice) return false;
  }
  if (state.posts_outstanding >= PostsMax(member, state) && !state.sends.empty()) return false;
  if (m_lane_count == 1 || state.sends.empty()) return true;
  // What other lanes receive before the step counts too.
  const Schedule& schedule = ScheduleOf(bundle, state.round);
  for (uint32_t other_lane = 0; other_lane < m_lane_count; ++other_lane) {
    if (other_lane == lane || schedule.AreIndependent(lane, other_lane)) continue;
    const Lane& other = LaneAt(member, CodeOf(bundle, other_lane));
    if (other.first_receive_step >= state.send_step) continue;
    if (other.phase == Phase::kDone || other.round > state.round) continue;
    if (other.round < state.round || !other.has_primitive) return false;
    if (other.receive_step < state.send_step && other.slice <= state.slice) return false;
  }
  return true;
}

bool ChannelRun::IsComplete(uint32_t member) {
  Member& state = m_members[member];
  if (IsEngine(member) || state.is_complete || !state.is_started || state.lanes_left > 0 ||
      state.outstanding > 0) {
    return false;
  }
  state.is_complete = true;
  const uint64_t end_ps = state.start_ps + m_plan.floor_ps;
  if (m_transport.NowPs() >= end_ps) return true;
  SetTimer(member, end_ps - m_transport.NowPs(), 0, Purpose::kFloor);
  return false;
}

bool ChannelRun::AreEnginesIdle() const {
  for (uint32_t engine = m_layout.RankCount(); engine < ParticipantCount(); ++engine) {
    if (m_members[engine].outstanding > 0) return false;
  }
  return true;
}

std::vector<uint32_t> ChannelRun::WaitsFor(uint32_t member) const {
  std::vector<uint32_t> members;
  for (uint32_t code = 0; code < m_codes; ++code) {
    const Lane& state = LaneAt(member, code);
    for (const Wait& wait : state.waits) {
      const Arrivals& peer = state.peers[wait.arrivals];
      if (state.phase != Phase::kWaiting || !state.has_primitive) continue;
      if (peer.arrived > peer.consumed + wait.offset + state.slice) continue;
      members.push_back(m_layout.MemberAt(peer.place, code / m_lane_count));
    }
  }
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

}  // namespace ddlsim
