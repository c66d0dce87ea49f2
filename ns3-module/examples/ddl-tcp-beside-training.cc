// SPDX-License-Identifier: GPL-2.0-only
//
// ns-3 applications beside training traffic: eight hosts on one switch all-reduce 64 MiB by RDMA,
// while a TCP BulkSend from host 0 to host 4 and a ping share their links. FlowMonitor watches the
// ns-3 flows. Prints what each got.
//
//     ./ns3 run ddl-tcp-beside-training -- --bulk=256
//     --ns3::TcpL4Protocol::SocketType=ns3::TcpDctcp
#include <iostream>

#include "ddl-attributes.h"
#include "ddl-internet-helper.h"
#include "ddl-simulator-impl.h"
#include "ddl-switch.h"
#include "endpoint/endpoint.h"
#include "nic/rdma-nic.h"
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/flow-monitor-module.h"
#include "ns3/internet-apps-module.h"
#include "ns3/internet-module.h"
#include "replay/replay.h"
#include "replay/synthetic-workload.h"
#include "topology/builders.h"

namespace {

constexpr uint32_t kHosts = 8;
constexpr uint16_t kPort = 5000;

class Printer : public ddlsim::CollectiveObserver {
 public:
  void OnCollective(const ddlsim::CollectiveRecord& record) override {
    std::cout << "all-reduce of " << record.spec.size_bytes
              << " bytes: " << static_cast<double>(record.end_ps - record.start_ps) / 1e6
              << " us\n";
  }
};

void SetDefaults() {
  // Segments that fill the MTU, windows for 400 Gb/s, and no timestamps: they count milliseconds.
  ns3::Config::SetDefault("ns3::TcpSocket::SegmentSize", ns3::UintegerValue(8960));
  ns3::Config::SetDefault("ns3::TcpSocket::SndBufSize", ns3::UintegerValue(4 << 20));
  ns3::Config::SetDefault("ns3::TcpSocket::RcvBufSize", ns3::UintegerValue(4 << 20));
  ns3::Config::SetDefault("ns3::TcpSocketBase::Timestamp", ns3::BooleanValue(false));
}

void InstallApplications(const ns3::ddl::InternetHelper& internet, uint64_t bulk_bytes) {
  const ns3::Ipv4Address target = internet.GetAddress(4);
  ns3::PacketSinkHelper sink("ns3::TcpSocketFactory",
                             ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), kPort));
  sink.Install(internet.GetNode(4));
  ns3::BulkSendHelper bulk("ns3::TcpSocketFactory", ns3::InetSocketAddress(target, kPort));
  bulk.SetAttribute("MaxBytes", ns3::UintegerValue(bulk_bytes));
  bulk.SetAttribute("SendSize", ns3::UintegerValue(uint64_t{8960} * 16));
  bulk.Install(internet.GetNode(0));
  ns3::V4PingHelper ping(target);
  ping.SetAttribute("Interval", ns3::TimeValue(ns3::MicroSeconds(500)));
  ping.SetAttribute("Verbose", ns3::BooleanValue(true));
  ns3::ApplicationContainer pings = ping.Install(internet.GetNode(1));
  pings.Start(ns3::MicroSeconds(100));
  pings.Stop(ns3::MicroSeconds(1400));
}

void PrintFlows(ns3::FlowMonitorHelper& helper, const ns3::Ptr<ns3::FlowMonitor>& monitor) {
  monitor->CheckForLostPackets();
  const auto classifier = ns3::DynamicCast<ns3::Ipv4FlowClassifier>(helper.GetClassifier());
  for (const auto& [id, stats] : monitor->GetFlowStats()) {
    const ns3::Ipv4FlowClassifier::FiveTuple tuple = classifier->FindFlow(id);
    const double duration_s = (stats.timeLastRxPacket - stats.timeFirstTxPacket).GetSeconds();
    std::cout << "flow " << tuple.sourceAddress << " -> " << tuple.destinationAddress << ": "
              << stats.rxPackets << " of " << stats.txPackets << " packets, "
              << static_cast<double>(stats.rxBytes) * 8e-9 / duration_s << " Gb/s, mean delay "
              << stats.delaySum.GetMicroSeconds() / static_cast<double>(stats.rxPackets) << " us\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  ns3::Time::SetResolution(ns3::Time::PS);  // before anything makes a Time
  ns3::GlobalValue::Bind("SimulatorImplementationType",
                         ns3::StringValue("ns3::ddl::SimulatorImpl"));
  SetDefaults();
  uint64_t bulk_mib = 16;
  std::string pcap;
  ns3::CommandLine command_line;
  command_line.AddValue("bulk", "Size of the bulk transfer [MiB]", bulk_mib);
  command_line.AddValue("pcap", "Prefix of packet captures, one per host (default: none)", pcap);
  command_line.Parse(argc, argv);

  // The cluster and its RDMA traffic, as in a scenario.
  const ddlsim::NetworkGraph graph = ddlsim::BuildStar(
      kHosts, ns3::CreateObject<ns3::ddl::Switch>()->Config(), {400000000000, 500000, 0.0});
  ddlsim::Fabric fabric(graph, {});
  ddlsim::RdmaNic nic(fabric, ns3::CreateObject<ns3::ddl::Nic>()->Config());
  ddlsim::CollectiveWorkload collective;
  collective.size_bytes = 64 << 20;
  const ddlsim::Workload workload = ddlsim::MakeCollectiveWorkload(kHosts, collective);
  const ddlsim::RankMap ranks(kHosts, 1);
  Printer printer;
  ddlsim::Endpoint endpoint(ranks, workload.Communicators(), {}, nic, &printer);
  ddlsim::Replay replay(workload, endpoint, nullptr);
  nic.SetListener(&endpoint);
  endpoint.SetListener(&replay);

  // ns-3 nodes on the same hosts, and applications on them.
  ns3::ddl::InternetHelper internet;
  internet.Install(nic);
  InstallApplications(internet, bulk_mib << 20);
  if (!pcap.empty()) internet.EnablePcap(pcap, internet.GetDevices());
  ns3::FlowMonitorHelper flow_monitor;
  const ns3::Ptr<ns3::FlowMonitor> monitor = flow_monitor.Install(internet.GetNodes());

  const auto simulator =
      ns3::DynamicCast<ns3::ddl::SimulatorImpl>(ns3::Simulator::GetImplementation());
  simulator->Attach(&fabric);
  replay.Start();
  ns3::Simulator::Stop(ns3::MilliSeconds(100));  // FlowMonitor has no end of its own
  ns3::Simulator::Run();
  replay.Finish();
  endpoint.Finish();
  PrintFlows(flow_monitor, monitor);
  simulator->Detach();
  ns3::Simulator::Destroy();
  return 0;
}
