// SPDX-License-Identifier: MIT
#include "hardware/host-scale-up.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "base/quantity.h"
#include "hardware/sourced-fact.h"

namespace ddlsim {
namespace {

constexpr double kRateMinBps = 1e6, kRateMaxBps = 1e14;
constexpr size_t kRingsMax = 8;  // channels of a queue pair are numbered for so many
constexpr uint32_t kDomainGpusMax = 1u << 16;
constexpr const char* kKindNames[] = {"none", "switch", "mesh", "pcie", "torus"};

uint64_t RateBps(const YamlMap& map, const std::string& key) {
  return static_cast<uint64_t>(SourcedNumber(map, key, kRateMinBps, kRateMaxBps));
}

// At least 2 ns: some of it goes to the links between a GPU and its crossbar.
uint64_t LatencyPs(const YamlMap& map, const std::string& key) {
  return static_cast<uint64_t>(std::llround(1000 * SourcedNumber(map, key, 2, 1e6)));
}

ScaleUpFraming ReadFraming(const YamlMap& map) {
  const YamlMap framing = map.Map("framing");
  framing.AllowOnly({"payload_bytes", "packet_bytes", "overhead_bytes", "ack_bytes"});
  ScaleUpFraming read;
  read.payload_bytes = static_cast<uint32_t>(
      SourcedCount(framing, "payload_bytes", 64, ScaleUpFraming::kPayloadMaxBytes));
  read.packet_bytes =
      static_cast<uint32_t>(SourcedCount(framing, "packet_bytes", 16, read.payload_bytes));
  read.overhead_bytes = static_cast<uint32_t>(SourcedCount(framing, "overhead_bytes", 1, 256));
  // The simulator's own frames have 20 bytes of preamble and gap, which these have to cover.
  read.ack_bytes = static_cast<uint32_t>(SourcedCount(framing, "ack_bytes", 21, 1024));
  CheckFraming(read, framing.Place("overhead_bytes"));
  return read;
}

// "2-5:2": GPUs 2 and 5, two bricks.
std::vector<GpuLink> ReadLinks(const YamlMap& map, uint32_t gpu_count) {
  const std::string place = map.Place("links");
  std::vector<GpuLink> links;
  std::set<std::pair<uint32_t, uint32_t>> seen;
  for (const std::string& text : SourcedTexts(map, "links")) {
    const size_t dash = text.find('-'), colon = text.find(':');
    if (dash == text.npos || (colon != text.npos && colon < dash)) {
      throw InputError(place, "'" + Printable(text) + "' is no link", "write GPU-GPU:BRICKS");
    }
    GpuLink link;
    const std::string far = text.substr(dash + 1, colon == text.npos ? colon : colon - dash - 1);
    link.a = static_cast<uint32_t>(ParseCount(place, text.substr(0, dash), 0, gpu_count - 1));
    link.b = static_cast<uint32_t>(ParseCount(place, far, 0, gpu_count - 1));
    if (colon != text.npos) {
      link.bricks = static_cast<uint32_t>(ParseCount(place, text.substr(colon + 1), 1, 64));
    }
    if (link.a == link.b || !seen.insert(std::minmax(link.a, link.b)).second) {
      throw InputError(place, "'" + Printable(text) + "' joins a GPU to itself or a pair twice",
                       "name each pair once, with its bricks");
    }
    links.push_back(link);
  }
  return links;
}

void CheckMesh(const YamlMap& map, const ScaleUp& scale_up, uint32_t gpu_count) {
  std::set<uint32_t> reached{0};
  for (size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const GpuLink& link : scale_up.links) {
      if (reached.count(link.a) + reached.count(link.b) == 1) reached.insert({link.a, link.b});
    }
  }
  if (reached.size() == gpu_count) return;
  throw InputError(map.Place("links"), "the links leave GPUs unconnected",
                   "join all " + std::to_string(gpu_count) + " GPUs, or use kind: none");
}

// "0 1 3 2": a ring visits each GPU once and comes back.
std::vector<std::vector<uint32_t>> ReadRings(const YamlMap& map, uint32_t gpu_count) {
  const std::string place = map.Place("rings");
  std::vector<std::vector<uint32_t>> rings;
  for (const std::string& text : SourcedTexts(map, "rings")) {
    std::istringstream words(text);
    std::vector<uint32_t> ring;
    for (std::string word; words >> word;) {
      ring.push_back(static_cast<uint32_t>(ParseCount(place, word, 0, gpu_count - 1)));
    }
    if (ring.size() != gpu_count ||
        std::set<uint32_t>(ring.begin(), ring.end()).size() != gpu_count) {
      throw InputError(place, "'" + Printable(text) + "' does not visit each GPU once",
                       "write all " + std::to_string(gpu_count) + " GPUs in the order of the ring");
    }
    rings.push_back(std::move(ring));
  }
  if (rings.size() > kRingsMax) {
    throw InputError(place, "there are " + std::to_string(rings.size()) + " rings",
                     "leave all but " + std::to_string(kRingsMax) + " out");
  }
  return rings;
}

std::vector<uint32_t> Narrow(const std::vector<uint64_t>& wide) {
  return {wide.begin(), wide.end()};
}

void ReadPcie(const YamlMap& map, uint32_t gpu_count, ScaleUp& scale_up) {
  scale_up.switch_of_gpu = Narrow(SourcedCounts(map, "switch_of_gpu", 0, gpu_count - 1));
  if (scale_up.switch_of_gpu.size() != gpu_count) {
    throw InputError(map.Place("switch_of_gpu"),
                     "names " + std::to_string(scale_up.switch_of_gpu.size()) + " of " +
                         std::to_string(gpu_count) + " GPUs",
                     "give every GPU its PCIe switch");
  }
  const uint32_t switches =
      1 + *std::max_element(scale_up.switch_of_gpu.begin(), scale_up.switch_of_gpu.end());
  scale_up.socket_of_switch = Narrow(SourcedCounts(map, "socket_of_switch", 0, switches - 1));
  if (scale_up.socket_of_switch.size() != switches) {
    throw InputError(map.Place("socket_of_switch"),
                     "names " + std::to_string(scale_up.socket_of_switch.size()) + " of " +
                         std::to_string(switches) + " PCIe switches",
                     "give every PCIe switch its socket");
  }
  scale_up.uplink_rate_bps = RateBps(map, "uplink_rate_bps");
  scale_up.socket_rate_bps = RateBps(map, "socket_rate_bps");
  scale_up.hop_latency_ps = LatencyPs(map, "hop_latency_ns");
  if (!map.Has("links")) return;
  scale_up.links = ReadLinks(map, gpu_count);
  scale_up.bridge_rate_bps = RateBps(map, "bridge_rate_bps");
}

void ReadTorus(const YamlMap& map, uint32_t gpu_count, ScaleUp& scale_up) {
  scale_up.domain_shape = Narrow(SourcedCounts(map, "domain_shape", 1, 1024));
  scale_up.host_shape = Narrow(SourcedCounts(map, "host_shape", 1, 1024));
  if (scale_up.domain_shape.size() != 3 || scale_up.host_shape.size() != 3) {
    throw InputError(map.Place("domain_shape"), "a shape has not three numbers", "write [x, y, z]");
  }
  uint64_t host_gpus = 1, hosts = 1;
  for (size_t i = 0; i < 3; ++i) {
    if (scale_up.domain_shape[i] % scale_up.host_shape[i] != 0) {
      throw InputError(map.Place("host_shape"), "the domain is no whole number of hosts wide",
                       "make domain_shape a multiple of host_shape");
    }
    host_gpus *= scale_up.host_shape[i];
    hosts *= scale_up.domain_shape[i] / scale_up.host_shape[i];
  }
  if (host_gpus != gpu_count || hosts * host_gpus > kDomainGpusMax) {
    throw InputError(map.Place("host_shape"),
                     "a host has " + std::to_string(gpu_count) + " GPUs and the shape " +
                         std::to_string(host_gpus) + ", a domain " +
                         std::to_string(hosts * host_gpus),
                     "make the shape that of the host, and domains of at most " +
                         std::to_string(kDomainGpusMax) + " GPUs");
  }
  scale_up.hosts_per_domain = static_cast<uint32_t>(hosts);
}

std::vector<std::string> KeysOf(ScaleUpKind kind) {
  std::vector<std::string> keys{"kind", "fabric"};
  if (kind == ScaleUpKind::kNone) return keys;
  keys.insert(keys.end(), {"rate_bps", "latency_ns", "framing"});
  if (kind == ScaleUpKind::kSwitch) {
    keys.insert(keys.end(), {"hosts_per_domain", "reduces_in_switch"});
  } else if (kind == ScaleUpKind::kMesh) {
    keys.insert(keys.end(), {"links", "rings"});
  } else if (kind == ScaleUpKind::kPcie) {
    keys.insert(keys.end(), {"switch_of_gpu", "socket_of_switch", "uplink_rate_bps",
                             "socket_rate_bps", "hop_latency_ns", "links", "bridge_rate_bps"});
  } else {
    keys.insert(keys.end(), {"domain_shape", "host_shape"});
  }
  return keys;
}

}  // namespace

