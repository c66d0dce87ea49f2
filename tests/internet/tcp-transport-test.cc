// SPDX-License-Identifier: MIT
//
// Messages over ns-3's TCP: order, callbacks, the handshake's time, loss.
#include <map>
#include <memory>
#include <vector>

#include "ddl-tcp-transport.h"
#include "internet/test-internet.h"
#include "ns3/internet-module.h"

namespace ddlsim {
namespace {

using ns3::ddl::InternetHelper;
using ns3::ddl::TcpTransport;

constexpr uint64_t k100G = 100000000000;
constexpr uint32_t kSegmentBytes = 8960;

uint64_t WirePs(uint32_t ip_bytes) {
  return SerializationPs(std::max(ip_bytes + 18, 64u) + kWireOverheadBytes, k100G);
}

class TcpTransportTest : public InternetTest {
 protected:
  void TearDown() override {
    m_transport = nullptr;
    InternetTest::TearDown();
  }

  TcpTransport& Start(const NetworkGraph& graph, const char* variant = "ns3::TcpLinuxReno") {
    ns3::Config::SetDefault("ns3::TcpSocketBase::Timestamp", ns3::BooleanValue(false));
    ns3::Config::SetDefault("ns3::TcpSocketBase::MinRto", ns3::TimeValue(ns3::MilliSeconds(1)));
    ns3::Config::SetDefault("ns3::TcpSocket::DelAckCount", ns3::UintegerValue(1));
    TestNetwork& network = Build(graph);
    m_internet.SetQueueSize("1000000p");
    m_internet.Install(network.nic);
    ns3::ddl::TcpConfig config;
    config.variant = ns3::TypeId::LookupByName(variant);
    config.segment_bytes = kSegmentBytes;
    const ns3::ddl::TcpHosts hosts{[this](uint32_t host) { return m_internet.GetNode(host); },
                                   [](uint32_t host) { return InternetHelper::GetAddress(host); },
                                   [](uint32_t, uint32_t) {}};
    m_transport = std::make_unique<TcpTransport>(network.nic, hosts, config);
    m_transport->SetListener(&network);
    m_transport->SetFlowObserver(&network);
    return *m_transport;
  }

