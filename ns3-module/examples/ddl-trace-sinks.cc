// SPDX-License-Identifier: GPL-2.0-only
//
// Trace sinks in a program with all of ddl-scenario's options: counts what congestion did to each
// host's flows and prints every collective as it ends. docs/tracing.md lists the trace sources.
//
//   ./ns3 run ddl-trace-sinks -- --collective=all_to_all --size=16MiB --hosts=8 --levels=2
#include <atomic>
#include <iostream>
#include <map>
#include <string>

#include "ddl-tracing.h"
#include "ns3/config.h"
#include "ns3/simulator.h"
#include "scenario-program.h"

namespace {

struct Counts {
  uint64_t cnps = 0;
  uint64_t retransmissions = 0;
  std::map<std::string, uint64_t> marks;  // by port

  void OnCnp(uint32_t, const ddlsim::Frame&, ns3::Time) { ++cnps; }
  void OnRetransmission(uint32_t, const ddlsim::Frame&, ns3::Time) { ++retransmissions; }
  void OnMark(const std::string& node, const std::string& peer, const ddlsim::Frame&) {
    ++marks[node + "->" + peer];
  }
  void OnCollective(const ddlsim::CollectiveRecord& record) {
    std::cout << ns3::Simulator::Now().As(ns3::Time::US) << ": " << record.name << " of "
              << record.spec.rank_count << " ranks done\n";
  }
};

template <typename Sink>
void Connect(const std::string& source, Sink sink, Counts& counts) {
  ns3::Config::ConnectWithoutContext("/$ns3::ddl::Tracing/" + source,
                                     ns3::MakeCallback(sink, &counts));
}

}  // namespace

int main(int argc, char** argv) {
  const std::atomic<bool> interrupted{false};
  Counts counts;
  const int status = ddlsim::RunScenarioProgram(argc, argv, interrupted, [&counts] {
    Connect("CnpSent", &Counts::OnCnp, counts);
    Connect("Retransmission", &Counts::OnRetransmission, counts);
    Connect("PacketMarked", &Counts::OnMark, counts);
    Connect("CollectiveDone", &Counts::OnCollective, counts);
  });
  if (status != 0) return status;
  std::cout << counts.cnps << " CNPs, " << counts.retransmissions << " packets sent again\n";
  for (const auto& [port, marks] : counts.marks) std::cout << port << ": " << marks << " marks\n";
  return 0;
}
