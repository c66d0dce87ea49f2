// SPDX-License-Identifier: GPL-2.0-only
#include "scenario.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/input-error.h"
#include "base/quantity.h"
#include "collective-bench.h"
#include "endpoint/cluster-ranks.h"
#include "fabric/random.h"
#include "nic/wire-format.h"
#include "ns3/simulator.h"
#include "results/human-text.h"
#include "scenario-library.h"
#include "scenario-report.h"
#include "scenario-switching.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kAllPairsRanks = 128;
constexpr uint64_t kHeartbeatEvents = 1u << 18;

std::string ResultsRoot() {
  const char* root = std::getenv("DDL_ROOT");
  return (root != nullptr && *root != '\0' ? std::string(root) : std::string(".")) + "/results";
}

// The part of a name that is fit for a folder.
std::string FolderPart(const std::string& text) {
  std::string part;
  for (char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    part.push_back(is_plain ? c : '-');
  }
  return part.substr(0, 60);
}

// A folder of its own beside the results; it moves into them when the run is set up.
std::string MakeGeneratedFolder(const std::string& root) {
  std::error_code error;
  fs::create_directories(root, error);
  std::string name = root + "/.workload-XXXXXX";
  if (error || mkdtemp(&name[0]) == nullptr) {
    throw InputError("--out", "'" + Printable(root, 200) + "' cannot be written",
                     "name a folder that can, with --out");
  }
  return name;
}

}  // namespace

Scenario::Scenario(OptionSet& options, std::chrono::steady_clock::time_point started)
    : m_options(options), m_started(started), m_last_progress(started) {
  try {
    const WorkloadKind kind = KindOfWorkload(options);
    CheckTraffic(options);
    const std::string& out = options.Get("out");
    const fs::path out_path = out.empty() ? fs::path() : fs::path(out).lexically_normal();
    const std::string root = out.empty()                  ? ResultsRoot()
                             : out_path.has_parent_path() ? out_path.parent_path().string()
                                                          : std::string(".");
    if (!out.empty()) ResultFolder::Check(root, out_path.filename().string());
    // What can be refused without the workload is refused before it is generated.
    OptionSet trial = options;
    BuildScenarioNetwork(trial, 0);
    if (kind == WorkloadKind::kModel) m_generated_folder = MakeGeneratedFolder(root);
    m_workload = MakeScenarioWorkload(options, m_generated_folder);
    m_network = BuildScenarioNetwork(options, m_workload.workload->RankCount());
    SpreadRanks();
    m_collectives = std::make_unique<ScenarioCollectives>(options, *m_workload.workload);
    BuildEngine();
    BuildTraffic();
    if (!IsEstimate(options)) OpenFolder();
  } catch (...) {
    std::error_code ignored;
    if (!m_generated_folder.empty()) fs::remove_all(m_generated_folder, ignored);
    if (m_folder != nullptr) m_folder->Discard();
    throw;
  }
}

Scenario::~Scenario() {
  if (m_simulator != nullptr) m_simulator->Detach();
  if (m_tcp == nullptr) return;
  m_simulator = nullptr;
  m_tcp = nullptr;
  ns3::Simulator::Destroy();  // ns-3's nodes go before the ports that they share
}

Transport& Scenario::MessageTransport() const {
  if (m_tcp != nullptr) return m_tcp->GetTransport();
  return *m_nic;
}

// --ranks on all hosts, instead of filling one after another.
void Scenario::SpreadRanks() {
  if (m_options.Get("ranks").empty() || !m_network.cluster) return;
  m_network.cluster->SpreadRanks(m_options.Place("ranks"));
}

std::string Scenario::Estimate() const {
  return EstimateBench(m_options, *m_workload.workload, *m_ranks, MakeEndpointConfig());
}

// The objects that need no folder; whatever they refuse, they refuse before one exists.
void Scenario::BuildEngine() {
  m_fabric = std::make_unique<Fabric>(m_network.graph, m_network.fabric);
  PlanLinkChanges(m_network, *m_fabric);
  m_nic = std::make_unique<RdmaNic>(*m_fabric, m_network.nic);
  if (m_network.is_tcp) {
    m_tcp = std::make_unique<TcpCluster>(*m_nic, m_network.tcp, m_network.fabric.seed);
  }
  const uint32_t ranks = m_workload.workload->RankCount();  // none in a run of traffic alone
  m_ranks = m_network.cluster && ranks > 0
                ? std::make_unique<RankMap>(MakeRankMap(*m_network.cluster, m_network.graph))
                : std::make_unique<RankMap>(MakeRankMap(ranks, m_network.graph));
  m_library = RequestedLibrary(m_options, m_network, MakeEndpointConfig());
  // A trial of what the replay would refuse, without observers.
  Endpoint endpoint(*m_ranks, m_workload.workload->Communicators(), MakeEndpointConfig(),
                    MessageTransport(), nullptr);
  Replay replay(*m_workload.workload, endpoint, nullptr, 1);
  m_observation = std::make_unique<ScenarioObservation>(m_options, *m_fabric, *m_nic);
  const uint64_t iterations =
      ParseCount(m_options.Place("iterations"), m_options.Get("iterations"), 1, 1000000);
  if (m_options.Get("warm-up").empty()) m_options.Resolve("warm-up", iterations > 1 ? "1" : "0");
  const uint64_t warm_up =
      ParseCount(m_options.Place("warm-up"), m_options.Get("warm-up"), 0, 1000000);
  if (warm_up >= iterations) {
    throw InputError(m_options.Place("warm-up"), "leaves no iteration to be measured",
                     "choose less than --iterations");
  }
  ParseCount(m_options.Place("timeline-ranks"), m_options.Get("timeline-ranks"), 0, 1u << 20);
  const std::string& rows = m_options.Get("flow-rows");
  if (rows != "all" && rows != "traffic") {
    throw InputError(m_options.Place("flow-rows"), "'" + Printable(rows) + "' is no choice",
                     "choose all or traffic");
  }
}

