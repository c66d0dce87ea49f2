// SPDX-License-Identifier: GPL-2.0-only
//
// What watches a run beside its result tables: packet captures (--pcap), samples
// (--sample-interval), ns-3 trace sources.
#ifndef DDL_SCENARIO_OBSERVATION_H
#define DDL_SCENARIO_OBSERVATION_H

#include <memory>
#include <string>

#include "ddl-simulator-impl.h"
#include "ddl-tracing.h"
#include "observer-fan-out.h"
#include "option-set.h"
#include "results/packet-capture.h"
#include "results/run-recorder.h"
#include "run-sampler.h"

namespace ddlsim {

class ScenarioObservation {
 public:
  // Reads the options. Throws InputError. `fabric` and `nic` outlive this.
  ScenarioObservation(const OptionSet& options, Fabric& fabric, RdmaNic& nic);
  ~ScenarioObservation();
  ScenarioObservation(const ScenarioObservation&) = delete;
  ScenarioObservation& operator=(const ScenarioObservation&) = delete;

  // Opens the files that are asked for.
  void Open(ResultFolder& folder);
  // Puts everything in its place, `recorder` included. After the user has connected trace sinks.
  void Attach(RunRecorder& recorder, ns3::ddl::SimulatorImpl& simulator);
  FlowObserver* Flows() { return m_observers.Flows(); }
  CollectiveObserver* Collectives() { return m_observers.Collectives(); }
  OperationObserver* Operations() { return m_observers.Operations(); }

  // When the run has ended, before its result folder is finished.
  void Finish();
  // Lines for the printed summary: what was cut. Empty: nothing.
  std::string Notes() const;

 private:
  Fabric& m_fabric;
  RdmaNic& m_nic;
  CaptureConfig m_capture_config;
  uint64_t m_sample_interval_ps = 0;
  uint64_t m_sample_rows_max = 0;
  ns3::Ptr<ns3::ddl::Tracing> m_tracing;
  std::unique_ptr<PacketCapture> m_capture;
  std::unique_ptr<SampleWriter> m_samples;
  std::unique_ptr<RunSampler> m_sampler;
  ObserverFanOut m_observers;
};

}  // namespace ddlsim

#endif /* DDL_SCENARIO_OBSERVATION_H */
