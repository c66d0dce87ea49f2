// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-traffic.h"

#include <algorithm>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traffic-names.h"
#include "traffic/flow-size-file.h"
#include "traffic/incast-flows.h"
#include "traffic/one-shot-flows.h"
#include "traffic/poisson-flows.h"

namespace ddlsim {
namespace {

constexpr uint32_t kChannelCount = 512;  // Transport's
constexpr uint32_t kTrafficChannelMax = 256;
constexpr uint32_t kIncastDegreeDefault = 60;  // of HPCC's experiments
constexpr const char* kDurationDefault = "10ms";

uint64_t ParseLoadPpm(const OptionSet& options, const std::string& name) {
  const double load = ParseShare(options.Place(name), options.Get(name));
  const uint64_t load_ppm = (static_cast<uint64_t>(load * 2e6) + 1) / 2;  // to the nearest
  if (load_ppm == 0 && load > 0) {
    throw InputError(options.Place(name), "'" + Printable(options.Get(name)) + "' is too small",
                     "set a share of at least 0.000001");
  }
  return load_ppm;
}

uint64_t ParseFlowSize(const OptionSet& options, const std::string& name) {
  const uint64_t size_bytes = ParseSizeBytes(options.Place(name), options.Get(name));
  if (size_bytes == 0 || size_bytes > FlowSizeDistribution::kSizeMaxBytes) {
    throw InputError(options.Place(name), "'" + Printable(options.Get(name)) + "' is out of range",
                     "give flows 1 byte to 1 TiB, such as 500KB");
  }
  return size_bytes;
}

std::string PercentText(uint64_t ppm) {
  std::string digits = std::to_string(ppm % 10000 + 10000).substr(1);
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return std::to_string(ppm / 10000) + (digits.empty() ? "" : "." + digits) + " %";
}

class TrafficBuilder {
 public:
  // `endpoints`: the fabric hosts among which there is traffic.
  TrafficBuilder(OptionSet& options, const Fabric& fabric, std::vector<uint32_t> endpoints,
                 const std::string& option)
      : m_options(options),
        m_fabric(fabric),
        m_endpoints(std::move(endpoints)),
        m_is_alone(option == "traffic"),
        m_names(ParseTrafficNames(options.Place(option), options.Get(option))),
        m_place(options.Place(option)),
        m_seed(fabric.Seed()) {
    ResolveDuration();
  }

  void Add(ScenarioTraffic& traffic) {
    if (!m_names.arrivals.empty()) AddArrivals(traffic);
    if (m_names.has_incast) AddIncast(traffic);
    if (!m_names.one_shot.empty()) AddOneShot(traffic);
    if (m_until_ps != kNeverPs) traffic.description += ", for " + m_options.Get("duration");
  }

 private:
  // Alone, something has to end it; beside a workload that is the workload.
  void ResolveDuration() {
    const bool has_end = !m_options.Get("flows").empty() && !m_names.has_incast;
    const bool is_timed = MeetsTrafficCondition(m_names, "traffic:timed");
    if (m_is_alone && is_timed && m_options.Get("duration").empty() && !has_end) {
      m_options.Resolve("duration", kDurationDefault);
    }
    const std::string& duration = m_options.Get("duration");
    if (!is_timed || duration.empty()) return;
    m_until_ps = ParseDurationPs(m_options.Place("duration"), duration);
    if (m_until_ps == 0) {
      throw InputError(m_options.Place("duration"), "is zero", "set a time such as 10ms");
    }
  }

  FlowSizeDistribution Sizes() const {
    if (m_names.arrivals == "file") return ReadFlowSizeFile(m_place, m_names.size_file);
    if (m_names.arrivals != "fixed") return FlowSizesByName(m_names.arrivals);
    return FlowSizeDistribution::Fixed(ParseFlowSize(m_options, "size"));
  }

  void AddArrivals(ScenarioTraffic& traffic) {
    PoissonConfig config;
    config.load_ppm = ParseLoadPpm(m_options, "load");
    if (config.load_ppm == 0) {
      throw InputError(m_options.Place("load"), "is zero", "set a share such as 0.3");
    }
    config.seed = m_seed;
    config.until_ps = m_until_ps;
    if (!m_options.Get("flows").empty()) {
      config.flows_max = ParseCount(m_options.Place("flows"), m_options.Get("flows"), 1, INT64_MAX);
    }
    std::vector<TrafficHost> hosts;
    for (uint32_t host : m_endpoints) {
      hosts.push_back({m_fabric.HostKey(host), m_fabric.PortDetails()[host].rate_bps});
    }
    const std::string shown = m_names.arrivals == "file" ? m_names.size_file : m_names.arrivals;
    AddPattern(traffic, m_names.arrivals, std::make_unique<PoissonFlows>(Sizes(), hosts, config),
               shown + " flows at " + PercentText(config.load_ppm) + " load");
  }

