// SPDX-License-Identifier: MIT
//
// ns-3's applications and RDMA traffic on the same links.
#include "internet/test-internet.h"
#include "ns3/applications-module.h"
#include "ns3/flow-monitor-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"

namespace ddlsim {
namespace {

using ns3::ddl::InternetHelper;

constexpr uint64_t k100G = 100000000000;
constexpr uint32_t kSegmentBytes = 8960;
constexpr uint16_t kPort = 5000;

// TCP for data centres: large segments and buffers; ns-3's timestamps count milliseconds.
void ConfigureTcp() {
  ns3::Config::SetDefault("ns3::TcpSocket::SegmentSize", ns3::UintegerValue(kSegmentBytes));
  ns3::Config::SetDefault("ns3::TcpSocket::SndBufSize", ns3::UintegerValue(4 << 20));
  ns3::Config::SetDefault("ns3::TcpSocket::RcvBufSize", ns3::UintegerValue(4 << 20));
  ns3::Config::SetDefault("ns3::TcpSocketBase::Timestamp", ns3::BooleanValue(false));
}

class CoexistenceTest : public InternetTest {
 protected:
  ns3::Ptr<ns3::PacketSink> Bulk(InternetHelper& internet, uint32_t src, uint32_t dst,
                                 uint64_t bytes) {
    ns3::PacketSinkHelper sink("ns3::TcpSocketFactory",
                               ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), kPort));
    auto sinks = sink.Install(internet.GetNode(dst));
    ns3::BulkSendHelper bulk("ns3::TcpSocketFactory",
                             ns3::InetSocketAddress(InternetHelper::GetAddress(dst), kPort));
    bulk.SetAttribute("MaxBytes", ns3::UintegerValue(bytes));
    bulk.SetAttribute("SendSize", ns3::UintegerValue(kSegmentBytes * 16));
    bulk.Install(internet.GetNode(src));
    return ns3::DynamicCast<ns3::PacketSink>(sinks.Get(0));
  }
};

TEST_F(CoexistenceTest, BulkSendFillsAnIdleLink) {
  ConfigureTcp();
  TestNetwork& network = Build(BuildStar(2, {}, Link(k100G, 1000000)));
  InternetHelper internet;
  internet.Install(network.nic);
  const auto sink = Bulk(internet, 0, 1, 0);
  uint64_t before = 0, after = 0;
  ns3::Simulator::Schedule(ns3::MilliSeconds(1), [&] { before = sink->GetTotalRx(); });
  ns3::Simulator::Schedule(ns3::MilliSeconds(3), [&] { after = sink->GetTotalRx(); });
  ns3::Simulator::Stop(ns3::MilliSeconds(3) + ns3::NanoSeconds(1));
  ns3::Simulator::Run();
  const double bound_bps = k100G * double{kSegmentBytes} / (kSegmentBytes + 40 + 18 + 20);
  const double goodput_bps = static_cast<double>(after - before) * 8 / 2e-3;
  EXPECT_GT(goodput_bps, 0.95 * bound_bps);
  EXPECT_LE(goodput_bps, 1.001 * bound_bps);
}

// Two hosts send to a third, one by RDMA and one by TCP: neither starves, and both end.
TEST_F(CoexistenceTest, TcpAndRdmaShareAPort) {
  ConfigureTcp();
  TestNetwork& network = Build(BuildStar(3, {}, Link(k100G, 1000000)));
  InternetHelper internet;
  internet.Install(network.nic);
  constexpr uint64_t kBytes = 8 << 20;
  const auto sink = Bulk(internet, 0, 2, kBytes);
  network.nic.SendMessage(1, 2, 0, kBytes, 1);
  network.nic.SendMessage(0, 2, 0, kBytes, 2);  // the same host port as the bulk transfer
  uint64_t midway = 0;
  ns3::Simulator::Schedule(ns3::MilliSeconds(1), [&] {
    midway = sink->GetTotalRx();
    EXPECT_TRUE(network.received_ps.empty());
  });
  ns3::Simulator::Run();
  EXPECT_GT(midway, 1u << 20);
  EXPECT_EQ(sink->GetTotalRx(), kBytes);
  EXPECT_EQ(network.received_ps.size(), 2u);
  ExpectConserved(*internet.GetChannel());
}