void Scenario::BuildTraffic() {
  const CommunicatorTable& communicators = m_workload.workload->Communicators();
  std::vector<uint32_t> busy_channels{CommunicatorTable::kPointToPointChannel,
                                      CommunicatorTable::kAllRanksChannel};
  for (uint32_t i = 0; i < communicators.CommunicatorCount(); ++i) {
    busy_channels.push_back(communicators.At(i).channel);
  }
  m_traffic = MakeScenarioTraffic(m_options, *m_fabric, MessageTransport(), busy_channels,
                                  [this] { return !m_replay->IsDone(); });
  if (m_workload.description.empty()) m_workload.description = m_traffic.description;
}

// The bound takes the shortest way that there is between two ranks, and no rank sends or receives
// faster than the fastest link of an endpoint, so that it stays one; scale-up networks apart.
void Scenario::SetBoundPaths(EndpointConfig& config) const {
  const std::vector<PortDetail>& ports = m_fabric->PortDetails();
  const uint32_t ranks = m_workload.workload->RankCount();
  uint64_t scale_out_ps = kNeverPs, scale_up_ps = kNeverPs;
  for (uint32_t rank = 1; rank < ranks; ++rank) {
    // All pairs of small networks; of large ones those that are nearest wherever there is an order.
    for (uint32_t from = 0; from < rank; ++from) {
      if (ranks > kAllPairsRanks && from != 0 && from + 1 != rank) continue;
      if (!m_ranks->AreConnected(from, rank)) continue;
      const RankRoute route = m_ranks->Route(from, rank);
      uint64_t path_ps = 0;
      for (const Fabric::Hop& hop : m_fabric->Path(route.src, route.dst, 0)) {
        path_ps += hop.delay_ps + hop.latency_ps;
      }
      const bool is_scale_up = m_ranks->IsScaleUp(from, rank);
      uint64_t& least_ps = is_scale_up ? scale_up_ps : scale_out_ps;
      uint64_t& most_bps = is_scale_up ? config.scale_up_rate_bps : config.bound_rate_bps;
      least_ps = std::min(least_ps, path_ps);
      for (uint32_t endpoint : {route.src, route.dst}) {
        const uint64_t back_bps = ports[ports[endpoint].reverse].rate_bps;
        most_bps = std::max({most_bps, ports[endpoint].rate_bps, back_bps});
      }
    }
  }
  if (config.bound_rate_bps == 0) config.bound_rate_bps = m_fabric->PortDetails().front().rate_bps;
  config.bound_latency_ps = scale_out_ps == kNeverPs ? 0 : scale_out_ps;
  config.scale_up_latency_ps = scale_up_ps == kNeverPs ? 0 : scale_up_ps;
  if (m_network.nic.link_classes.empty()) return;
  const LinkClass& link = m_network.nic.link_classes.back();
  config.scale_up_wire_factor =
      static_cast<double>(link.framing.DataBytes(link.payload_bytes, false) + kWireOverheadBytes) /
      link.payload_bytes;
}

EndpointConfig Scenario::MakeEndpointConfig() const {
  EndpointConfig config;
  ApplyAlgorithm(m_options, config);
  m_collectives->Apply(config);
  SetBoundPaths(config);
  if (m_library) config.library = &*m_library;
  const Framing framing = m_network.is_tcp ? ns3::ddl::TcpTransport::Framing() : Framing();
  const uint32_t payload =
      m_network.is_tcp ? m_network.tcp.segment_bytes : m_network.nic.payload_bytes;
  config.bound_wire_factor =
      static_cast<double>(payload + framing.header_bytes + kWireOverheadBytes) / payload;
  return config;
}

