// SPDX-License-Identifier: GPL-2.0-only
//
// The NICs of all hosts of a fabric: queue pairs with go-back-N, RoCEv2 framing, windows, pacing by
// a congestion control, and the port's arbiter. Sends are pulled from queue pairs when the port is
// free: waiting control frames first, then one packet of the next sender in the round.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "fabric/fabric.h"
#include "fabric/slab.h"
#include "nic/flow-record.h"
#include "nic/foreign-traffic.h"
#include "nic/path-model.h"
#include "nic/queue-pair.h"
#include "nic/transport.h"
#include "nic/wire-format.h"

namespace ddlsim {

struct NicConfig {
  uint32_t payload_bytes = 4096;
  uint32_t ack_every = 8;  // packets per acknowledgement; the last of a message has one of its own
  uint64_t window_bytes = 0;           // 0: one bandwidth-delay product of the path
  uint64_t retransmit_timeout_ps = 0;  // 0: see TimeoutPs()
  uint16_t retry_limit = 1000;         // timeouts in a row after which a queue pair gives up
  bool is_selective_repeat = false;    // else go-back-N
  // Selective repeat: packets that must have overtaken a missing one before it counts as lost; 0:
  // a window of them.
  uint32_t reorder_packets = 1;
  uint64_t cnp_interval_ps = 50000000;  // least time between notifications of one queue pair
  CongestionControlFactory congestion_control;  // empty: none
  bool sends_cnp = false;                       // CongestionAlgorithm::wants_cnp
  // Traffic classes, for fabrics that tell them apart: 0 .. 7.
  uint8_t data_class = 3;
  uint8_t foreign_class = 0;  // of other stacks' frames
  uint8_t control_class = 6;  // acknowledgements and congestion notifications
  // Kinds of links besides RoCEv2's, at most kLinkClassesMax - 1 (scale-up networks).
  std::vector<LinkClass> link_classes;
  // By host: 0 for RoCEv2, i + 1 for link_classes[i]; hosts beyond the end have 0. Queue pairs join
  // hosts of one kind.
  std::vector<uint8_t> link_class_of_host;
};

constexpr uint32_t kLinkClassesMax = 4;

struct NicCounters {
  uint64_t data_packets = 0;  // sent, retransmissions included
  uint64_t retransmitted_packets = 0;
  uint64_t acks = 0;
  uint64_t naks = 0;
  uint64_t cnps = 0;
  uint64_t timeouts = 0;
  uint64_t messages_sent = 0;
  uint64_t messages_received = 0;
  uint64_t payload_bytes_received = 0;
};

class RdmaNic : public HostLogic, public Transport {
 public:
  // `fabric` outlives the NICs and calls them from here on; so does `listener` (may be set later).
  RdmaNic(Fabric& fabric, const NicConfig& config);
  void SetListener(TransportListener* listener) { m_listener = listener; }
  void SetFlowObserver(FlowObserver* observer) { m_flow_observer = observer; }
  // `foreign` shares the ports of the hosts that OpenForeign() names; it outlives the NICs, or is
  // set to null before its end.
  void SetForeignTraffic(ForeignTraffic* foreign) { m_foreign = foreign; }
  void OpenForeign(uint32_t host);
  // ForeignTraffic::HasFrame(host) has become true. Not to be called from within NextFrame().
  void OfferForeign(uint32_t host) { Activate(m_hosts[host].foreign_queue_pair); }
  Fabric& GetFabric() { return m_fabric; }

  // Transport
  uint64_t NowPs() const override { return m_fabric.NowPs(); }
  void SendMessage(uint32_t src_host, uint32_t dst_host, uint32_t channel, uint64_t size_bytes,
                   uint64_t cookie) override;
  void Restart(uint32_t src_host, uint32_t dst_host, uint32_t channel) override;
  void SetTimer(uint32_t host, uint64_t delay_ps, uint32_t key, uint64_t cookie) override;

  // HostLogic
  void OnFrame(uint32_t host, uint32_t frame) override;
  void OnPortFree(uint32_t host) override;
  void OnResume(uint32_t host) override;
  void OnTransmitted(uint32_t host, uint32_t ref) override;
  void OnQueuePairTimer(uint32_t ref) override;
  void OnHostTimer(uint32_t ref) override;
  void Prefetch(EventClass event_class, uint32_t fact, uint32_t ref) override;
  void OnForeignGone(uint32_t frame, bool is_dropped) override;

  const NicConfig& Config() const { return m_config; }
  const NicCounters& Counters() const { return m_counters; }
  uint32_t QueuePairCount() const { return m_send.Size(); }
  const SendQueuePair& QueuePair(uint32_t index) const { return m_send[index]; }
  // Queue pairs that have sent something which is not acknowledged, in order of hosts and channel.
  std::vector<uint32_t> UnfinishedQueuePairs() const;
  // Frames that hosts hold: control frames that wait for their port, and data that came early.
  uint32_t HeldFrames() const;

 private:
  struct Host {
    uint32_t active_head = kNone;  // round of queue pairs with something to send
    uint32_t active_tail = kNone;
    uint32_t control_head = kNoFrame;  // waiting acknowledgements and notifications
    uint32_t control_tail = kNoFrame;
    bool is_pull_set = false;  // a port-free event is under way
    uint32_t foreign_queue_pair = kNone;
  };
  struct PathProfile {
    PathModel model;
    uint64_t window_bytes;
    uint64_t timeout_ps;
    uint64_t last_size_bytes = kNeverPs;  // IdealPs() of the last size asked for
    uint64_t last_ideal_ps = 0;
  };
  struct Timer {
    uint32_t host;
    uint64_t cookie;
  };