// A host's port takes one packet of each in turn: a queue pair and a stream of equal frames get
// half the link each.
TEST_F(CoexistenceTest, TheHostPortTakesTurns) {
  NicConfig nic;
  nic.payload_bytes = 4096;
  TestNetwork& network = Build(BuildPair(Link(k100G, 100000)), {}, nic);
  InternetHelper internet;
  internet.SetQueueSize("10000p");
  internet.Install(network.nic);
  network.nic.SendMessage(0, 1, 0, 1000 * 4096, 1);
  const auto socket =
      ns3::Socket::CreateSocket(internet.GetNode(0), ns3::UdpSocketFactory::GetTypeId());
  socket->Connect(ns3::InetSocketAddress(InternetHelper::GetAddress(1), 7));
  const auto sink =
      ns3::Socket::CreateSocket(internet.GetNode(1), ns3::UdpSocketFactory::GetTypeId());
  sink->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), 7));
  // With 14 + 20 + 8 before and 4 behind, the size of a RoCE frame of 4096 bytes.
  for (int i = 0; i < 1000; ++i) socket->Send(ns3::Create<ns3::Packet>(4096 + 62 - 46));
  uint64_t data_packets = 0, foreign = 0;
  ns3::Simulator::Schedule(ns3::MicroSeconds(200), [&] {
    data_packets = network.nic.Counters().data_packets;
    foreign = internet.GetChannel()->Entered();
  });
  ns3::Simulator::Run();
  EXPECT_GT(foreign, 200u);
  EXPECT_NEAR(static_cast<double>(data_packets), static_cast<double>(foreign), 2.0);
  EXPECT_EQ(network.received_ps.size(), 1u);
}

TEST_F(CoexistenceTest, FlowMonitorAgreesWithTheFabric) {
  ConfigureTcp();
  SwitchConfig switches;
  switches.buffer_bytes = 200000;
  TestNetwork& network = Build(BuildStar(4, switches, Link(k100G, 1000000, 1e-3)));
  InternetHelper internet;
  internet.Install(network.nic);
  std::vector<ns3::Ptr<ns3::PacketSink>> sinks;
  sinks.push_back(Bulk(internet, 0, 3, 4 << 20));
  ns3::BulkSendHelper bulk("ns3::TcpSocketFactory",
                           ns3::InetSocketAddress(InternetHelper::GetAddress(3), kPort));
  bulk.SetAttribute("MaxBytes", ns3::UintegerValue(4 << 20));
  bulk.Install(internet.GetNode(1));
  network.nic.SendMessage(2, 3, 0, 8 << 20, 1);
  ns3::FlowMonitorHelper helper;
  const auto monitor = helper.Install(internet.GetNodes());
  ns3::Simulator::Stop(ns3::Seconds(20));
  ns3::Simulator::Run();
  monitor->CheckForLostPackets(ns3::Seconds(0));
  uint64_t tx = 0, rx = 0, lost = 0;
  for (const auto& [id, stats] : monitor->GetFlowStats()) {
    tx += stats.txPackets;
    rx += stats.rxPackets;
    lost += stats.lostPackets;
  }
  EXPECT_EQ(monitor->GetFlowStats().size(), 4u);  // two connections, both ways
  EXPECT_EQ(tx, internet.GetChannel()->Entered());
  EXPECT_EQ(rx, internet.GetChannel()->Arrived());
  EXPECT_EQ(lost, internet.GetChannel()->Dropped() + internet.GetChannel()->Lost());
  EXPECT_GT(lost, 0u);
  EXPECT_EQ(sinks[0]->GetTotalRx(), 8u << 20);
  EXPECT_EQ(network.received_ps.size(), 1u);
  ExpectConserved(*internet.GetChannel());
}

// Without ns-3 traffic the devices change nothing, to the picosecond.
TEST_F(CoexistenceTest, IdleDevicesChangeNothing) {
  const auto traffic = [](TestNetwork& network) {
    for (uint32_t src = 0; src < 4; ++src) {
      for (uint32_t dst = 0; dst < 4; ++dst) {
        if (src != dst) network.nic.SendMessage(src, dst, 0, 100000, src * 4 + dst);
      }
    }
  };
  const NetworkGraph graph = BuildStar(4, {}, Link(k100G, 500000, 1e-3));
  TestNetwork reference(graph, {}, {});
  traffic(reference);
  reference.Run();
  TestNetwork& network = Build(graph);
  InternetHelper internet;
  internet.Install(network.nic);
  traffic(network);
  ns3::Simulator::Run();
  EXPECT_EQ(network.received_ps, reference.received_ps);
  EXPECT_EQ(network.fabric.Counters().events, reference.fabric.Counters().events);
}

}  // namespace
}  // namespace ddlsim
