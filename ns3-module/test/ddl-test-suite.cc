// SPDX-License-Identifier: GPL-2.0-only
//
// What ns-3's own test.py runs when the module sits in contrib/: the ns-3 face. The plain C++ rooms
// have their tests in the project's tests/ folder.
#include <memory>
#include <vector>

#include "congestion/timely.h"
#include "ddl-attributes.h"
#include "ddl-congestion.h"
#include "ddl-internet-helper.h"
#include "ddl-simulator-impl.h"
#include "ddl-switch.h"
#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/global-value.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/socket.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

using namespace ns3;

namespace {

// Notes when each message arrives.
class Arrivals : public ::ddlsim::TransportListener {
 public:
  explicit Arrivals(const ::ddlsim::Fabric& fabric) : m_fabric(fabric) {}
  void OnMessageReceived(uint32_t, uint32_t, uint64_t, uint64_t) override {
    times_ps.push_back(m_fabric.NowPs());
  }
  void OnMessageTransmitted(uint32_t, uint32_t, uint64_t) override {}
  void OnMessageAcknowledged(uint32_t, uint32_t, uint64_t) override {}
  void OnTimer(uint32_t, uint64_t) override {}
  std::vector<uint64_t> times_ps;

 private:
  const ::ddlsim::Fabric& m_fabric;
};

::ddlsim::NetworkGraph TwoHosts() {
  ::ddlsim::NetworkGraph graph;
  graph.AddHost("host-0");
  graph.AddHost("host-1");
  ::ddlsim::LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 500000;
  graph.AddLink("host-0", "host-1", link);
  graph.Canonicalize();
  return graph;
}

}  // namespace

/**
 * ns-3 events every 10 ns change nothing in the fabric, and see its clock exactly.
 */
class DdlInterleavingTestCase : public TestCase {
 public:
  DdlInterleavingTestCase() : TestCase("ns-3 events and fabric events run in one exact order") {}

 private:
  void DoRun() override {
    Time::SetResolution(Time::PS);
    GlobalValue::Bind("SimulatorImplementationType", StringValue("ns3::ddl::SimulatorImpl"));
    ::ddlsim::Fabric fabric(TwoHosts(), {});
    ::ddlsim::RdmaNic nic(fabric, CreateObject<ddl::Nic>()->Config());
    Arrivals arrivals(fabric);
    nic.SetListener(&arrivals);
    nic.SendMessage(0, 1, 0, 100000, 1);
    auto simulator = DynamicCast<ddl::SimulatorImpl>(Simulator::GetImplementation());
    NS_TEST_ASSERT_MSG_NE(simulator, nullptr, "another simulator implementation is in use");
    simulator->Attach(&fabric);
    uint32_t ticks = 0;
    for (uint32_t i = 0; i < 1000; ++i) {
      Simulator::Schedule(NanoSeconds(10 * i), [this, &ticks, i] {
        NS_TEST_EXPECT_MSG_EQ(Simulator::Now(), NanoSeconds(10 * i), "clock of an ns-3 event");
        ++ticks;
      });
    }
    Simulator::Run();
    simulator->Detach();
    Simulator::Destroy();
    // 25 packets: 24 of 4096 B and one of 1696 B; 82 B of headers and gaps each, RETH once.
    const uint64_t wire_bytes = 100000 + 25 * 82 + 16;
    NS_TEST_EXPECT_MSG_EQ(ticks, 1000, "every ns-3 event ran once");
    NS_TEST_EXPECT_MSG_EQ(arrivals.times_ps.size(), 1, "one message arrived");
    NS_TEST_EXPECT_MSG_EQ(arrivals.times_ps.at(0), wire_bytes * 80 + 500000, "closed form");
  }
};

/**
 * Attributes reach the engine's configuration.
 */
class DdlAttributesTestCase : public TestCase {
 public:
  DdlAttributesTestCase() : TestCase("attributes of ns3::ddl types") {}

 private:
  void DoRun() override {
    Config::SetDefault("ns3::ddl::Nic::AckEvery", UintegerValue(3));
    NS_TEST_EXPECT_MSG_EQ(CreateObject<ddl::Nic>()->Config().ack_every, 3,
                          "ns3::ddl::Nic::AckEvery");
    Config::SetDefault("ns3::ddl::Nic::AckEvery", UintegerValue(8));
    NS_TEST_EXPECT_MSG_EQ(CreateObject<ddl::Switch>()->Config().buffer_bytes, 32u << 20,
                          "default of ns3::ddl::Switch::BufferBytes");
    const auto find = [](const std::string& name) {
      for (const Ptr<ddl::CongestionControl>& each : ddl::CongestionControls()) {
        if (name == each->Algorithm().name) return each;
      }
      return Ptr<ddl::CongestionControl>();
    };
    DoubleValue gain;
    find("dctcp")->GetAttribute("G", gain);
    NS_TEST_EXPECT_MSG_EQ(gain.Get(), 1.0 / 16, "default of ns3::ddl::Dctcp::G");
    Config::SetDefault("ns3::ddl::Timely::TLow", TimeValue(MicroSeconds(7)));
    NS_TEST_EXPECT_MSG_EQ(find("timely")->Values()[::ddlsim::Timely::kTLow], 7e6,
                          "ns3::ddl::Timely::TLow reaches the algorithm");
  }
};

/**
 * A UDP packet over the ports of the packet engine takes the closed form.
 */
class DdlNetDeviceTestCase : public TestCase {
 public:
  DdlNetDeviceTestCase() : TestCase("ns-3's internet stack over the fabric") {}

 private:
  void DoRun() override {
    GlobalValue::Bind("SimulatorImplementationType", StringValue("ns3::ddl::SimulatorImpl"));
    ::ddlsim::Fabric fabric(TwoHosts(), {});
    ::ddlsim::RdmaNic nic(fabric, CreateObject<ddl::Nic>()->Config());
    ddl::InternetHelper internet;
    internet.Install(nic);
    auto simulator = DynamicCast<ddl::SimulatorImpl>(Simulator::GetImplementation());
    NS_TEST_ASSERT_MSG_NE(simulator, nullptr, "another simulator implementation is in use");
    simulator->Attach(&fabric);
    const Ptr<Socket> source =
        Socket::CreateSocket(internet.GetNode(0), UdpSocketFactory::GetTypeId());
    const Ptr<Socket> sink =
        Socket::CreateSocket(internet.GetNode(1), UdpSocketFactory::GetTypeId());
    sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), 7));
    source->Connect(InetSocketAddress(internet.GetAddress(1), 7));
    source->Send(Create<Packet>(1000));
    Simulator::Run();
    // UDP, IP, Ethernet and FCS; preamble and gap; 80 ps per byte at 100 Gb/s.
    NS_TEST_EXPECT_MSG_EQ(Simulator::Now(), PicoSeconds((1000 + 28 + 18 + 20) * 80 + 500000),
                          "closed form");
    NS_TEST_EXPECT_MSG_EQ(sink->GetRxAvailable(), 1000, "the packet arrived");
    NS_TEST_EXPECT_MSG_EQ(internet.GetChannel()->InFlight(), 0, "no packet is lost sight of");
    simulator->Detach();
    Simulator::Destroy();
  }
};

class DdlTestSuite : public TestSuite {
 public:
  DdlTestSuite() : TestSuite("ddl", TestSuite::Type::UNIT) {
    AddTestCase(new DdlInterleavingTestCase);
    AddTestCase(new DdlAttributesTestCase);
    AddTestCase(new DdlNetDeviceTestCase);
  }
};

static DdlTestSuite g_ddl_test_suite;  //!< registers the suite
