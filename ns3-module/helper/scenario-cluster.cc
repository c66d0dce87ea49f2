// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-cluster.h"

#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "hardware/host.h"
#include "scenario-topology.h"

namespace ddlsim {
namespace {

constexpr uint32_t kNodesMax = 1u << 14;
constexpr uint32_t kRanksDefault = 16;
constexpr const char* kScaleUpRateDefault = "3600Gbps";  // 18 links of NVLink 4

// A preset says how many GPUs and NICs there are; a configuration that was written back says the
// same.
void CheckSame(const OptionSet& options, const std::string& name, uint32_t count) {
  if (!options.IsSet(name) || CountOf(options, name, 1, kHostGpusMax) == count) return;
  throw InputError(options.Place(name),
                   "contradicts --hardware=" + Printable(options.Get("hardware")) + ", which has " +
                       std::to_string(count),
                   "leave it out, or copy the preset to a file of your own");
}

// How finely traffic within hosts is simulated; headers are as many per byte as before.
void ApplyFrame(OptionSet& options, ScaleUp& scale_up) {
  ScaleUpFraming& framing = scale_up.framing;
  const std::string place = options.Place("scale-up-frame");
  if (!options.Get("scale-up-frame").empty()) {
    if (scale_up.kind == ScaleUpKind::kNone) {
      throw InputError(place, "the GPUs of this host have no network of their own", "leave it out");
    }
    const uint64_t payload_bytes = ParseSizeBytes(place, options.Get("scale-up-frame"));
    if (payload_bytes < framing.packet_bytes || payload_bytes > ScaleUpFraming::kPayloadMaxBytes) {
      throw InputError(place, "is no size of a frame",
                       "choose from " + FormatSize(framing.packet_bytes) +
                           ", a packet of the link, to " +
                           FormatSize(ScaleUpFraming::kPayloadMaxBytes));
    }
    framing.payload_bytes = static_cast<uint32_t>(payload_bytes);
    CheckFraming(framing, place);
  }
  if (scale_up.kind != ScaleUpKind::kNone) {
    options.Resolve("scale-up-frame", FormatSize(framing.payload_bytes));
  }
}

Host PresetHost(OptionSet& options) {
  Host host = LoadHost(options.Get("hardware"), options.Place("hardware"));
  CheckSame(options, "gpus-per-host", host.gpu_count);
  CheckSame(options, "nics-per-host", host.nic_count);
  if (!options.IsSet("link-rate")) options.Resolve("link-rate", FormatRate(host.nic_rate_bps));
  const std::string& rate = options.Get("scale-up-rate");
  if (!rate.empty()) {
    const std::string place = options.Place("scale-up-rate");
    if (host.scale_up.kind != ScaleUpKind::kSwitch) {
      throw InputError(place,
                       "a network of kind " + std::string(ScaleUpKindName(host.scale_up.kind)) +
                           " has not one rate",
                       "copy the preset to a file of your own and change it there");
    }
    host.scale_up.rate_bps = ParseRateBps(place, rate);
  }
  return host;
}

std::optional<Host> RequestedHost(OptionSet& options) {
  if (IsHostHardware(options)) return PresetHost(options);
  const uint32_t gpus = CountOf(options, "gpus-per-host", 1, kHostGpusMax);
  if (gpus <= 1) {
    const bool is_written_only = !options.Get("write-topology").empty();
    for (const char* name : {"nics-per-host", "nodes", "scale-up-rate", "scale-up-frame"}) {
      if (!options.IsSet(name)) continue;
      const bool is_count_of_nics = name == std::string("nics-per-host");
      if (is_count_of_nics && (is_written_only || options.Get(name) == "1")) continue;
      throw InputError(options.Place(name), "only goes with hosts of several GPUs",
                       "add --gpus-per-host or a host as --hardware, or leave it out");
    }
    return std::nullopt;
  }
  if (options.Get("nics-per-host").empty()) options.Resolve("nics-per-host", std::to_string(gpus));
  if (options.Get("scale-up-rate").empty()) options.Resolve("scale-up-rate", kScaleUpRateDefault);
  return GenericHost(gpus, CountOf(options, "nics-per-host", 1, kHostGpusMax),
                     ParseRateBps(options.Place("scale-up-rate"), options.Get("scale-up-rate")));
}

void CheckCluster(const OptionSet& options) {
  if (options.IsSet("hosts")) {
    throw InputError(options.Place("hosts"), "hosts here have several GPUs and NICs",
                     "say how many with --nodes");
  }
  if (options.Get("transport") != "rdma") {
    throw InputError(options.Place("transport"), "hosts of several GPUs have RDMA only",
                     "use --transport=rdma");
  }
}

}  // namespace

bool IsHostHardware(const OptionSet& options) {
  const std::string& name = options.Get("hardware");
  return !name.empty() && IsHost(name, options.Place("hardware"));
}

std::string DefaultTopology(const OptionSet& options) {
  uint32_t nics = 0;
  if (IsHostHardware(options)) {
    nics = LoadHost(options.Get("hardware"), options.Place("hardware")).nic_count;
  } else {
    nics = CountOf(options, "nics-per-host", 1, kHostGpusMax);
    if (nics == 0) nics = CountOf(options, "gpus-per-host", 1, kHostGpusMax);
  }
  return nics > 1 ? "rail" : "fattree";
}

std::string GpuOfHardware(const OptionSet& options) {
  if (!IsHostHardware(options)) return options.Get("hardware");
  return LoadHost(options.Get("hardware"), options.Place("hardware")).gpu;
}

std::optional<ClusterMap> RequestedCluster(OptionSet& options, uint32_t ranks) {
  std::optional<Host> host = RequestedHost(options);
  if (!host) return std::nullopt;
  ApplyFrame(options, host->scale_up);
  options.Resolve("gpus-per-host", std::to_string(host->gpu_count));
  options.Resolve("nics-per-host", std::to_string(host->nic_count));
  uint32_t nodes = CountOf(options, "nodes", 1, kNodesMax);
  if (nodes == 0) {
    const uint32_t wanted = ranks == 0 ? kRanksDefault : ranks;
    nodes = (wanted + host->gpu_count - 1) / host->gpu_count;
  }
  options.Resolve("nodes", std::to_string(nodes));
  ClusterMap cluster(*host, nodes, ranks == 0 ? nodes * host->gpu_count : ranks);
  CheckCluster(options);
  return cluster;
}

}  // namespace ddlsim
