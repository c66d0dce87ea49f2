// SPDX-License-Identifier: MIT
//
// Whatever the network, its load and its troubles: every run ends, nothing disappears, every
// message arrives once and in order, and a second run is the same. DDL_SEED=N runs one seed (and
// says what it stands for), DDL_SEEDS=N the first N.
#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "anomaly/frame-ledger.h"
#include "anomaly/random-network.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

constexpr uint64_t kEventsMax = 60000000;  // of a run that does not end
constexpr uint64_t kMidwayPs = 150000000;  // some messages are on their way, some to come

struct Outcome {
  bool has_ended = false;
  bool is_locked_up = false;  // flow control waits in a circle, and says so
  std::map<uint64_t, uint64_t> received_ps;
  FabricCounters counters;
  NicCounters nic;

  bool operator==(const Outcome& other) const {
    return received_ps == other.received_ps && counters.events == other.counters.events &&
           counters.frame_hops == other.counters.frame_hops &&
           counters.dropped_frames == other.counters.dropped_frames &&
           counters.lost_frames == other.counters.lost_frames &&
           counters.ecn_marked_frames == other.counters.ecn_marked_frames &&
           nic.retransmitted_packets == other.nic.retransmitted_packets &&
           nic.timeouts == other.nic.timeouts;
  }
};

class RandomRun {
 public:
  explicit RandomRun(const RandomNetwork& plan)
      : m_plan(plan), m_network(plan.graph, plan.fabric, plan.nic), m_ledger(m_network.fabric) {
    m_network.fabric.SetPacketObserver(&m_ledger);
  }

  Outcome Execute() {
    PlanOutages();
    m_network.on_timer = [this](uint32_t, uint64_t i) { Send(i); };
    m_network.on_received = [this](uint32_t, uint64_t i) { NoteReceived(i); };
    for (uint64_t i = 0; i < m_plan.messages.size(); ++i) {
      m_network.nic.SetTimer(m_plan.messages[i].src_host, m_plan.messages[i].start_ps,
                             static_cast<uint32_t>(i), i);
    }
    m_network.fabric.PauseAt(kEventsMax);
    m_network.fabric.RunUntil(kMidwayPs);
    CheckMidway();
    m_network.Run();
    Outcome outcome;
    const FlowControl* pfc = m_network.fabric.Pfc();
    outcome.is_locked_up = pfc != nullptr && !pfc->Deadlock().empty();
    outcome.has_ended = m_network.fabric.Idle();
    outcome.received_ps = m_network.received_ps;
    outcome.counters = m_network.fabric.Counters();
    outcome.nic = m_network.nic.Counters();
    if (outcome.has_ended) CheckEnd();
    return outcome;
  }

 private:
  using QueuePairKey = std::tuple<uint32_t, uint32_t, uint32_t>;
  QueuePairKey KeyOf(uint64_t i) const {
    const RandomMessage& message = m_plan.messages[i];
    return {message.src_host, message.dst_host, message.channel};
  }

  void PlanOutages() {
    for (const RandomOutage& outage : m_plan.outages) {
      const GraphLinkInfo& link = m_plan.graph.Links()[outage.link];
      for (uint32_t port = 0; port < m_network.fabric.PortDetails().size(); ++port) {
        const PortDetail& detail = m_network.fabric.PortDetails()[port];
        if (detail.from != link.a || detail.to != link.b) continue;
        m_network.fabric.PlanLinkChange(port, outage.begin_ps, false);
        m_network.fabric.PlanLinkChange(port, outage.end_ps, true);
      }
    }
  }

  void Send(uint64_t i) {
    const RandomMessage& message = m_plan.messages[i];
    m_sent[KeyOf(i)].push_back(i);
    m_network.nic.SendMessage(message.src_host, message.dst_host, message.channel,
                              message.size_bytes, i);
  }

  // In the order of sending, once each.
  void NoteReceived(uint64_t i) {
    const QueuePairKey key = KeyOf(i);
    const size_t position = m_received[key]++;
    ASSERT_LT(position, m_sent[key].size());
    EXPECT_EQ(m_sent[key][position], i);
  }

