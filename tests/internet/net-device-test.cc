// SPDX-License-Identifier: MIT
//
// The device by itself: times to the picosecond, drops, marks, copies to all, and no packet that
// is lost sight of.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "internet/test-internet.h"
#include "ns3/applications-module.h"
#include "ns3/internet-apps-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/traffic-control-module.h"

namespace ddlsim {
namespace {

using ns3::ddl::InternetHelper;

constexpr uint64_t k100G = 100000000000;

uint64_t WirePs(uint32_t ip_bytes, uint64_t rate_bps) {
  return SerializationPs(std::max(ip_bytes + 18, 64u) + kWireOverheadBytes, rate_bps);
}

uint64_t NowPs() {
  return static_cast<uint64_t>(ns3::Simulator::Now().GetTimeStep());
}

class NetDeviceTest : public InternetTest {};

// Two hops each way: ping of 56 bytes is 84 bytes of IP.
TEST_F(NetDeviceTest, PingTakesTheClosedForm) {
  SwitchConfig switches;
  switches.latency_ps = 300000;
  TestNetwork& network = Build(BuildStar(3, switches, Link(k100G, 500000)));
  InternetHelper internet;
  internet.Install(network.nic);
  ns3::V4Ping ping;
  auto app = ns3::CreateObject<ns3::V4Ping>();
  app->SetAttribute("Remote", ns3::Ipv4AddressValue(InternetHelper::GetAddress(2)));
  app->SetAttribute("Size", ns3::UintegerValue(56));
  app->SetStopTime(ns3::MilliSeconds(500));
  std::vector<uint64_t> rtts_ps;
  app->TraceConnectWithoutContext("Rtt",
                                  ns3::MakeBoundCallback(
                                      +[](std::vector<uint64_t>* rtts, ns3::Time rtt) {
                                        rtts->push_back(static_cast<uint64_t>(rtt.GetTimeStep()));
                                      },
                                      &rtts_ps));
  internet.GetNode(0)->AddApplication(app);
  ns3::Simulator::Stop(ns3::Seconds(1));
  ns3::Simulator::Run();
  const uint64_t rtt_ps = 4 * (WirePs(84, k100G) + 500000) + 2 * 300000;
  EXPECT_EQ(rtts_ps, std::vector<uint64_t>{rtt_ps});
  ExpectConserved(*internet.GetChannel());
}

// Without neighbour entries ARP asks everyone, and the answer comes as fast.
TEST_F(NetDeviceTest, ArpAsksAllHosts) {
  TestNetwork& network = Build(BuildStar(5, {}, Link(k100G, 500000)));
  InternetHelper internet;
  internet.SetNeighbours(false);
  internet.Install(network.nic);
  ns3::UdpEchoServerHelper server(9);
  server.Install(internet.GetNode(4)).Start(ns3::Seconds(0));
  ns3::UdpEchoClientHelper client(InternetHelper::GetAddress(4), 9);
  client.SetAttribute("MaxPackets", ns3::UintegerValue(1));
  client.SetAttribute("PacketSize", ns3::UintegerValue(1000));
  auto apps = client.Install(internet.GetNode(0));
  apps.Start(ns3::MicroSeconds(1));
  std::vector<uint64_t> answers_ps;
  apps.Get(0)->TraceConnectWithoutContext(
      "Rx", ns3::MakeBoundCallback(
                +[](std::vector<uint64_t>* times, ns3::Ptr<const ns3::Packet>) {
                  times->push_back(NowPs());
                },
                &answers_ps));
  ns3::Simulator::Stop(ns3::MilliSeconds(200));
  ns3::Simulator::Run();
  ASSERT_EQ(answers_ps.size(), 1u);
  // One request to each of the four others, two answers (the server asks as well).
  EXPECT_EQ(internet.GetChannel()->Entered(), 4u + 1 + 4 + 1 + 2);
  ExpectConserved(*internet.GetChannel());
}

// The queue takes what it holds and drops the rest; with flow control, what is above holds it back:
// a queue disc, if there is one.
TEST_F(NetDeviceTest, QueueDropsAndBackpressure) {
  struct Case {
    bool has_flow_control, has_disc;
    uint32_t drops, arrived;
  };
  // One packet leaves at once, ten wait.
  for (const Case& each :
       {Case{false, false, 89, 11}, {true, false, 0, 11}, {true, true, 0, 100}}) {
    TestNetwork& network = Build(BuildPair(Link(1000000000, 1000000)));
    InternetHelper internet;
    internet.SetQueueSize("10p");
    internet.SetFlowControl(each.has_flow_control);
    internet.Install(network.nic);
    if (each.has_disc) {
      ns3::TrafficControlHelper disc;
      disc.SetRootQueueDisc("ns3::FifoQueueDisc", "MaxSize", ns3::StringValue("1000p"));
      disc.Install(internet.GetDevices());
    }
    uint32_t drops = 0, arrived = 0;
    const auto count = +[](uint32_t* count, ns3::Ptr<const ns3::Packet>) { ++*count; };
    internet.GetDevice(0)->TraceConnectWithoutContext("MacTxDrop",
                                                      ns3::MakeBoundCallback(count, &drops));
    internet.GetDevice(1)->TraceConnectWithoutContext("MacRx",
                                                      ns3::MakeBoundCallback(count, &arrived));
    const auto socket =
        ns3::Socket::CreateSocket(internet.GetNode(0), ns3::UdpSocketFactory::GetTypeId());
    socket->Connect(ns3::InetSocketAddress(InternetHelper::GetAddress(1), 7));
    // Nodes and queue discs are initialised at the beginning of the run.
    ns3::Simulator::Schedule(ns3::MicroSeconds(1), [&] {
      for (int i = 0; i < 100; ++i) socket->Send(ns3::Create<ns3::Packet>(1000));
    });
    ns3::Simulator::Run();
    EXPECT_EQ(drops, each.drops);
    EXPECT_EQ(arrived, each.arrived);
    ExpectConserved(*internet.GetChannel());
    m_impl->Detach();
    m_network = nullptr;
    m_impl = nullptr;
    ns3::Simulator::Destroy();
    SetUp();
  }
}

// Frames that a switch drops and links lose give their packets back.
TEST_F(NetDeviceTest, DroppedAndLostPacketsAreAccountedFor) {
  SwitchConfig switches;
  switches.buffer_bytes = 20000;
  TestNetwork& network = Build(BuildStar(5, switches, Link(k100G, 500000, 0.05)));
  InternetHelper internet;
  internet.Install(network.nic);
  uint64_t dropped = 0, lost = 0;
  const auto count = +[](uint64_t* count, ns3::Ptr<const ns3::Packet>) { ++*count; };
  internet.GetChannel()->TraceConnectWithoutContext("Drop",
                                                    ns3::MakeBoundCallback(count, &dropped));
  internet.GetChannel()->TraceConnectWithoutContext("Loss", ns3::MakeBoundCallback(count, &lost));
  std::vector<ns3::Ptr<ns3::Socket>> sockets;
  for (uint32_t host = 1; host < 5; ++host) {
    sockets.push_back(
        ns3::Socket::CreateSocket(internet.GetNode(host), ns3::UdpSocketFactory::GetTypeId()));
    sockets.back()->Connect(ns3::InetSocketAddress(InternetHelper::GetAddress(0), 7));
    for (int i = 0; i < 200; ++i) sockets.back()->Send(ns3::Create<ns3::Packet>(1000));
  }
  ns3::Simulator::Run();
  const FabricCounters counters = network.fabric.Counters();
  EXPECT_EQ(internet.GetChannel()->Dropped(), counters.dropped_frames);
  EXPECT_EQ(internet.GetChannel()->Lost(), counters.lost_frames);
  EXPECT_EQ(dropped, counters.dropped_frames);
  EXPECT_EQ(lost, counters.lost_frames);
  EXPECT_GT(dropped, 100u);
  EXPECT_GT(lost, 20u);
  ExpectConserved(*internet.GetChannel());
}

// What the fabric marks arrives as Congestion Experienced, where the sender is ECN-capable.
TEST_F(NetDeviceTest, MarksBecomeCongestionExperienced) {
  FabricConfig fabric;
  fabric.ecn.kmin_bytes_per_100g = 3000;
  fabric.ecn.kmax_bytes_per_100g = 3001;
  TestNetwork& network = Build(BuildStar(4, {}, Link(k100G, 500000)), fabric);
  InternetHelper internet;
  internet.Install(network.nic);
  uint32_t seen[4] = {};
  internet.GetNode(0)->GetObject<ns3::Ipv4L3Protocol>()->TraceConnectWithoutContext(
      "Rx",
      ns3::MakeBoundCallback(
          +[](uint32_t* seen, ns3::Ptr<const ns3::Packet> packet, ns3::Ptr<ns3::Ipv4>, uint32_t) {
            ns3::Ipv4Header ip;
            packet->PeekHeader(ip);
            ++seen[ip.GetEcn()];
          },
          &seen[0]));
  std::vector<ns3::Ptr<ns3::Socket>> sockets;
  for (uint32_t host = 1; host < 4; ++host) {
    sockets.push_back(
        ns3::Socket::CreateSocket(internet.GetNode(host), ns3::UdpSocketFactory::GetTypeId()));
    sockets.back()->Connect(ns3::InetSocketAddress(InternetHelper::GetAddress(0), 7));
    if (host != 3) sockets.back()->SetIpTos(2);  // ECT(0)
    for (int i = 0; i < 50; ++i) sockets.back()->Send(ns3::Create<ns3::Packet>(1000));
  }
  ns3::Simulator::Run();
  EXPECT_EQ(seen[ns3::Ipv4Header::ECN_NotECT], 50u);
  EXPECT_EQ(seen[ns3::Ipv4Header::ECN_CE], network.fabric.Counters().ecn_marked_frames);
  EXPECT_GT(seen[ns3::Ipv4Header::ECN_CE], 50u);
  EXPECT_EQ(seen[ns3::Ipv4Header::ECN_CE] + seen[ns3::Ipv4Header::ECN_ECT0], 100u);
}

// Packets above the MTU are cut by IP; a full-size one begins and ends when it should.
TEST_F(NetDeviceTest, TraceSourcesTellTheTimes) {
  TestNetwork& network = Build(BuildPair(Link(k100G, 500000)));
  InternetHelper internet;
  internet.Install(network.nic);
  std::vector<uint64_t> begin_ps, end_ps, arrival_ps;
  const auto note =
      +[](std::vector<uint64_t>* times, ns3::Ptr<const ns3::Packet>) { times->push_back(NowPs()); };
  internet.GetDevice(0)->TraceConnectWithoutContext("PhyTxBegin",
                                                    ns3::MakeBoundCallback(note, &begin_ps));
  internet.GetDevice(0)->TraceConnectWithoutContext("PhyTxEnd",
                                                    ns3::MakeBoundCallback(note, &end_ps));
  internet.GetDevice(1)->TraceConnectWithoutContext("PhyRxEnd",
                                                    ns3::MakeBoundCallback(note, &arrival_ps));
  const auto socket =
      ns3::Socket::CreateSocket(internet.GetNode(0), ns3::UdpSocketFactory::GetTypeId());
  socket->Connect(ns3::InetSocketAddress(InternetHelper::GetAddress(1), 7));
  ns3::Simulator::Schedule(ns3::MicroSeconds(1),
                           [&] { socket->Send(ns3::Create<ns3::Packet>(8972 + 1000)); });
  ns3::Simulator::Run();
  // Fragments of 20 + 8976 and 20 + 1004 bytes: offsets are multiples of 8.
  const uint64_t first_ps = WirePs(20 + 8976, k100G), second_ps = WirePs(20 + 1004, k100G);
  ASSERT_EQ(end_ps.size(), 2u);
  EXPECT_EQ(begin_ps, (std::vector<uint64_t>{1000000, 1000000 + first_ps}));
  EXPECT_EQ(end_ps, (std::vector<uint64_t>{1000000 + first_ps, 1000000 + first_ps + second_ps}));
  ASSERT_GE(arrival_ps.size(), 2u);
  EXPECT_EQ(arrival_ps[0], end_ps[0] + 500000);
  EXPECT_EQ(arrival_ps[1], end_ps[1] + 500000);
}

TEST_F(NetDeviceTest, PcapHoldsEveryPacket) {
  TestNetwork& network = Build(BuildPair(Link(k100G, 500000)));
  auto helper = std::make_unique<InternetHelper>();
  InternetHelper& internet = *helper;
  internet.Install(network.nic);
  const std::string name = ::testing::TempDir() + "ddl-net-device-test.pcap";
  internet.EnablePcap(name, internet.GetDevice(1), false, true);
  const auto socket =
      ns3::Socket::CreateSocket(internet.GetNode(0), ns3::UdpSocketFactory::GetTypeId());
  const auto sink =
      ns3::Socket::CreateSocket(internet.GetNode(1), ns3::UdpSocketFactory::GetTypeId());
  sink->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), 7));
  socket->Connect(ns3::InetSocketAddress(InternetHelper::GetAddress(1), 7));
  for (int i = 0; i < 3; ++i) socket->Send(ns3::Create<ns3::Packet>(100));
  ns3::Simulator::Run();
  m_impl->Detach();
  m_network = nullptr;
  m_impl = nullptr;
  ns3::Simulator::Destroy();
  helper = nullptr;  // closes the file
  SetUp();
  std::ifstream file(name, std::ios::binary | std::ios::ate);
  EXPECT_EQ(static_cast<int>(file.tellg()), 24 + 3 * (16 + 14 + 20 + 8 + 100));
  std::remove(name.c_str());
}

TEST_F(NetDeviceTest, RefusesWhatCannotBe) {
  TestNetwork& network = Build(BuildPair(Link(k100G, 500000)));
  InternetHelper internet;
  internet.Install(network.nic, {0});
  EXPECT_THROW(internet.Install(network.nic), std::logic_error);
  EXPECT_THROW(internet.GetNode(1), std::logic_error);
  EXPECT_FALSE(internet.GetDevice(0)->SetMtu(67));
  // The other host has no device: the packet goes nowhere, and is not forgotten.
  EXPECT_FALSE(internet.GetDevice(0)->Send(ns3::Create<ns3::Packet>(100),
                                           ns3::Mac48Address("02:00:00:00:00:01"), 0x800));
  EXPECT_EQ(internet.GetChannel()->Entered(), 0u);
}

}  // namespace
}  // namespace ddlsim
