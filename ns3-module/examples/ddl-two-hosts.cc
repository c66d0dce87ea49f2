// SPDX-License-Identifier: GPL-2.0-only
//
// The packet engine from an ns-3 script: two hosts, one message, and an ns-3 event that looks at
// the sender's progress on the way. Prints when the message arrives.
#include <iostream>

#include "ddl-attributes.h"
#include "ddl-simulator-impl.h"
#include "ddl-switch.h"
#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "ns3/core-module.h"

namespace {

class Printer : public ddlsim::TransportListener {
 public:
  void OnMessageReceived(uint32_t dst, uint32_t src, uint64_t, uint64_t size_bytes) override {
    std::cout << ns3::Simulator::Now().As(ns3::Time::NS) << ": host " << dst << " has "
              << size_bytes << " bytes from host " << src << '\n';
  }
  void OnMessageTransmitted(uint32_t, uint32_t, uint64_t) override {}
  void OnMessageAcknowledged(uint32_t, uint32_t, uint64_t) override {}
  void OnTimer(uint32_t, uint64_t) override {}
};

}  // namespace

int main(int argc, char** argv) {
  ns3::Time::SetResolution(ns3::Time::PS);  // before anything makes a Time
  ns3::GlobalValue::Bind("SimulatorImplementationType",
                         ns3::StringValue("ns3::ddl::SimulatorImpl"));
  ns3::CommandLine command_line;
  command_line.Parse(argc, argv);

  ddlsim::NetworkGraph graph;
  graph.AddHost("host-0");
  graph.AddHost("host-1");
  graph.AddSwitch("switch-0", ns3::CreateObject<ns3::ddl::Switch>()->Config());
  graph.AddLink("host-0", "switch-0", {400000000000, 500000, 0.0});
  graph.AddLink("switch-0", "host-1", {400000000000, 500000, 0.0});
  graph.Canonicalize();

  ddlsim::Fabric fabric(graph, {});
  ddlsim::RdmaNic nic(fabric, ns3::CreateObject<ns3::ddl::Nic>()->Config());
  Printer printer;
  nic.SetListener(&printer);
  nic.SendMessage(0, 1, 0, 1 << 20, 0);

  auto simulator = ns3::DynamicCast<ns3::ddl::SimulatorImpl>(ns3::Simulator::GetImplementation());
  simulator->Attach(&fabric);
  ns3::Simulator::Schedule(ns3::MicroSeconds(10), [&nic] {
    std::cout << ns3::Simulator::Now().As(ns3::Time::NS) << ": " << nic.Counters().data_packets
              << " packets sent so far\n";
  });
  ns3::Simulator::Run();
  simulator->Detach();
  ns3::Simulator::Destroy();
  return 0;
}
