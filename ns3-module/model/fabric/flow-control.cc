// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/flow-control.h"

#include <algorithm>
#include <string>

#include "base/input-error.h"
#include "base/quantity.h"
#include "fabric/fabric.h"

namespace ddlsim {
namespace {

constexpr uint32_t kPauseFrameBytes = 64;
constexpr uint64_t kQuantumBytes = 64;  // 512 bit times
constexpr uint32_t kRefreshBit = 0x80000000u;
constexpr uint32_t kPauseEnds = 1;

}  // namespace

uint64_t HeadroomBytes(uint64_t rate_bps, uint64_t delay_ps, uint64_t switch_latency_ps,
                       uint32_t frame_bytes_max) {
  const uint64_t frame_bytes = frame_bytes_max + kWireOverheadBytes;
  const uint64_t pause_bytes = kPauseFrameBytes + kWireOverheadBytes;
  const uint64_t way_ps = 2 * delay_ps + switch_latency_ps;
  // bytes = ps * bit/s / 8e12, rounded up; the product needs 128 bits.
  const auto way_bytes = static_cast<uint64_t>(
      (static_cast<unsigned __int128>(way_ps) * rate_bps + kBitPsPerByteSecond - 1) /
      kBitPsPerByteSecond);
  return way_bytes + 3 * frame_bytes + kTrafficClassesMax * pause_bytes;
}

FlowControl::FlowControl(Fabric& fabric, QueuedForwarding& queues)
    : m_fabric(fabric),
      m_queues(queues),
      m_classes(queues.Classes()),
      m_lossless_classes(m_classes == 1 ? 1 : fabric.m_config.pfc.lossless_classes) {
  const PfcConfig& config = fabric.m_config.pfc;
  m_ingress.resize(fabric.m_ports.size() * m_classes);
  m_pauses.resize(fabric.m_ports.size() * m_classes);
  m_pools.resize(fabric.m_switches.size());
  std::vector<uint64_t> reserved(m_pools.size());
  for (uint32_t port = 0; port < fabric.m_ports.size(); ++port) {
    if ((fabric.m_ports[port].peer & kHostBit) != 0) continue;
    const uint32_t sw = fabric.m_ports[port].peer;
    const uint64_t headroom_bytes =
        config.headroom_bytes != 0 ? config.headroom_bytes : HeadroomOf(port);
    for (uint32_t c = 0; c < m_classes; ++c) {
      if (!IsLossless(c)) continue;
      At(port, c).headroom_bytes = headroom_bytes;
      reserved[sw] += headroom_bytes;
    }
  }
  for (uint32_t sw = 0; sw < m_pools.size(); ++sw) {
    const uint64_t buffer_bytes = fabric.m_switches[sw].buffer_bytes;
    if (reserved[sw] + uint64_t{2} * fabric.m_config.frame_bytes_max > buffer_bytes) {
      const std::string& name = fabric.m_graph.Nodes()[fabric.HostCount() + sw].name;
      throw InputError("--pfc",
                       "the headroom of " + name + "'s ports takes " + FormatSize(reserved[sw]) +
                           " of its buffer of " + FormatSize(buffer_bytes),
                       "raise --buffer above that, or shorten the links");
    }
    m_pools[sw].shared_bytes = buffer_bytes - reserved[sw];
  }
}

// Where a link differs by direction: the longer delay both ways; and what is in front of the pause
// frame takes longer on a slower way back than HeadroomBytes() thinks.
uint64_t FlowControl::HeadroomOf(uint32_t ingress) const {
  const uint32_t reverse = m_fabric.m_details[ingress].reverse;
  const uint64_t rate_bps = m_fabric.m_details[ingress].rate_bps;
  const uint64_t delay_ps =
      std::max(m_fabric.m_ports[ingress].delay_ps, m_fabric.m_ports[reverse].delay_ps);
  uint64_t inside_ps = m_fabric.m_switches[m_fabric.m_ports[ingress].peer].latency_ps;
  const uint64_t back_bps = m_fabric.m_details[reverse].rate_bps;
  const uint32_t frame_bytes = m_fabric.m_config.frame_bytes_max;
  if (back_bps < rate_bps) {
    const uint32_t before_bytes = frame_bytes + kWireOverheadBytes +
                                  kTrafficClassesMax * (kPauseFrameBytes + kWireOverheadBytes);
    inside_ps += SerializationPs(before_bytes, back_bps) - SerializationPs(before_bytes, rate_bps);
  }
  return HeadroomBytes(rate_bps, delay_ps, inside_ps, frame_bytes);
}

FlowControl::Pool& FlowControl::PoolOf(uint32_t ingress) {
  return m_pools[m_fabric.m_ports[ingress].peer];
}

uint64_t FlowControl::ThresholdBytes(const Pool& pool) const {
  const double free_bytes = static_cast<double>(pool.shared_bytes - pool.used_bytes);
  return static_cast<uint64_t>(m_fabric.m_config.pfc.alpha * free_bytes);
}

bool FlowControl::Charge(uint32_t ingress, uint32_t traffic_class, uint32_t size_bytes) {
  Ingress& account = At(ingress, traffic_class);
  Pool& pool = PoolOf(ingress);
  const uint64_t threshold_bytes = ThresholdBytes(pool);
  const bool is_over = account.shared_bytes + size_bytes > threshold_bytes ||
                       pool.used_bytes + size_bytes > pool.shared_bytes;
  if (!is_over) {
    account.shared_bytes += size_bytes;
    pool.used_bytes += size_bytes;
    return true;
  }
  const bool has_room = account.headroom_used_bytes + size_bytes <= account.headroom_bytes;
  if (has_room) account.headroom_used_bytes += size_bytes;
  if (!account.is_paused) {
    account.is_paused = true;
    account.is_storm_noted = false;
    account.paused_since_ps = m_fabric.NowPs();
    SendPause(ingress, traffic_class, m_fabric.m_config.pfc.pause_quanta);
    SetRefresh(ingress, traffic_class);
  }
  return has_room;
}

bool FlowControl::ChargeLossy(uint32_t ingress, uint32_t traffic_class, uint64_t queue_bytes,
                              uint32_t size_bytes, double alpha) {
  Pool& pool = PoolOf(ingress);
  if (!Fabric::FitsBuffer(pool.shared_bytes, pool.used_bytes, queue_bytes, size_bytes, alpha)) {
    return false;
  }
  At(ingress, traffic_class).shared_bytes += size_bytes;
  pool.used_bytes += size_bytes;
  return true;
}

// What came last, into the headroom, counts as gone first: the sooner it is empty for the next
// pause.
void FlowControl::Release(uint32_t ingress, uint32_t traffic_class, uint32_t size_bytes) {
  Ingress& account = At(ingress, traffic_class);
  Pool& pool = PoolOf(ingress);
  const uint64_t from_headroom = std::min<uint64_t>(account.headroom_used_bytes, size_bytes);
  account.headroom_used_bytes -= from_headroom;
  account.shared_bytes -= size_bytes - from_headroom;
  pool.used_bytes -= size_bytes - from_headroom;
  if (!account.is_paused || account.headroom_used_bytes != 0) return;
  const uint64_t offset_bytes = m_fabric.m_config.pfc.xon_offset_bytes;
  if (account.shared_bytes != 0 && account.shared_bytes + offset_bytes > ThresholdBytes(pool)) {
    return;
  }
  account.is_paused = false;
  SendPause(ingress, traffic_class, 0);
}

void FlowControl::SendPause(uint32_t ingress, uint32_t traffic_class, uint32_t quanta) {
  SendFrame(m_fabric.m_details[ingress].reverse, traffic_class, quanta,
            At(ingress, traffic_class).pauses++);
}

// Pause frames wait for the frame in service and for nothing else.
void FlowControl::SendFrame(uint32_t port_index, uint32_t traffic_class, uint32_t quanta,
                            uint32_t item) {
  const uint32_t frame_index = m_fabric.m_frames.Allocate();
  Frame& frame = m_fabric.m_frames[frame_index];
  frame = Frame();
  frame.type = FrameType::kPause;
  frame.size_bytes = kPauseFrameBytes;
  frame.psn = traffic_class;
  frame.cookie = quanta;
  frame.flow_hash = traffic_class;
  frame.transmission = item;
  ++m_fabric.m_details[port_index].pause_frames;
  Port& port = m_fabric.m_ports[port_index];
  const uint64_t finish_ps =
      m_fabric.FinishPs(port, port_index, kPauseFrameBytes, m_fabric.m_now_ps);
  m_fabric.Commit(port, port_index, frame_index, frame, finish_ps);
}

// When half of the pause has passed.
void FlowControl::SetRefresh(uint32_t ingress, uint32_t traffic_class) {
  Ingress& account = At(ingress, traffic_class);
  if (account.is_refresh_set) return;
  account.is_refresh_set = true;
  const uint64_t half_ps =
      SerializationPs(kQuantumBytes * std::max<uint32_t>(1, m_fabric.m_config.pfc.pause_quanta / 2),
                      m_fabric.m_details[ingress].rate_bps);
  m_fabric.Schedule(m_fabric.NowPs() + half_ps, EventClass::kSwitchEgress, ingress,
                    kRefreshBit | traffic_class);
}

void FlowControl::Refresh(uint32_t ingress, uint32_t traffic_class) {
  Ingress& account = At(ingress, traffic_class);
  account.is_refresh_set = false;
  if (!account.is_paused) return;
  SendPause(ingress, traffic_class, m_fabric.m_config.pfc.pause_quanta);
  SetRefresh(ingress, traffic_class);
  if (!account.is_storm_noted &&
      m_fabric.NowPs() - account.paused_since_ps >= m_fabric.m_config.pfc.storm_ps) {
    account.is_storm_noted = true;
    m_storms.push_back({ingress, traffic_class, account.paused_since_ps});
  }
  if (m_deadlock.empty()) FindDeadlock();
}

void FlowControl::Pause(uint32_t port, uint32_t traffic_class, uint32_t quanta) {
  PauseState& state = m_pauses[port * m_classes + traffic_class];
  const uint64_t now_ps = m_fabric.NowPs();
  if (state.until_ps > now_ps) {
    state.total_ps += now_ps - state.since_ps;
  } else if (state.since_ps < state.until_ps) {
    state.total_ps += state.until_ps - state.since_ps;  // it had ended by itself
  }
  state.since_ps = now_ps;
  state.until_ps =
      now_ps + SerializationPs(kQuantumBytes * quanta, m_fabric.m_details[port].rate_bps);
  if (quanta == 0) return;
  m_fabric.Schedule(state.until_ps, EventClass::kPortFree, port, kPauseEnds);
}

uint64_t FlowControl::PausedPs(uint32_t port) const {
  uint64_t total_ps = 0;
  for (uint32_t c = 0; c < m_classes; ++c) {
    const PauseState& state = m_pauses[port * m_classes + c];
    total_ps += state.total_ps + std::min(state.until_ps, m_fabric.NowPs()) - state.since_ps;
  }
  return total_ps;
}

}  // namespace ddlsim
