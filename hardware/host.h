// SPDX-License-Identifier: MIT
//
// A host with its GPUs, its NICs and the network among its GPUs (scale-up), and the presets of
// known ones (hardware/hosts, each number there with its source). docs/hardware.md has the layout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

enum class ScaleUpKind : uint8_t { kNone, kSwitch, kMesh, kPcie, kTorus };

const char* ScaleUpKindName(ScaleUpKind kind);

// A direct connection of two GPUs of a host.
struct GpuLink {
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t bricks = 1;  // parallel links, each of the brick's rate
};

// Sizes on the wire of a scale-up link. A frame is as many of the link's own packets as the payload
// has; their headers count as one overhead.
struct ScaleUpFraming {
  static constexpr uint32_t kPayloadMaxBytes = 32768;
  uint32_t payload_bytes = 4096;
  uint32_t packet_bytes = 256;   // payload of one packet of the link
  uint32_t overhead_bytes = 16;  // of one packet
  uint32_t ack_bytes = 32;       // of an answer that tells the sender that its data has arrived

  uint32_t FrameOverheadBytes() const {
    return (payload_bytes + packet_bytes - 1) / packet_bytes * overhead_bytes;
  }
};

// The network among the GPUs of one host, or of the several hosts of a domain. Rates are of one
// direction, latencies from the last bit out of one GPU to the last bit in at the other.
struct ScaleUp {
  ScaleUpKind kind = ScaleUpKind::kNone;
  std::string fabric;  // what collective libraries call it: "nvlink4", "pcie4" ...
  uint32_t hosts_per_domain = 1;
  uint64_t rate_bps = 0;    // switch, pcie: of a GPU's port; mesh: of a brick; torus: of a link
  uint64_t latency_ps = 0;  // between two GPUs with one switch (switch, pcie) or none between them
  ScaleUpFraming framing;
  bool reduces_in_switch = false;  // switch: it can add what its GPUs send
  // mesh: all links; pcie: bridges besides the tree, each brick of bridge_rate_bps.
  std::vector<GpuLink> links;
  uint64_t bridge_rate_bps = 0;
  // mesh: the GPUs of a host in the orders in which its library's rings visit them; may be none.
  std::vector<std::vector<uint32_t>> rings;
  // pcie: each GPU hangs on a PCIe switch, each of those on the root complex of a socket; all
  // sockets are joined.
  std::vector<uint32_t> switch_of_gpu;
  std::vector<uint32_t> socket_of_switch;
  uint64_t uplink_rate_bps = 0;  // of a PCIe switch to its root complex
  uint64_t socket_rate_bps = 0;  // between two sockets
  uint64_t hop_latency_ps = 0;   // of each of these links, with the node behind it
  // torus: GPUs of a whole domain and of a host, in x, y, z.
  std::vector<uint32_t> domain_shape;
  std::vector<uint32_t> host_shape;
};

struct Host {
  std::string name;
  std::string description;
  std::string gpu;  // a preset of hardware/presets
  uint32_t gpu_count = 1;
  uint32_t nic_count = 1;
  std::vector<uint32_t> nic_of_gpu;
  uint64_t nic_rate_bps = 0;
  uint64_t pcie_rate_bps = 0;       // between a GPU and its NIC
  uint64_t nic_messages_per_s = 0;  // that a NIC starts at most; 0: not known
  ScaleUp scale_up;
  // Presets of its collective library (hardware/library-preset.h), later ones win; none: no model
  // of a library's costs is known.
  std::vector<std::string> libraries;

  // What a NIC can be fed with.
  uint64_t NicFeedBps() const {
    return pcie_rate_bps == 0 || nic_rate_bps < pcie_rate_bps ? nic_rate_bps : pcie_rate_bps;
  }
  uint32_t DomainGpuCount() const {
    return scale_up.kind == ScaleUpKind::kNone ? 1 : gpu_count * scale_up.hosts_per_domain;
  }
};

constexpr uint32_t kHostGpusMax = 256;

// A preset by name ("hgx-h100"), or a YAML file by path. Presets lie in the folder that the
// environment variable DDL_HOSTS_DIR names, by default hardware/hosts of the source tree. Throws
// InputError (place FILE:LINE, or `place` for an unknown name).
Host LoadHost(const std::string& name_or_path, const std::string& place = "--hardware");

std::vector<std::string> HostPresetNames();

// Whether a name or a file is that of a host; else it is that of a GPU. Throws InputError for what
// is neither.
bool IsHost(const std::string& name_or_path, const std::string& place = "--hardware");

// Throws InputError (`place`) for frames that cannot be simulated.
void CheckFraming(const ScaleUpFraming& framing, const std::string& place);

// A host without a preset: `gpu_count` GPUs on one switch of `rate_bps` each, with the latency and
// the framing of NVLink, and a NIC for every gpu_count / nic_count of them. Throws InputError.
Host GenericHost(uint32_t gpu_count, uint32_t nic_count, uint64_t rate_bps);

}  // namespace ddlsim
