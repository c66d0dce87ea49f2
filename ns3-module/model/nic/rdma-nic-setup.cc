// SPDX-License-Identifier: GPL-2.0-only
//
// Opening queue pairs: names, paths, windows and timeouts.
#include <algorithm>
#include <stdexcept>

#include "fabric/random.h"
#include "nic/rdma-nic.h"
#include "nic/wire-format.h"

namespace ddlsim {
namespace {

// Of one bandwidth-delay product each. Real links of this kind return credits beside the data; here
// answers wait behind the data that goes their way, up to a window of it.
constexpr uint64_t kScaleUpWindows = 2;

// Stands for the congestion control of queue pairs that have none beside others that have one.
class NoControl : public CongestionControl {
 public:
  double RateBps(uint64_t) override { return kUnlimitedBps; }

 private:
  static constexpr double kUnlimitedBps = 1e18;  // no pause between packets on any link
};

}  // namespace

RdmaNic::RdmaNic(Fabric& fabric, const NicConfig& config)
    : m_fabric(fabric),
      m_config(config),
      m_has_congestion_control(static_cast<bool>(config.congestion_control)),
      m_has_pfc(fabric.Pfc() != nullptr),
      m_small_window_bytes(uint64_t{2} * config.ack_every *
                           DataFrameBytes(config.payload_bytes, true)),
      m_extra_header_bytes(fabric.HasTelemetry() ? kTelemetryWireBytes : 0),
      m_hosts(fabric.HostCount()) {
  if (config.payload_bytes == 0 || config.payload_bytes > kPayloadMaxBytes) {
    throw std::invalid_argument("payload outside 1 .. 16384 bytes");
  }
  if (config.ack_every == 0) throw std::invalid_argument("ack_every is zero");
  SetLinkClasses();
  fabric.SetHostLogic(this);
}

void RdmaNic::SetLinkClasses() {
  if (m_config.link_classes.size() >= kLinkClassesMax) {
    throw std::invalid_argument("more kinds of links than NICs can tell apart");
  }
  for (size_t i = 0; i <= m_config.link_classes.size(); ++i) {
    const LinkClass link = ClassAt(static_cast<uint8_t>(i));
    if (link.payload_bytes == 0 || link.payload_bytes > kScaleUpPayloadMaxBytes ||
        link.framing.DataBytes(link.payload_bytes, true) > UINT16_MAX) {
      throw std::invalid_argument("payload of a link class that no frame can hold");
    }
    m_link_sizes[i] = {link.payload_bytes, link.framing.header_bytes, link.framing.first_bytes,
                       link.framing.ack_bytes};
  }
  for (uint8_t link_class : m_config.link_class_of_host) {
    if (link_class > m_config.link_classes.size()) {
      throw std::invalid_argument("a host has an unknown kind of link");
    }
  }
}

LinkClass RdmaNic::ClassAt(uint8_t link_class) const {
  if (link_class > 0) return m_config.link_classes[link_class - 1u];
  LinkClass ethernet;
  ethernet.payload_bytes = m_config.payload_bytes;
  return ethernet;
}

uint32_t RdmaNic::FindQueuePair(uint32_t src_host, uint32_t dst_host, uint32_t channel) {
  const uint64_t key = uint64_t{src_host} << 36 | uint64_t{dst_host} << 12 | channel;
  const auto [found, is_new] = m_queue_pairs.emplace(key, kNone);
  if (is_new) found->second = OpenQueuePair(src_host, dst_host, channel);
  return found->second;
}

uint32_t RdmaNic::OpenQueuePair(uint32_t src_host, uint32_t dst_host, uint32_t channel) {
  if (src_host == dst_host || src_host >= m_hosts.size() || dst_host >= m_hosts.size() ||
      channel >= kChannelsMax || LinkClassOf(src_host) != LinkClassOf(dst_host)) {
    throw std::logic_error("queue pair between impossible ends");
  }
  const uint64_t src_key = m_fabric.HostKey(src_host), dst_key = m_fabric.HostKey(dst_host);
  const uint32_t hash = static_cast<uint32_t>(CombineKeys(CombineKeys(src_key, dst_key), channel));
  const uint32_t reverse_hash =
      static_cast<uint32_t>(CombineKeys(CombineKeys(dst_key, src_key), channel));
  const uint32_t qp_index = m_send.Allocate();
  const uint32_t peer_index = m_receive.Allocate();
  SendQueuePair& qp = m_send[qp_index];
  qp.src_host = src_host;
  qp.dst_host = dst_host;
  qp.channel = static_cast<uint16_t>(channel);
  qp.link_class = LinkClassOf(src_host);
  qp.flow_hash = hash;
  qp.peer_queue_pair = peer_index;
  qp.profile = FindProfile(src_host, dst_host, hash, reverse_hash);
  const PathProfile& profile = m_profiles[qp.profile];
  qp.window_bytes = profile.window_bytes;
  qp.timeout_ps = profile.timeout_ps;
  MakeCongestionControl(qp);
  ReceiveQueuePair& peer = m_receive[peer_index];
  peer.sender_queue_pair = qp_index;
  peer.flow_hash = reverse_hash;
  peer.src_host = src_host;
  peer.channel = qp.channel;
  peer.link_class = qp.link_class;
  return qp_index;
}

void RdmaNic::MakeCongestionControl(SendQueuePair& qp) {
  if (!m_config.congestion_control) return;
  if (qp.link_class != 0) {
    qp.congestion_control = std::make_unique<NoControl>();
    return;
  }
  const PathModel& model = m_profiles[qp.profile].model;
  CongestionControlContext context;
  context.line_rate_bps = m_fabric.PortDetails()[qp.src_host].rate_bps;
  context.loop_ps = model.LoopPs();
  context.base_rtt_ps = model.BaseRttPs();
  context.window_bytes = qp.window_bytes;
  context.payload_bytes = m_config.payload_bytes;
  context.frame_bytes = DataFrameBytes(m_config.payload_bytes, false) + m_extra_header_bytes;
  context.hops = model.Hops();
  context.ack_every = m_config.ack_every;
  context.has_trimming = m_fabric.HasTrimming();
  qp.congestion_control = m_config.congestion_control(context);
}

void RdmaNic::Restart(uint32_t src_host, uint32_t dst_host, uint32_t channel) {
  SendQueuePair& qp = m_send[FindQueuePair(src_host, dst_host, channel)];
  if (qp.una_message != kNone) return;
  MakeCongestionControl(qp);
  qp.next_send_ps = 0;
}

// Paths with the same rates and delays share one model: a regular network has a handful.
uint32_t RdmaNic::FindProfile(uint32_t src_host, uint32_t dst_host, uint32_t hash,
                              uint32_t reverse_hash) {
  const std::vector<Fabric::Hop> forward = m_fabric.Path(src_host, dst_host, hash);
  const std::vector<Fabric::Hop> backward = m_fabric.Path(dst_host, src_host, reverse_hash);
  const uint8_t link_class = LinkClassOf(src_host);
  std::vector<uint64_t> key{forward.size(), link_class};
  for (const std::vector<Fabric::Hop>* hops : {&forward, &backward}) {
    for (const Fabric::Hop& hop : *hops) {
      key.insert(key.end(), {hop.rate_bps, hop.delay_ps, hop.latency_ps, hop.cut_through_bytes});
    }
  }
  const auto found = m_profile_index.find(key);
  if (found != m_profile_index.end()) return found->second;
  const uint32_t index = static_cast<uint32_t>(m_profiles.size());
  LinkClass link = ClassAt(link_class);
  link.framing.header_bytes += m_extra_header_bytes;
  link.framing.ack_bytes += m_extra_header_bytes;
  PathModel model(forward, backward, link.payload_bytes, link.framing);
  uint64_t window_bytes = model.WindowBytes(m_config.ack_every);
  if (link_class != 0) {
    window_bytes *= kScaleUpWindows;
  } else if (m_config.window_bytes != 0) {
    window_bytes = m_config.window_bytes;
  }
  const uint64_t timeout_ps = m_config.retransmit_timeout_ps != 0
                                  ? m_config.retransmit_timeout_ps
                                  : TimeoutPs(model, link_class != 0);
  m_profiles.push_back({std::move(model), window_bytes, timeout_ps});
  m_profile_index.emplace(std::move(key), index);
  return index;
}

// Long enough that one full buffer on the way does not look like a loss: twice the time to send one
// window, and the time to drain the largest switch buffer of the kind of network at hand.
uint64_t RdmaNic::TimeoutPs(const PathModel& model, bool is_scale_up) const {
  uint64_t buffer_bytes = 0;
  for (const GraphNodeInfo& node : m_fabric.Graph().Nodes()) {
    if (node.is_host || node.config.is_scale_up != is_scale_up) continue;
    buffer_bytes = std::max(buffer_bytes, node.config.buffer_bytes);
  }
  // The first of `ack_every` packets is acknowledged with the last.
  const uint64_t window_ps =
      SerializationPs(model.WindowBytes(m_config.ack_every), model.BottleneckBps());
  return 2 * window_ps + SerializationPs(buffer_bytes, model.BottleneckBps());
}

uint32_t RdmaNic::HeldFrames() const {
  uint32_t count = 0;
  for (uint32_t i = 0; i < m_receive.Size(); ++i) {
    if (m_receive[i].reorder != nullptr) count += m_receive[i].reorder->Count();
  }
  for (const Host& host : m_hosts) {
    for (uint32_t i = host.control_head; i != kNoFrame; i = m_fabric.Frames()[i].next) ++count;
  }
  return count;
}

std::vector<uint32_t> RdmaNic::UnfinishedQueuePairs() const {
  std::vector<uint32_t> unfinished;
  for (uint32_t i = 0; i < m_send.Size(); ++i) {
    if (m_send[i].una_message != kNone) unfinished.push_back(i);
  }
  std::sort(unfinished.begin(), unfinished.end(), [this](uint32_t a, uint32_t b) {
    const SendQueuePair &x = m_send[a], &y = m_send[b];
    if (x.src_host != y.src_host) return x.src_host < y.src_host;
    return x.dst_host != y.dst_host ? x.dst_host < y.dst_host : x.channel < y.channel;
  });
  return unfinished;
}

}  // namespace ddlsim
