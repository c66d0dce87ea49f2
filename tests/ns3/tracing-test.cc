// SPDX-License-Identifier: MIT
//
// Trace sources see each event once, and nothing changes because somebody looks.
#include "ddl-tracing.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "congestion/dcqcn.h"
#include "congestion/test-congestion.h"
#include "fabric/test-network.h"
#include "ns3/core-module.h"

namespace ddlsim {
namespace {

std::unique_ptr<TestNetwork> MakeStar() {
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 1000000;
  link.loss = 0.002;
  SwitchConfig switches;
  switches.buffer_bytes = 150000;
  FabricConfig fabric;
  fabric.ecn.kmin_bytes_per_100g = 20000;
  NicConfig nic;
  nic.cnp_interval_ps = 10000000;
  Use<Dcqcn>(nic);
  return std::make_unique<TestNetwork>(BuildStar(5, switches, link), fabric, nic);
}

void RunIncast(TestNetwork& network) {
  for (uint32_t src = 1; src < 5; ++src) network.nic.SendMessage(src, 0, 0, 500000, src);
  network.Run();
}

std::map<std::string, uint64_t> g_counts;  // sinks of trace sources without context are functions

void PacketAtHost(uint32_t, const Frame&, ns3::Time) {
  ++g_counts["sent"];
}
void Received(uint32_t host, const Frame& frame, ns3::Time time) {
  EXPECT_EQ(host, frame.dst_host);
  EXPECT_GE(static_cast<uint64_t>(time.GetPicoSeconds()), frame.sent_ps);
  ++g_counts["received"];
}
void Retransmission(uint32_t, const Frame&, ns3::Time) {
  ++g_counts["retransmission"];
}
void CnpSent(uint32_t host, const Frame&, ns3::Time) {
  EXPECT_EQ(host, 0u);
  ++g_counts["cnp"];
}
void Dropped(const std::string& node, const std::string& peer, const Frame&) {
  EXPECT_EQ(node + peer, "switch-0host-0");
  ++g_counts["dropped"];
}
void Lost(const std::string&, const std::string&, const Frame&) {
  ++g_counts["lost"];
}
void Marked(const std::string& node, const std::string&, const Frame& frame) {
  EXPECT_EQ(node, "switch-0");
  EXPECT_NE(frame.flags & kEcnMarked, 0);
  ++g_counts["marked"];
}
void MessageReceived(const FlowRecord& record) {
  EXPECT_EQ(record.size_bytes, 500000u);
  ++g_counts["message"];
}
void Timeout(uint32_t, uint32_t, uint32_t, uint32_t timeouts) {
  EXPECT_GE(timeouts, 1u);
  ++g_counts["timeout"];
}
void RateChanged(uint32_t src, uint32_t dst, uint32_t, double rate_bps) {
  EXPECT_GE(src, 1u);
  EXPECT_EQ(dst, 0u);
  EXPECT_LE(rate_bps, 100e9);
  if (rate_bps < 100e9) ++g_counts["slower"];
}

TEST(Tracing, EachEventOnceAndNothingChanges) {
  if (ns3::Time::GetResolution() != ns3::Time::PS) ns3::Time::SetResolution(ns3::Time::PS);
  auto reference = MakeStar();
  RunIncast(*reference);
  auto network = MakeStar();
  const auto tracing = ns3::CreateObject<ns3::ddl::Tracing>();
  const auto connect = [&tracing](const char* name, const ns3::CallbackBase& sink) {
    EXPECT_TRUE(tracing->TraceConnectWithoutContext(name, sink)) << name;
  };
  EXPECT_FALSE(tracing->WatchesPackets() || tracing->WatchesMessages());
  connect("PacketSent", ns3::MakeCallback(&PacketAtHost));
  connect("PacketReceived", ns3::MakeCallback(&Received));
  connect("Retransmission", ns3::MakeCallback(&Retransmission));
  connect("CnpSent", ns3::MakeCallback(&CnpSent));
  connect("PacketDropped", ns3::MakeCallback(&Dropped));
  connect("PacketLost", ns3::MakeCallback(&Lost));
  connect("PacketMarked", ns3::MakeCallback(&Marked));
  connect("MessageReceived", ns3::MakeCallback(&MessageReceived));
  connect("Timeout", ns3::MakeCallback(&Timeout));
  connect("RateChanged", ns3::MakeCallback(&RateChanged));
  g_counts.clear();
  tracing->Attach(network->fabric, network->nic);
  RunIncast(*network);
  const FabricCounters fabric = network->fabric.Counters();
  const NicCounters& nic = network->nic.Counters();
  EXPECT_EQ(g_counts["sent"], fabric.injected_frames);
  EXPECT_EQ(g_counts["received"], fabric.delivered_frames);
  EXPECT_EQ(g_counts["retransmission"], nic.retransmitted_packets);
  EXPECT_EQ(g_counts["cnp"], nic.cnps);
  EXPECT_EQ(g_counts["dropped"], fabric.dropped_frames);
  EXPECT_EQ(g_counts["lost"], fabric.lost_frames);
  EXPECT_EQ(g_counts["marked"], fabric.ecn_marked_frames);
  EXPECT_EQ(g_counts["message"], 4u);
  EXPECT_EQ(g_counts["timeout"], nic.timeouts);
  for (const char* name : {"cnp", "dropped", "lost", "marked", "retransmission", "slower"}) {
    EXPECT_GT(g_counts[name], 0u) << name;
  }
  EXPECT_EQ(network->received_ps, reference->received_ps);
  EXPECT_EQ(network->acknowledged_ps, reference->acknowledged_ps);
  EXPECT_EQ(fabric.events, reference->fabric.Counters().events);
}

TEST(Tracing, EverySourceSaysWhatItIs) {
  const ns3::TypeId tid = ns3::ddl::Tracing::GetTypeId();
  EXPECT_EQ(tid.GetTraceSourceN(), 16u);
  for (size_t i = 0; i < tid.GetTraceSourceN(); ++i) {
    EXPECT_GT(tid.GetTraceSource(i).help.size(), 20u) << tid.GetTraceSource(i).name;
  }
}

}  // namespace
}  // namespace ddlsim
