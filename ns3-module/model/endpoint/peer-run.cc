// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/peer-run.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/rounding.h"
#include "collective/schedule.h"
#include "endpoint/message-cookie.h"

namespace ddlsim {
namespace {

// In the order of NCCL's schedule of peers: nodes by their distance, within a node places by
// theirs, so that at any time the ranks of a node send to different places of another, each over a
// rail of its own (NVIDIA/nccl, src/group.cc and src/init.cc: p2pSchedule).
void SortByDistance(uint32_t member, uint32_t local_size, uint32_t node_count,
                    std::vector<SendAction>& sends) {
  const auto distance = [=](const SendAction& send) {
    const uint32_t nodes = (send.peer / local_size + node_count - member / local_size) % node_count;
    const uint32_t places =
        (send.peer % local_size + local_size - member % local_size) % local_size;
    return nodes * local_size + places;
  };
  std::sort(sends.begin(), sends.end(),
            [&](const SendAction& a, const SendAction& b) { return distance(a) < distance(b); });
}

}  // namespace

PeerRun::PeerRun(const PeerPlan& plan, const GroupLayout& layout, const RankMap& ranks,
                 Transport& transport, uint32_t slot, uint32_t channel)
    : m_plan(plan),
      m_layout(layout),
      m_ranks(ranks),
      m_transport(transport),
      m_slot(slot),
      m_channel(channel),
      m_states(layout.RankCount()) {
  if (uint64_t{layout.RankCount()} * 2 > MessageCookie::kSendTimerStep) {
    throw std::logic_error("more peers than a cookie can tell apart");
  }
  const auto schedule = MakeSchedule(plan.spec);
  if (schedule->StepCount() > 1) throw std::logic_error("sends and receives have one step");
  StepActions actions;
  for (uint32_t member = 0; schedule->StepCount() == 1 && member < layout.RankCount(); ++member) {
    schedule->Step(member, 0, actions);
    Member& state = m_states[member];
    SortByDistance(member, layout.LocalSize(), layout.NodeCount(), actions.sends);
    for (const SendAction& send : actions.sends) {
      const bool is_scale_up = layout.IsScaleUp(member, send.peer);
      const uint64_t ready_ps = m_plan.costs.ReadyPs(state.unsent++, is_scale_up, send.size_bytes);
      PipeOf(state, is_scale_up).messages.push_back({send.peer, 0, send.size_bytes, ready_ps});
    }
    for (const ReceiveAction& receive : actions.receives) {
      state.incoming.push_back({receive.peer, receive.size_bytes});
      state.incoming_bytes += receive.size_bytes;
    }
    std::sort(state.incoming.begin(), state.incoming.end(),
              [](const Incoming& a, const Incoming& b) { return a.peer < b.peer; });
    for (Pipe* pipe : {&state.scale_up, &state.network}) {
      std::stable_sort(pipe->messages.begin(), pipe->messages.end(),
                       [](const Message& a, const Message& b) { return a.ready_ps < b.ready_ps; });
    }
  }
}

void PeerRun::Start(uint32_t member) {
  m_states[member].start_ps = m_transport.NowPs();
  SetTimer(member, m_plan.costs.launch_ps, Purpose::kLaunch);
}

void PeerRun::SetTimer(uint32_t member, uint64_t delay_ps, Purpose purpose) {
  const uint32_t rank = m_layout.RankOf(member);
  const uint32_t gpu = m_ranks.GpuOf(rank);
  MessageCookie cookie;
  cookie.kind = MessageKind::kChannelTimer;
  cookie.slot = m_slot;
  cookie.step = static_cast<uint32_t>(purpose);
  cookie.src_gpu = cookie.dst_gpu = gpu;
  // As the timers of a run by channels, of which there is none on this communicator meanwhile.
  const uint32_t key = 1u << 28 | gpu << 20 | m_channel << 11 | static_cast<uint32_t>(purpose);
  m_transport.SetTimer(m_ranks.EndpointOf(rank), delay_ps, key, cookie.Encode());
}

bool PeerRun::OnTimer(uint32_t member, uint32_t step) {
  Member& state = m_states[member];
  switch (static_cast<Purpose>(step)) {
    case Purpose::kLaunch:
      Launch(member);
      break;
    case Purpose::kScaleUp:
      state.scale_up.is_armed = false;
      Pump(member, true);
      break;
    case Purpose::kNetwork:
      state.network.is_armed = false;
      Pump(member, false);
      break;
    case Purpose::kReceived:
      state.is_copied = true;
      break;
    case Purpose::kFloor:
      return true;
  }
  return IsComplete(member);
}

void PeerRun::Launch(uint32_t member) {
  Member& state = m_states[member];
  const uint64_t now_ps = m_transport.NowPs();
  state.is_launched = true;
  for (Pipe* pipe : {&state.scale_up, &state.network}) {
    for (Message& message : pipe->messages) message.ready_ps += now_ps;
  }
  // Receives begin one after the other, too; what has come is copied then.
  const uint64_t receives = state.incoming.size();
  const uint64_t begins_ps = receives > 1 ? (receives - 1) * m_plan.costs.message_ps : 0;
  state.received_ps = now_ps + begins_ps + state.early_ps;
  AfterReceive(member);
  Pump(member, true);
  Pump(member, false);
}

void PeerRun::Begin(Pipe& pipe, uint64_t now_ps) {
  while (pipe.begun < pipe.messages.size() && pipe.messages[pipe.begun].ready_ps <= now_ps) {
    pipe.turns.push_back(static_cast<uint32_t>(pipe.begun++));
  }
}

bool PeerRun::TakeTurn(Pipe& pipe, uint64_t now_ps, uint32_t& index, uint64_t& again_ps) {
  Begin(pipe, now_ps);
  again_ps = pipe.begun < pipe.messages.size() ? pipe.messages[pipe.begun].ready_ps : UINT64_MAX;
  for (size_t i = 0; i < pipe.turns.size(); ++i) {
    const Message& message = pipe.messages[pipe.turns[i]];
    if (message.ahead >= m_plan.costs.pieces_ahead_max) continue;
    if (message.ready_ps > now_ps) {
      again_ps = std::min(again_ps, message.ready_ps);
      continue;
    }
    index = pipe.turns[i];
    pipe.turns.erase(pipe.turns.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

// Hands over what can go now. A pipe whose timer is set goes on then; none is set once all has
// gone, since the operation may end before.
void PeerRun::Pump(uint32_t member, bool is_scale_up) {
  Pipe& pipe = PipeOf(m_states[member], is_scale_up);
  while (!pipe.is_armed && (pipe.begun < pipe.messages.size() || !pipe.turns.empty())) {
    const uint64_t now_ps = m_transport.NowPs();
    if (pipe.free_ps > now_ps) return Arm(member, is_scale_up, pipe.free_ps);
    uint32_t index = 0;
    uint64_t again_ps = 0;
    if (!TakeTurn(pipe, now_ps, index, again_ps)) {
      if (again_ps != UINT64_MAX) Arm(member, is_scale_up, again_ps);
      return;  // else until a piece is transmitted, or for good
    }
    SendPiece(member, is_scale_up, index);
  }
}

void PeerRun::Arm(uint32_t member, bool is_scale_up, uint64_t at_ps) {
  PipeOf(m_states[member], is_scale_up).is_armed = true;
  SetTimer(member, at_ps - m_transport.NowPs(),
           is_scale_up ? Purpose::kScaleUp : Purpose::kNetwork);
}

void PeerRun::SendPiece(uint32_t member, bool is_scale_up, uint32_t index) {
  Member& state = m_states[member];
  Pipe& pipe = PipeOf(state, is_scale_up);
  Message& message = pipe.messages[index];
  const uint64_t now_ps = m_transport.NowPs();
  const uint64_t size_bytes = std::min(message.left_bytes, m_plan.costs.PieceBytes(is_scale_up));
  const auto bytes = static_cast<double>(size_bytes);
  const PeerCosts& costs = m_plan.costs;
  message.left_bytes -= size_bytes;
  ++message.ahead;
  ++state.outstanding;
  pipe.free_ps = now_ps + Rounded(bytes * (is_scale_up ? costs.scale_up_ps_per_byte
                                                       : costs.network_ps_per_byte));
  if (!is_scale_up) {
    message.ready_ps = now_ps + Rounded(bytes * costs.network_peer_ps_per_byte);
  }
  if (message.left_bytes > 0) {
    pipe.turns.push_back(index);
  } else {
    --state.unsent;
  }
  const RankRoute route = m_layout.RailRoute(member, message.peer);
  MessageCookie cookie;
  cookie.slot = m_slot;
  cookie.step = index << 1 | (is_scale_up ? 1 : 0);
  cookie.src_gpu = m_layout.GpuOf(member);
  cookie.dst_gpu = m_layout.GpuOf(message.peer);
  m_transport.SendMessage(route.src, route.dst, m_channel, size_bytes, cookie.Encode());
}

bool PeerRun::OnTransmitted(uint32_t member, uint32_t step) {
  Member& state = m_states[member];
  const bool is_scale_up = (step & 1) != 0;
  --PipeOf(state, is_scale_up).messages[step >> 1].ahead;
  --state.outstanding;
  Pump(member, is_scale_up);
  return IsComplete(member);
}

// Pieces of one sender arrive in order.
bool PeerRun::OnReceived(uint32_t member, uint32_t from_member, uint32_t step) {
  Member& state = m_states[member];
  const auto found = std::lower_bound(
      state.incoming.begin(), state.incoming.end(), from_member,
      [](const Incoming& incoming, uint32_t peer) { return incoming.peer < peer; });
  if (found == state.incoming.end() || found->peer != from_member || found->left_bytes == 0) {
    throw std::logic_error("a piece that nobody waits for");
  }
  const uint64_t size_bytes = std::min(found->left_bytes, m_plan.costs.PieceBytes((step & 1) != 0));
  found->left_bytes -= size_bytes;
  state.incoming_bytes -= size_bytes;
  const uint64_t copy_ps =
      Rounded(static_cast<double>(size_bytes) * m_plan.costs.scale_up_ps_per_byte);
  if (!state.is_launched) {
    state.early_ps += copy_ps;
    return false;
  }
  state.received_ps = std::max(state.received_ps + copy_ps, m_transport.NowPs());
  AfterReceive(member);
  return IsComplete(member);
}

// The copy begins with a piece's first bytes: an idle one is over with the last.
void PeerRun::AfterReceive(uint32_t member) {
  Member& state = m_states[member];
  if (state.incoming_bytes > 0) return;
  const uint64_t now_ps = m_transport.NowPs();
  if (state.received_ps <= now_ps) {
    state.is_copied = true;
  } else {
    SetTimer(member, state.received_ps - now_ps, Purpose::kReceived);
  }
}

bool PeerRun::IsComplete(uint32_t member) {
  Member& state = m_states[member];
  if (state.is_complete || !state.is_launched || !state.is_copied || state.unsent > 0 ||
      state.outstanding > 0) {
    return false;
  }
  state.is_complete = true;
  const uint64_t end_ps = state.start_ps + m_plan.floor_ps;
  if (m_transport.NowPs() >= end_ps) return true;
  SetTimer(member, end_ps - m_transport.NowPs(), Purpose::kFloor);
  return false;
}

std::vector<uint32_t> PeerRun::WaitsFor(uint32_t member) const {
  std::vector<uint32_t> members;
  for (const Incoming& incoming : m_states[member].incoming) {
    if (incoming.left_bytes > 0) members.push_back(incoming.peer);
  }
  return members;
}

}  // namespace ddlsim