  void AddIncast(ScenarioTraffic& traffic) {
    const uint32_t hosts = static_cast<uint32_t>(m_endpoints.size()), others = hosts - 1;
    if (m_options.Get("incast-degree").empty()) {
      m_options.Resolve("incast-degree", std::to_string(std::min(kIncastDegreeDefault, others)));
    }
    IncastConfig config;
    config.degree = static_cast<uint32_t>(
        ParseCount(m_options.Place("incast-degree"), m_options.Get("incast-degree"), 1, others));
    config.size_bytes = ParseFlowSize(m_options, "incast-size");
    config.seed = m_seed;
    config.until_ps = m_until_ps;
    const uint64_t load_ppm = ParseLoadPpm(m_options, "incast-load");
    std::string text =
        "incast of " + std::to_string(config.degree) + " x " + m_options.Get("incast-size");
    if (load_ppm > 0) {
      unsigned __int128 capacity_bps = 0;
      for (uint32_t host : m_endpoints) {
        capacity_bps += m_fabric.PortDetails()[host].rate_bps;
      }
      config.period_ps = IncastPeriodPs(config.degree, config.size_bytes, load_ppm, capacity_bps);
      text += " at " + PercentText(load_ppm) + " load";
    } else {
      text += ", once";
    }
    AddPattern(traffic, "incast", std::make_unique<IncastFlows>(hosts, config), text);
  }

  void AddOneShot(ScenarioTraffic& traffic) {
    std::vector<uint64_t> keys;
    for (uint32_t host : m_endpoints) keys.push_back(m_fabric.HostKey(host));
    const bool is_random = m_names.one_shot == "random";
    const uint64_t size_bytes = ParseFlowSize(m_options, "size");
    AddPattern(
        traffic, m_names.one_shot,
        std::make_unique<OneShotFlows>(is_random ? OneShotKind::kRandom : OneShotKind::kAllPairs,
                                       std::move(keys), size_bytes, m_seed),
        std::string(is_random ? "one flow of each host to a random other, "
                              : "one flow of each host to each other, ") +
            m_options.Get("size") + " each");
  }

  static void AddPattern(ScenarioTraffic& traffic, const std::string& name,
                         std::unique_ptr<FlowPattern> pattern, const std::string& text) {
    traffic.source->Add(name, std::move(pattern));
    traffic.names.push_back(name);
    traffic.description += (traffic.description.empty() ? "" : ", ") + text;
  }

  OptionSet& m_options;
  const Fabric& m_fabric;
  const std::vector<uint32_t> m_endpoints;
  const bool m_is_alone;
  const TrafficNames m_names;
  const std::string m_place;
  const uint64_t m_seed;
  uint64_t m_until_ps = kNeverPs;
};

std::vector<uint32_t> FreeChannels(const std::vector<uint32_t>& busy) {
  std::vector<uint32_t> channels;
  for (uint32_t channel = kChannelCount; channel-- > 0 && channels.size() < kTrafficChannelMax;) {
    if (std::find(busy.begin(), busy.end(), channel) == busy.end()) channels.push_back(channel);
  }
  // A workload with a group axis per channel: sharing queue pairs is right, and couples the two.
  if (channels.empty()) channels.push_back(kChannelCount - 1);
  return channels;
}

// The hosts of the network between hosts, each of which has to reach each other.
std::vector<uint32_t> TrafficEndpoints(const std::string& place, const NetworkGraph& graph) {
  std::vector<uint32_t> endpoints;
  for (uint32_t host = 0; host < graph.HostCount(); ++host) {
    const GraphNodeInfo& node = graph.Nodes()[host];
    if (!node.is_scale_up && !node.is_engine) endpoints.push_back(host);
  }
  if (endpoints.empty()) {
    throw InputError(place, "there is no network between hosts for this traffic",
                     "leave it out, or raise --nodes");
  }
  for (uint32_t host : endpoints) {
    if (graph.Nodes()[host].domain == graph.Nodes()[endpoints[0]].domain) continue;
    throw InputError(place, "other traffic on several networks side by side is not modelled yet",
                     "leave it out, or use a --topology without planes");
  }
  return endpoints;
}

}  // namespace

bool IsTrafficAlone(const OptionSet& options) {
  const std::string& text = options.Get("traffic");
  return !text.empty() &&
         ParseTrafficNames(options.Place("traffic"), text).one_shot != "permutation";
}

void CheckTraffic(const OptionSet& options) {
  const std::string& background = options.Get("background");
  if (background.empty()) return;
  const std::string place = options.Place("background");
  const TrafficNames names = ParseTrafficNames(place, background);
  if (!names.one_shot.empty()) {
    throw InputError(place, "'" + names.one_shot + "' starts and ends with the run's beginning",
                     "use websearch, hadoop, storage, fixed, incast or file:PATH");
  }
  if (IsTrafficAlone(options)) {
    throw InputError(place, "contradicts --traffic, which is no workload",
                     "join the two, such as --traffic=websearch+incast");
  }
}

ScenarioTraffic MakeScenarioTraffic(OptionSet& options, const Fabric& fabric, Transport& transport,
                                    const std::vector<uint32_t>& busy_channels,
                                    std::function<bool()> may_start) {
  ScenarioTraffic traffic;
  const bool is_alone = IsTrafficAlone(options);
  if (!is_alone && options.Get("background").empty()) return traffic;
  const std::string option = is_alone ? "traffic" : "background";
  TrafficConfig config;
  config.endpoints = TrafficEndpoints(options.Place(option), fabric.Graph());
  for (uint32_t host : config.endpoints) config.host_keys.push_back(fabric.HostKey(host));
  config.channels = FreeChannels(busy_channels);
  config.seed = fabric.Seed();
  if (!is_alone) config.may_start = std::move(may_start);
  TrafficBuilder builder(options, fabric, config.endpoints, option);
  traffic.source = std::make_unique<TrafficSource>(transport, std::move(config));
  builder.Add(traffic);
  return traffic;
}

}  // namespace ddlsim