  uint32_t FindQueuePair(uint32_t src_host, uint32_t dst_host, uint32_t channel);
  uint32_t OpenQueuePair(uint32_t src_host, uint32_t dst_host, uint32_t channel);
  void MakeCongestionControl(SendQueuePair& qp);
  uint32_t FindProfile(uint32_t src_host, uint32_t dst_host, uint32_t hash, uint32_t reverse_hash);
  uint64_t TimeoutPs(const PathModel& model, bool is_scale_up) const;

  bool IsAckDue(const SendQueuePair& qp) const;
  bool CanSend(SendQueuePair& qp, uint64_t at_ps);
  bool MayLeave(const SendQueuePair& qp, uint64_t at_ps) const;
  void Activate(uint32_t qp_index);
  void Kick(uint32_t host_index);
  bool IsHeldBack(uint32_t host_index, uint8_t traffic_class) const {
    return m_has_pfc && m_fabric.IsHostPaused(host_index, traffic_class);
  }
  void Pull(uint32_t host_index);
  void Emit(uint32_t host_index, uint32_t qp_index, SendQueuePair& qp);
  void EmitLost(uint32_t host_index, uint32_t qp_index, SendQueuePair& qp);
  bool HasForeign(uint32_t host_index) const;
  void EmitForeign(uint32_t host_index);
  void PullForeign(uint32_t host_index);
  bool AsksForAck(SendQueuePair& qp) const;
  uint32_t MakeDataFrame(uint32_t host_index, SendQueuePair& qp);
  void AfterEmit(SendQueuePair& qp, uint32_t frame_bytes);
  void NoteRetransmission(SendQueuePair& qp);
  void LoadMessage(SendQueuePair& qp, uint32_t index);
  void SetRetransmitTimer(uint32_t qp_index, SendQueuePair& qp, uint64_t deadline_ps);
  void WakeLater(SendQueuePair& qp, uint32_t qp_index);

  void OnForeignFrame(uint32_t host, uint32_t frame_index);
  void OnData(uint32_t host, uint32_t frame_index, Frame& frame);
  void OnAck(uint32_t frame_index, const Frame& frame);
  void Acknowledge(SendQueuePair& qp, uint32_t psn);
  void CompleteMessages(SendQueuePair& qp, uint32_t psn);
  void Rewind(SendQueuePair& qp);
  SackScoreboard& Scoreboard(SendQueuePair& qp);
  bool NoteArrival(SendQueuePair& qp, uint32_t psn, uint16_t size_bytes);
  void NoteTrimmed(SendQueuePair& qp, uint32_t psn);
  void Deliver(uint32_t host, const ReceiveQueuePair& qp, const Frame& frame, uint64_t size_bytes);
  void OnEarlyData(uint32_t host, uint32_t frame_index, ReceiveQueuePair& qp);
  void OnTrimmedData(uint32_t host, uint32_t frame_index, ReceiveQueuePair& qp);
  void CloseGap(uint32_t host, uint32_t frame_index, ReceiveQueuePair& qp);
  uint64_t Accept(const Frame& frame, ReceiveQueuePair& qp);
  void Respond(uint32_t host, uint32_t frame_index, FrameType type, ReceiveQueuePair& qp,
               uint8_t flags = 0);
  void NotifyCongestion(uint32_t host, const Frame& frame, ReceiveQueuePair& qp);
  void SendControl(uint32_t host, uint32_t frame_index);
  void OnRetransmitTimer(uint32_t qp_index, SendQueuePair& qp);

  // What the framing of a queue pair's link adds, where packets are made and taken apart.
  struct LinkSizes {
    uint32_t payload_bytes;
    uint32_t header_bytes;
    uint32_t first_bytes;
    uint32_t ack_bytes;
  };
  void SetLinkClasses();
  uint8_t LinkClassOf(uint32_t host) const {
    return host < m_config.link_class_of_host.size() ? m_config.link_class_of_host[host] : 0;
  }
  LinkClass ClassAt(uint8_t link_class) const;
  const LinkSizes& SizesOf(uint8_t link_class) const { return m_link_sizes[link_class]; }
  uint32_t PayloadBytes(const SendQueuePair& qp) const;

  Fabric& m_fabric;
  NicConfig m_config;
  const bool m_has_congestion_control;
  const bool m_has_pfc;
  const uint64_t m_small_window_bytes;  // that a receiver may be silent about: see AsksForAck()
  const uint32_t m_extra_header_bytes;  // telemetry, in data frames and acknowledgements
  std::array<LinkSizes, kLinkClassesMax> m_link_sizes{};
  TransportListener* m_listener = nullptr;
  FlowObserver* m_flow_observer = nullptr;
  ForeignTraffic* m_foreign = nullptr;
  std::vector<Host> m_hosts;
  Slab<SendQueuePair> m_send;
  Slab<ReceiveQueuePair> m_receive;
  Slab<Message> m_messages;
  Slab<Timer> m_timers;
  std::vector<PathProfile> m_profiles;
  std::unordered_map<uint64_t, uint32_t> m_queue_pairs;  // by (src, dst, channel); never iterated
  std::map<std::vector<uint64_t>, uint32_t> m_profile_index;  // by the hops of both ways
  NicCounters m_counters;
};

}  // namespace ddlsim