  InternetHelper m_internet;
  std::unique_ptr<TcpTransport> m_transport;
};

// SYN, SYN-ACK, then the data: ns-3 sends its first segment 1 ps after the window opens, behind the
// handshake's last acknowledgement.
TEST_F(TcpTransportTest, ASmallMessageTakesAHandshakeAndATrip) {
  Start(BuildPair(Link(k100G, 1000000))).SendMessage(0, 1, 0, 1000, 7);
  ns3::Simulator::Run();
  const TestNetwork& network = *m_network;
  ASSERT_EQ(network.received_ps.size(), 1u);
  // The handshake's segments carry options; all are small frames.
  const uint64_t received_ps = network.received_ps.at(7);
  const uint64_t least_ps = 3 * 1000000 + 2 * WirePs(40) + WirePs(1040);
  EXPECT_GE(received_ps, least_ps);
  EXPECT_LE(received_ps, least_ps + 3 * WirePs(80));
  EXPECT_LT(network.transmitted_ps.at(7), received_ps);
  EXPECT_GE(network.acknowledged_ps.at(7), received_ps + 1000000 + WirePs(40));
  EXPECT_LE(network.acknowledged_ps.at(7), received_ps + 1000000 + WirePs(80));
  ASSERT_EQ(network.flows.size(), 1u);
  EXPECT_EQ(network.flows[0].ideal_ps, 1000000 + WirePs(1040));
  EXPECT_EQ(m_transport->Counters().connections, 1u);
  ExpectConserved(*m_internet.GetChannel());
}

// A connection that is open costs no handshake: the second message takes the ideal time.
TEST_F(TcpTransportTest, AnOpenConnectionIsUsedAgain) {
  Start(BuildStar(2, {}, Link(k100G, 1000000))).SendMessage(0, 1, 3, 1000, 1);
  m_network->on_received = [this](uint32_t, uint64_t cookie) {
    if (cookie == 1) m_transport->SendMessage(0, 1, 3, 50000, 2);
  };
  ns3::Simulator::Run();
  ASSERT_EQ(m_network->flows.size(), 2u);
  const FlowRecord& flow = m_network->flows[1];
  EXPECT_EQ(flow.end_ps - flow.start_ps, flow.ideal_ps + 1);  // ns-3 sends 1 ps after the call
  EXPECT_EQ(m_transport->Counters().connections, 1u);
}

TEST_F(TcpTransportTest, MessagesArriveInOrderAlsoEmptyOnes) {
  TcpTransport& transport = Start(BuildStar(4, {}, Link(k100G, 1000000, 1e-3)));
  std::vector<uint64_t> sent;
  uint64_t bytes = 0;
  for (uint64_t i = 0; i < 60; ++i) {
    const uint64_t size = i % 3 == 0 ? 0 : i * 20011;
    transport.SendMessage(0, 1, 0, size, i);
    sent.push_back(i);
    bytes += size;
  }
  ns3::Simulator::Run();
  EXPECT_EQ(m_network->order, sent);
  EXPECT_EQ(m_network->bytes_received, bytes);
  EXPECT_EQ(m_network->transmitted_ps.size(), 60u);
  EXPECT_EQ(m_network->acknowledged_ps.size(), 60u);
  for (uint64_t i = 0; i < 60; ++i) {
    EXPECT_LT(m_network->transmitted_ps[i], m_network->received_ps[i]);
    EXPECT_LT(m_network->received_ps[i], m_network->acknowledged_ps[i]);
  }
  EXPECT_GT(m_transport->Counters().retransmitted_segments, 0u);
  uint64_t in_flows = 0;
  for (const FlowRecord& flow : m_network->flows) in_flows += flow.retransmitted_packets;
  EXPECT_LE(in_flows, m_transport->Counters().retransmitted_segments);
  EXPECT_GT(in_flows, 0u);
  ExpectConserved(*m_internet.GetChannel());
}

// Loss and contention, every variant, twice: all arrives, at the same picoseconds.
TEST_F(TcpTransportTest, EveryVariantDeliversAndRepeats) {
  for (const char* variant : {"ns3::TcpNewReno", "ns3::TcpCubic", "ns3::TcpDctcp", "ns3::TcpBbr",
                              "ns3::TcpVegas", "ns3::TcpLinuxReno"}) {
    std::map<uint64_t, uint64_t> first;
    for (int run = 0; run < 2; ++run) {
      SwitchConfig switches;
      switches.buffer_bytes = 300000;
      TcpTransport& transport = Start(BuildStar(4, switches, Link(k100G, 1000000, 1e-3)), variant);
      for (uint32_t src = 0; src < 4; ++src) {
        for (uint32_t dst = 0; dst < 4; ++dst) {
          if (src != dst) transport.SendMessage(src, dst, 0, 1 << 20, src * 4 + dst);
        }
      }
      ns3::Simulator::Run();
      EXPECT_EQ(m_network->received_ps.size(), 12u) << variant;
      EXPECT_EQ(m_network->acknowledged_ps.size(), 12u) << variant;
      ExpectConserved(*m_internet.GetChannel());
      if (run == 0) first = m_network->received_ps;
      EXPECT_EQ(m_network->received_ps, first) << variant;
      TearDown();
      m_network = nullptr;
      m_internet = InternetHelper();
      SetUp();
    }
  }
}

TEST_F(TcpTransportTest, ADeadLinkEndsTheRun) {
  ns3::Config::SetDefault("ns3::TcpSocket::ConnTimeout", ns3::TimeValue(ns3::MilliSeconds(1)));
  TcpTransport& transport = Start(BuildPair(Link(k100G, 1000000, 1)));
  transport.SendMessage(0, 1, 0, 1000, 1);
  ns3::Simulator::Run();
  ASSERT_EQ(transport.Failures().size(), 1u);
  EXPECT_EQ(transport.Failures()[0],
            "TCP connection host-0 -> host-1 could not be opened: too many attempts were lost");
}

}  // namespace
}  // namespace ddlsim
