// SPDX-License-Identifier: GPL-2.0-only
//
// What one slice of a primitive does: it occupies its channel, and its data goes to GPUs, proxies
// and the wire.
#include <algorithm>

#include "base/rounding.h"
#include "collective/block-split.h"
#include "endpoint/channel-run.h"
#include "endpoint/message-cookie.h"

namespace ddlsim {
namespace {

// Queue pairs of bundles: behind the channels of communicators.
constexpr uint32_t kChannelsPerBundle = 512;

}  // namespace

uint64_t ChannelRun::SliceBytes(uint64_t size_bytes, uint32_t slice) const {
  return BlockSplit(size_bytes, m_plan.slices).SizeBytes(slice);
}

uint64_t ChannelRun::WireBytes(uint64_t size_bytes) const {
  return m_plan.wire_factor == 1 ? size_bytes
                                 : Rounded(static_cast<double>(size_bytes) * m_plan.wire_factor);
}

// What a slice takes of its channel: synchronisation, then the copy. NICs' proxies get what is
// complete, and one copy serves all that it is sent to. GPUs write to each other as they copy:
// where that is slower than the wire, the message leaves so that its last byte goes when the copy
// is over (ring steps wait for it), or, where rounds follow each other through switches, when the
// copy begins.
void ChannelRun::Occupy(uint32_t member, uint32_t code, Lane& state) {
  if (IsEngine(member)) return SendSlice(member, code, state);
  const uint32_t bundle = code / m_lane_count;
  const double share = m_plan.lane_shares.empty() ? 1 : m_plan.lane_shares[code % m_lane_count];
  const bool is_steady = m_plan.streams && state.round > 0;
  double slice_ps = is_steady ? 0 : static_cast<double>(m_plan.slice_ps);
  double before_ps = 0, beside_ps = 0, posted_ps = 0;
  for (const SendAction& send : state.sends) {
    const double bytes = static_cast<double>(SliceBytes(send.size_bytes, state.slice));
    const bool is_scale_up = m_layout.IsScaleUp(member, m_layout.MemberAt(send.peer, bundle));
    const double copy_ps =
        bytes * share * (is_scale_up ? m_plan.scale_up_ps_per_byte : m_plan.posted_ps_per_byte);
    if (IsPosted(is_scale_up)) {
      posted_ps = std::max(posted_ps, copy_ps);
    } else if (m_plan.wire_ps_per_byte > 0) {
      const double wire_ps = bytes * m_plan.wire_factor * m_plan.wire_ps_per_byte;
      before_ps += std::max(0.0, copy_ps - wire_ps);
      if (m_plan.waits_for_link) beside_ps += wire_ps;
    } else {
      beside_ps += copy_ps;
    }
  }
  if (state.sends.empty()) {
    const bool is_last = !m_plan.streams || state.round + 1 == m_rounds[bundle];
    const double receive_share = is_last ? m_plan.receive_share : 0;
    // Where the rounds before have left it to the last, as much as of a full one.
    const double rounds = m_plan.streams ? m_full_over_last[bundle] : 1;
    const double bytes =
        rounds * static_cast<double>(SliceBytes(state.received_bytes, state.slice));
    before_ps = bytes * share * m_plan.scale_up_ps_per_byte * receive_share;
    slice_ps *= receive_share;
    if (state.round + 1 == m_rounds[bundle]) {
      const double slowest = std::max(m_plan.scale_up_ps_per_byte, m_plan.posted_ps_per_byte);
      before_ps += bytes * share * slowest * m_plan.spread;
    }
  }
  state.phase = Phase::kOccupied;
  const uint64_t delay_ps = Rounded(slice_ps + before_ps + posted_ps);
  state.free_ps = m_transport.NowPs() + delay_ps + Rounded(beside_ps);
  SetTimer(member, delay_ps, code, Purpose::kSlice);
}

void ChannelRun::SendSlice(uint32_t member, uint32_t code, Lane& state) {
  const uint32_t bundle = code / m_lane_count;
  state.phase = Phase::kSending;
  state.sends_outstanding = 0;
  for (const SendAction& send : state.sends) {
    const uint64_t data_bytes = SliceBytes(send.size_bytes, state.slice);
    const bool is_scale_up = m_layout.IsScaleUp(member, m_layout.MemberAt(send.peer, bundle));
    ++m_members[member].outstanding;
    if (IsPosted(is_scale_up) && IsEngine(member)) {
      ++state.posts_outstanding;
      Hand(member, code, send.peer, WireBytes(data_bytes));
    } else if (IsPosted(is_scale_up)) {
      PostSlice(member, code, state, {send.peer, WireBytes(data_bytes)}, is_scale_up, data_bytes);
    } else {
      ++state.sends_outstanding;
      Hand(member, code, send.peer, WireBytes(data_bytes));
    }
  }
  if (state.sends_outstanding == 0) EndSlice(state);
}

// Hands the slice over later, and to a NIC only when what was posted there before has had its time.
void ChannelRun::PostSlice(uint32_t member, uint32_t code, Lane& state, const Post& post,
                           bool is_scale_up, uint64_t data_bytes) {
  ++state.posts_outstanding;
  state.posts.push_back(post);
  uint64_t delay_ps = m_plan.scale_up_post_ps;
  if (!is_scale_up) {
    const uint64_t now_ps = m_transport.NowPs();
    uint64_t& nic_free_ps = m_nic_free_ps[member * m_plan.bundles + code / m_lane_count];
    const uint64_t start_ps = std::max(now_ps + m_plan.post_ps, nic_free_ps);
    nic_free_ps = start_ps + Rounded(static_cast<double>(data_bytes) * m_plan.network_ps_per_byte);
    delay_ps = start_ps - now_ps;
  }
  SetTimer(member, delay_ps, code, Purpose::kPost);
}

void ChannelRun::Hand(uint32_t member, uint32_t code, uint32_t place, uint64_t size_bytes) {
  const uint32_t bundle = code / m_lane_count;
  const uint32_t peer = m_layout.MemberAt(place, bundle);
  const RankRoute route = m_layout.Route(member, peer, bundle);
  MessageCookie cookie;
  cookie.slot = m_slot;
  cookie.step = code | (IsPosted(m_layout.IsScaleUp(member, peer)) ? kPostedBit : 0);
  cookie.src_gpu = m_layout.GpuOf(member);
  cookie.dst_gpu = m_layout.GpuOf(peer);
  m_transport.SendMessage(route.src, route.dst, m_channel + kChannelsPerBundle * bundle, size_bytes,
                          cookie.Encode());
}

void ChannelRun::EndSlice(Lane& state) {
  state.phase = Phase::kWaiting;
  if (++state.slice < m_plan.slices) return;
  for (const Wait& wait : state.waits) state.peers[wait.arrivals].consumed += m_plan.slices;
  state.has_primitive = false;
}

}  // namespace ddlsim