void Scenario::OpenFolder() {
  std::string root = ResultsRoot();
  std::string name;
  ResultFolderOptions folder_options;
  const std::string& out = m_options.Get("out");
  if (out.empty()) {
    char key[16];
    std::snprintf(key, sizeof key, "%08x", static_cast<uint32_t>(NameKey(m_options.ToYaml())));
    name = FolderPart(m_options.Get("topology") + "-" + m_workload.short_name) + "-" + key;
  } else {
    const fs::path path = fs::path(out).lexically_normal();
    const fs::path plain = path.has_filename() ? path : path.parent_path();
    root = plain.has_parent_path() ? plain.parent_path().string() : ".";
    name = plain.filename().string();
    // results/latest follows every run that lands in results/, and nothing is linked elsewhere.
    const fs::path results = fs::absolute(ResultsRoot()).lexically_normal();
    folder_options.update_latest = fs::absolute(root).lexically_normal() == results;
  }
  m_folder = std::make_unique<ResultFolder>(root, name, folder_options);
  const fs::path workload = fs::path(m_folder->Path()) / "workload";
  if (fs::exists(workload / "manifest.json")) fs::remove_all(workload);
  if (!m_generated_folder.empty()) {
    fs::permissions(m_generated_folder, fs::perms(0755));  // mkdtemp() keeps others out
    fs::rename(m_generated_folder, workload);
    m_generated_folder.clear();
  }
  m_folder->Write("config.yaml", m_options.ToYaml());
  const uint32_t ranks = m_workload.workload->RankCount();
  m_recorder = std::make_unique<RunRecorder>(
      *m_folder, ranks,
      static_cast<uint32_t>(
          ParseCount("--timeline-ranks", m_options.Get("timeline-ranks"), 0, 1u << 20)),
      m_traffic.names, m_options.Get("flow-rows") == "all");
  m_observation->Open(*m_folder);
}

bool Scenario::IsDone() const {
  return m_replay->IsDone() && (m_traffic.source == nullptr || m_traffic.source->IsDone());
}

ScenarioEnd Scenario::Run(const std::atomic<bool>& interrupted) {
  m_simulator = ns3::DynamicCast<ns3::ddl::SimulatorImpl>(ns3::Simulator::GetImplementation());
  m_simulator->Attach(m_fabric.get());
  m_simulator->SetHeartbeat(kHeartbeatEvents,
                            [this, &interrupted] { return Heartbeat(interrupted); });
  const uint32_t iterations =
      static_cast<uint32_t>(ParseCount("--iterations", m_options.Get("iterations"), 1, 1000000));
  m_observation->Attach(*m_recorder, *m_simulator);
  m_endpoint = std::make_unique<Endpoint>(*m_ranks, m_workload.workload->Communicators(),
                                          MakeEndpointConfig(), MessageTransport(),
                                          m_observation->Collectives());
  m_replay = std::make_unique<Replay>(*m_workload.workload, *m_endpoint,
                                      m_observation->Operations(), iterations);
  TransportListener* listener = m_endpoint.get();
  if (m_traffic.source != nullptr) {
    m_listener = std::make_unique<ListenerSplit>(*m_traffic.source, *m_endpoint);
    listener = m_listener.get();
  }
  if (m_tcp != nullptr) {
    m_tcp->GetTransport().SetListener(listener);
    m_tcp->GetTransport().SetFlowObserver(m_observation->Flows());
  } else {
    m_nic->SetListener(listener);
  }
  m_endpoint->SetListener(m_replay.get());
  m_replay->Start();
  if (m_traffic.source != nullptr) m_traffic.source->Start();
  ns3::Simulator::Run();
  m_replay->Finish();
  m_endpoint->Finish();
  if (m_has_shown_progress) std::fprintf(stderr, "\n");
  m_end = IsDone()      ? ScenarioEnd::kFinished
          : interrupted ? ScenarioEnd::kInterrupted
                        : ScenarioEnd::kStalled;
  return m_end;
}

// A line on the terminal about twice a second, and a chance to stop.
bool Scenario::Heartbeat(const std::atomic<bool>& interrupted) {
  if (interrupted || HasPauseDeadlock()) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - m_last_progress < std::chrono::milliseconds(500)) return true;
  m_last_progress = now;
  m_folder->Flush();
  if (isatty(2) == 0) return true;
  const ReplayProgress progress = m_replay->Progress();
  const double elapsed_s = std::chrono::duration<double>(now - m_started).count();
  const double share = static_cast<double>(progress.nodes_done) /
                       static_cast<double>(std::max<uint64_t>(1, progress.nodes_total));
  std::string done;
  char text[64];
  if (progress.nodes_total > 0) {
    std::snprintf(text, sizeof text, "%.1f %% of operations, ", 100 * share);
    done = text;
  }
  if (m_traffic.source != nullptr) {
    done += std::to_string(m_traffic.source->Counters().completed_flows) + " flows of traffic, ";
  }
  std::fprintf(stderr, "\r%.3f ms simulated, %s%.1f M events/s",
               static_cast<double>(m_fabric->NowPs()) / 1e9, done.c_str(),
               static_cast<double>(m_fabric->Events()) / elapsed_s / 1e6);
  if (share > 0.01) std::fprintf(stderr, ", about %.0f s left ", elapsed_s / share * (1 - share));
  m_has_shown_progress = true;
  return true;
}

}  // namespace ddlsim
