// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-observation.h"

#include <vector>

#include "base/input-error.h"
#include "base/quantity.h"
#include "ns3/config.h"
#include "results/decimal-text.h"

namespace ddlsim {

ScenarioObservation::ScenarioObservation(const OptionSet& options, Fabric& fabric, RdmaNic& nic)
    : m_fabric(fabric), m_nic(nic), m_tracing(ns3::CreateObject<ns3::ddl::Tracing>()) {
  const std::string& pcap = options.Get("pcap");
  if (!pcap.empty()) {
    // What GPUs send one another within a host is no Ethernet.
    std::vector<std::string> names;
    std::vector<uint32_t> numbers;
    for (uint32_t i = 0; i < fabric.HostCount(); ++i) {
      const GraphNodeInfo& node = fabric.Graph().Nodes()[i];
      if (node.is_scale_up || node.is_engine) continue;
      names.push_back(fabric.Graph().Nodes()[i].name);
      numbers.push_back(i);
    }
    if (names.empty()) {
      throw InputError(options.Place("pcap"), "there is no network between hosts to capture from",
                       "leave it out, or raise --nodes");
    }
    m_capture_config.hosts = ParseCaptureHosts(options.Place("pcap"), pcap, names);
    for (CaptureHost& host : m_capture_config.hosts) host.host = numbers[host.host];
  }
  m_capture_config.snapshot_bytes = static_cast<uint32_t>(
      ParseCount(options.Place("pcap-snaplen"), options.Get("pcap-snaplen"), 0, 65535));
  m_capture_config.payload_bytes = nic.Config().payload_bytes;
  const std::string& interval = options.Get("sample-interval");
  if (!interval.empty()) {
    m_sample_interval_ps = ParseDurationPs(options.Place("sample-interval"), interval);
    if (m_sample_interval_ps == 0) {
      throw InputError(options.Place("sample-interval"), "is zero",
                       "set a time such as 10us, or leave it out");
    }
  }
  m_sample_rows_max =
      ParseCount(options.Place("sample-rows"), options.Get("sample-rows"), 1, 1000000000);
  m_tracing->SetNetwork(fabric, nic);
  ns3::Config::RegisterRootNamespaceObject(m_tracing);
}

ScenarioObservation::~ScenarioObservation() {
  ns3::Config::UnregisterRootNamespaceObject(m_tracing);
  m_fabric.SetPacketObserver(nullptr);
  m_nic.SetFlowObserver(nullptr);
}

void ScenarioObservation::Open(ResultFolder& folder) {
  if (!m_capture_config.hosts.empty()) {
    m_capture = std::make_unique<PacketCapture>(
        folder, m_capture_config,
        [this](uint32_t queue_pair) { return m_nic.QueuePair(queue_pair).message_bytes; });
  }
  if (m_sample_interval_ps == 0) return;
  m_samples = std::make_unique<SampleWriter>(folder, m_sample_rows_max);
  m_sampler = std::make_unique<RunSampler>(m_fabric, m_nic, *m_samples, m_sample_interval_ps);
}

void ScenarioObservation::Attach(RunRecorder& recorder, ns3::ddl::SimulatorImpl& simulator) {
  ns3::ddl::Tracing* tracing = ns3::PeekPointer(m_tracing);
  m_observers.AddFlowObserver(&recorder);
  m_observers.AddCollectiveObserver(&recorder);
  m_observers.AddOperationObserver(&recorder);
  if (m_capture != nullptr) m_observers.AddPacketObserver(m_capture.get());
  if (tracing->WatchesPackets()) m_observers.AddPacketObserver(tracing);
  if (tracing->WatchesMessages()) m_observers.AddFlowObserver(tracing);
  if (tracing->WatchesCollectives()) m_observers.AddCollectiveObserver(tracing);
  if (tracing->WatchesOperations()) m_observers.AddOperationObserver(tracing);
  m_fabric.SetPacketObserver(m_observers.Packets());
  m_nic.SetFlowObserver(m_observers.Flows());
  if (m_sampler != nullptr) {
    simulator.SetSampler(m_sample_interval_ps, [this] { return m_sampler->Sample(); });
  }
}

void ScenarioObservation::Finish() {
  if (m_capture != nullptr) m_capture->Finish();
}

std::string ScenarioObservation::Notes() const {
  if (m_sampler == nullptr || m_sampler->FullPs() == kNeverPs) return "";
  return "samples end at " + NsText(m_sampler->FullPs()) + " ns: a file has " +
         std::to_string(m_sample_rows_max) + " rows (--sample-rows)\n";
}

}  // namespace ddlsim