const char* ScaleUpKindName(ScaleUpKind kind) {
  return kKindNames[static_cast<int>(kind)];
}

ScaleUp ReadScaleUp(const YamlMap& map, uint32_t gpu_count) {
  ScaleUp scale_up;
  const std::string kind = map.Choice("kind", {std::begin(kKindNames), std::end(kKindNames)});
  for (int i = 0; i <= static_cast<int>(ScaleUpKind::kTorus); ++i) {
    if (kind == kKindNames[i]) scale_up.kind = static_cast<ScaleUpKind>(i);
  }
  map.AllowOnly(KeysOf(scale_up.kind));
  scale_up.fabric = map.Text("fabric");
  if (scale_up.kind == ScaleUpKind::kNone) return scale_up;
  scale_up.rate_bps = RateBps(map, "rate_bps");
  scale_up.latency_ps = LatencyPs(map, "latency_ns");
  scale_up.framing = ReadFraming(map);
  if (scale_up.kind == ScaleUpKind::kSwitch) {
    scale_up.hosts_per_domain =
        static_cast<uint32_t>(SourcedCount(map, "hosts_per_domain", 1, kDomainGpusMax / gpu_count));
    scale_up.reduces_in_switch = SourcedFlag(map, "reduces_in_switch");
  } else if (scale_up.kind == ScaleUpKind::kMesh) {
    scale_up.links = ReadLinks(map, gpu_count);
    CheckMesh(map, scale_up, gpu_count);
    if (map.Has("rings")) scale_up.rings = ReadRings(map, gpu_count);
  } else if (scale_up.kind == ScaleUpKind::kPcie) {
    ReadPcie(map, gpu_count, scale_up);
  } else {
    ReadTorus(map, gpu_count, scale_up);
  }
  return scale_up;
}

void CheckFraming(const ScaleUpFraming& framing, const std::string& place) {
  const uint32_t overhead_bytes = framing.FrameOverheadBytes();
  // The simulator's own frames have 20 bytes of preamble and gap, which these have to cover.
  if (overhead_bytes <= 20) {
    throw InputError(place,
                     "a frame of " + std::to_string(framing.payload_bytes) + " bytes has only " +
                         std::to_string(overhead_bytes) + " bytes of overhead",
                     "21 are the least; take larger frames");
  }
  if (overhead_bytes > 30720) {
    throw InputError(place, "headers of a frame exceed 30 KiB",
                     "take smaller frames, or a larger packet_bytes in the host's file");
  }
}

}  // namespace ddlsim