  // Every frame in memory is some flow's, in flight or held by a NIC, or flow control's own.
  void CheckMidway() {
    const FabricCounters counters = m_network.fabric.Counters();
    uint64_t pause_frames = counters.pause_frames - counters.pause_frames_received;
    for (uint32_t i = 0; i < m_network.fabric.Ports().size(); ++i) {
      pause_frames -= m_ledger.PauseFramesLost(i);
    }
    EXPECT_EQ(m_ledger.InFlight() + m_network.nic.HeldFrames() + pause_frames,
              m_network.fabric.Frames().InUse());
  }

  void CheckEnd() {
    m_ledger.CheckEnd();
    EXPECT_EQ(m_network.received_ps.size(), m_plan.messages.size());
    EXPECT_EQ(m_network.acknowledged_ps.size(), m_plan.messages.size());
    for (uint32_t index : m_network.nic.UnfinishedQueuePairs()) {
      const SendQueuePair& qp = m_network.nic.QueuePair(index);
      ADD_FAILURE() << "queue pair " << qp.src_host << " -> " << qp.dst_host << ", channel "
                    << qp.channel << ": una " << qp.una_psn << ", next " << qp.next_psn
                    << ", in flight " << qp.InFlightBytes() << " of " << qp.window_bytes
                    << ", timeouts " << qp.timeouts << (qp.is_failed ? ", failed" : "")
                    << (qp.has_lost ? ", lost" : "") << (qp.is_active ? ", active" : "")
                    << (qp.is_timer_set ? ", timer" : "");
    }
    EXPECT_TRUE(m_network.IsConserved());
    EXPECT_EQ(m_network.fabric.Frames().InUse(), 0u);
    uint64_t bytes = 0;
    for (const RandomMessage& message : m_plan.messages) bytes += message.size_bytes;
    EXPECT_EQ(m_network.bytes_received, bytes);
    CheckSwitches();
  }

  // What comes into a switch goes out of it, is dropped, or was a pause frame; queues are empty.
  void CheckSwitches() {
    std::map<uint32_t, int64_t> balance;
    for (uint32_t i = 0; i < m_network.fabric.Ports().size(); ++i) {
      const Port& port = m_network.fabric.Ports()[i];
      const PortDetail& detail = m_network.fabric.PortDetails()[i];
      const auto arrived =
          static_cast<int64_t>(port.Frames() - detail.lost_frames - detail.pause_frames_received);
      balance[detail.to] += arrived;
      balance[detail.from] -=
          static_cast<int64_t>(port.Frames() - detail.pause_frames + detail.dropped_frames);
      EXPECT_EQ(m_network.fabric.QueuedBytes(i), 0u);
    }
    for (const auto& [node, frames] : balance) {
      if (node >= m_network.fabric.HostCount()) {
        EXPECT_EQ(frames, 0) << "node " << node;
      }
    }
  }

  const RandomNetwork& m_plan;
  TestNetwork m_network;
  FrameLedger m_ledger;
  std::map<QueuePairKey, std::vector<uint64_t>> m_sent;
  std::map<QueuePairKey, size_t> m_received;
};

uint64_t Number(const char* name, uint64_t initial) {
  const char* text = std::getenv(name);
  return text == nullptr ? initial : std::strtoull(text, nullptr, 10);
}

TEST(RandomNetwork, EveryRunEndsConservesAndRepeats) {
  const uint64_t only = Number("DDL_SEED", 0);
  const uint64_t first = only != 0 ? only : 1;
  const uint64_t last = only != 0 ? only : Number("DDL_SEEDS", 60);
  uint64_t locked_up = 0;
  for (uint64_t seed = first; seed <= last; ++seed) {
    const RandomNetwork plan = MakeRandomNetwork(seed);
    SCOPED_TRACE("DDL_SEED=" + std::to_string(seed) +
                 " ./ns3 test -R random-network: " + plan.description);
    if (only != 0) std::printf("seed %" PRIu64 ": %s\n", seed, plan.description.c_str());
    const Outcome outcome = RandomRun(plan).Execute();
    EXPECT_TRUE(outcome.has_ended || outcome.is_locked_up);
    EXPECT_TRUE(outcome == RandomRun(plan).Execute());
    locked_up += outcome.is_locked_up ? 1 : 0;
    if (HasFailure()) break;
  }
  std::printf("%" PRIu64 " runs, %" PRIu64 " of them locked up by flow control\n", last - first + 1,
              locked_up);
}

}  // namespace
}  // namespace ddlsim
