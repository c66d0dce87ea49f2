// SPDX-License-Identifier: GPL-2.0-only
//
// One run of ddl-scenario: options to workload and network, replay, results.
#ifndef DDL_SCENARIO_H
#define DDL_SCENARIO_H

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "ddl-simulator-impl.h"
#include "endpoint/endpoint.h"
#include "endpoint/rank-map.h"
#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "option-set.h"
#include "replay/replay.h"
#include "results/result-folder.h"
#include "results/run-recorder.h"
#include "scenario-collectives.h"
#include "scenario-network.h"
#include "scenario-observation.h"
#include "scenario-traffic.h"
#include "scenario-workload.h"
#include "tcp-cluster.h"
#include "traffic/listener-split.h"

namespace ddlsim {

enum class ScenarioEnd { kFinished, kInterrupted, kStalled };

// Set-up happens in the constructor, so that bad input is refused before anything is written or
// simulated; Run() simulates; Finish() writes the files.
class Scenario {
 public:
  // `options` are parsed. Throws InputError; then nothing is left on disk.
  Scenario(OptionSet& options, std::chrono::steady_clock::time_point started);
  ~Scenario();
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  // With --estimate, instead of Run() and Finish(): the table, and nothing is written.
  std::string Estimate() const;

  // Simulates until all ranks are done, nothing is left to happen, or `interrupted` becomes true.
  // Shows progress on stderr where that is a terminal.
  ScenarioEnd Run(const std::atomic<bool>& interrupted);

  // Writes all result files and returns the summary for people.
  std::string Finish();

  // What the ranks of a stalled run wait for, a few lines.
  std::string DescribeStall() const;

 private:
  void BuildEngine();
  Transport& MessageTransport() const;
  EndpointConfig MakeEndpointConfig() const;
  void SetBoundPaths(EndpointConfig& config) const;
  void BuildTraffic();
  void SpreadRanks();
  void OpenFolder();
  bool IsDone() const;
  bool Heartbeat(const std::atomic<bool>& interrupted);
  RunSummary Summarize() const;
  bool HasPauseDeadlock() const;

  OptionSet& m_options;
  const std::chrono::steady_clock::time_point m_started;
  std::string m_generated_folder;  // where the generator writes, until it moves into the results
  ScenarioWorkload m_workload;
  ScenarioNetwork m_network;
  std::unique_ptr<Fabric> m_fabric;
  std::unique_ptr<RdmaNic> m_nic;
  std::unique_ptr<TcpCluster> m_tcp;  // with --transport=tcp
  std::unique_ptr<ScenarioCollectives> m_collectives;
  std::optional<LibraryConfig> m_library;
  std::unique_ptr<RankMap> m_ranks;
  std::unique_ptr<ResultFolder> m_folder;
  std::unique_ptr<RunRecorder> m_recorder;
  std::unique_ptr<ScenarioObservation> m_observation;
  std::unique_ptr<Endpoint> m_endpoint;
  std::unique_ptr<Replay> m_replay;
  ScenarioTraffic m_traffic;
  std::unique_ptr<ListenerSplit> m_listener;  // where there is traffic beside the endpoint
  ns3::Ptr<ns3::ddl::SimulatorImpl> m_simulator;
  ScenarioEnd m_end = ScenarioEnd::kFinished;
  std::chrono::steady_clock::time_point m_last_progress;
  bool m_has_shown_progress = false;
};

}  // namespace ddlsim

#endif /* DDL_SCENARIO_H */
