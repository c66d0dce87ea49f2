// SPDX-License-Identifier: GPL-2.0-only
//
// Where each rank runs: which GPU of which host; and which hosts of the fabric (GPUs on a scale-up
// network, NICs) its messages leave from and arrive at. Immutable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/switch-reduction.h"

namespace ddlsim {

// Of an endpoint: the fabric has none for this.
constexpr uint32_t kNoEndpoint = UINT32_MAX;
// Of an endpoint: the number of the host itself, as where hosts have one GPU and one NIC.
constexpr uint32_t kEndpointOfHost = UINT32_MAX - 1;

struct RankPlacement {
  uint32_t host = 0;
  uint32_t gpu = 0;                      // within the host
  uint32_t scale_out = kEndpointOfHost;  // fabric host of its NIC; several ranks may share it
  uint32_t scale_up = kNoEndpoint;       // fabric host of its GPU
  uint32_t domain = 0;                   // of the scale-up network
  uint32_t nic = 0;                      // the NIC's number within the host
};

// Where the NICs of a host are on networks that are not joined (planes).
struct NicPlanes {
  std::vector<uint32_t> plane_of_nic;  // alike on all hosts; empty: one network joins all
  std::vector<uint32_t> endpoints;     // fabric hosts of the NICs, host by host
};

struct RankRoute {
  uint32_t src = 0;  // fabric hosts
  uint32_t dst = 0;
};

class RankMap {
 public:
  static constexpr uint32_t kGpusPerHostMax = 255;
  static constexpr uint32_t kEngineGpu = 255;  // in cookies: no GPU, a switch's reduction engine

  // Rank r on GPU r mod g of host r / g. Throws InputError for g = 0 or above kGpusPerHostMax.
  RankMap(uint32_t rank_count, uint32_t gpus_per_host);
  // One placement per rank. Throws InputError where two ranks share a GPU.
  explicit RankMap(std::vector<RankPlacement> placements, NicPlanes planes = {});

  uint32_t RankCount() const { return static_cast<uint32_t>(m_placements.size()); }
  uint32_t HostCount() const { return static_cast<uint32_t>(m_first_slot.size()) - 1; }
  uint32_t HostOf(uint32_t rank) const { return m_placements[rank].host; }
  uint32_t GpuOf(uint32_t rank) const { return m_placements[rank].gpu; }
  uint32_t DomainOf(uint32_t rank) const { return m_placements[rank].domain; }
  // Over the scale-up network where both are on one, else over their NICs. Where these are in
  // different planes, the message arrives at the receiving host's NIC of the sender's number, which
  // writes to the memory of any GPU of its host.
  RankRoute Route(uint32_t src_rank, uint32_t dst_rank) const {
    const RankPlacement &src = m_placements[src_rank], &dst = m_placements[dst_rank];
    if (IsScaleUp(src_rank, dst_rank)) return {src.scale_up, dst.scale_up};
    const std::vector<uint32_t>& planes = m_planes.plane_of_nic;
    if (planes.empty() || planes[src.nic] == planes[dst.nic]) return {src.scale_out, dst.scale_out};
    return {src.scale_out, m_planes.endpoints[size_t{dst.host} * planes.size() + src.nic]};
  }
  // By which a rank may receive: those of the senders' numbers where NICs are in planes.
  uint64_t NicsOfRank() const { return std::max<size_t>(1, m_planes.plane_of_nic.size()); }
  bool IsScaleUp(uint32_t a, uint32_t b) const {
    return m_placements[a].scale_up != kNoEndpoint && m_placements[b].scale_up != kNoEndpoint &&
           m_placements[a].domain == m_placements[b].domain;
  }
  // Two ranks that share a NIC, or are on one host and in two planes, and have no scale-up network
  // are not; neither are ranks of different scale-up networks without NICs.
  bool AreConnected(uint32_t a, uint32_t b) const {
    const RankRoute route = Route(a, b);
    return route.src != route.dst && route.src != kNoEndpoint && route.dst != kNoEndpoint;
  }
  // Two of these ranks that are not connected, or {0, 0}.
  RankRoute Unconnected(const std::vector<uint32_t>& ranks) const;

  uint32_t ScaleUpOf(uint32_t rank) const { return m_placements[rank].scale_up; }
  // Fabric hosts of the reduction engines, by domain; kNoEndpoint where there is none.
  void SetEngines(std::vector<uint32_t> engines) { m_engines = std::move(engines); }
  uint32_t EngineOf(uint32_t domain) const {
    return domain < m_engines.size() ? m_engines[domain] : kNoEndpoint;
  }

  // Switches between hosts that reduce; null: they do not.
  void SetSwitchReduction(std::shared_ptr<const SwitchReduction> reduction) {
    m_switch_reduction = std::move(reduction);
  }
  const SwitchReduction* Switches() const { return m_switch_reduction.get(); }
  uint32_t NicOf(uint32_t rank) const { return m_placements[rank].nic; }
  // Orders in which rings visit the GPUs of a host, each on links of its own; none: as they are
  // numbered.
  void SetRings(std::vector<std::vector<uint32_t>> rings) { m_rings = std::move(rings); }
  const std::vector<std::vector<uint32_t>>& Rings() const { return m_rings; }

  // Rates of the links that two GPUs of a host have for themselves, row by row; none: there are no
  // such links.
  void SetGpuLinks(uint32_t gpu_count, std::vector<uint64_t> rates_bps);
  // Of two ranks on one host; 0: they share what joins them with others.
  uint64_t LinkBps(uint32_t a, uint32_t b) const {
    if (m_gpu_links_bps.empty() || HostOf(a) != HostOf(b)) return 0;
    return m_gpu_links_bps[size_t{GpuOf(a)} * m_linked_gpus + GpuOf(b)];
  }

  // An endpoint of the rank's: its NIC, or its GPU where it has none.
  uint32_t EndpointOf(uint32_t rank) const {
    const RankPlacement& placement = m_placements[rank];
    return placement.scale_out != kNoEndpoint ? placement.scale_out : placement.scale_up;
  }
  // The rank on the GPU, within its host, behind an endpoint. Both are those of a rank.
  uint32_t RankAt(uint32_t endpoint, uint32_t gpu) const {
    return m_rank_of_slot[m_first_slot_of_endpoint[endpoint] + gpu];
  }

 private:
  void Index();
  void IndexEndpoints();
  void IndexEndpoint(uint32_t endpoint, uint32_t host);

  std::vector<RankPlacement> m_placements;
  std::vector<uint32_t> m_engines;
  std::shared_ptr<const SwitchReduction> m_switch_reduction;
  std::vector<std::vector<uint32_t>> m_rings;
  uint32_t m_linked_gpus = 0;
  std::vector<uint64_t> m_gpu_links_bps;
  std::vector<uint32_t> m_first_slot;  // by host, and one past the last
  std::vector<uint32_t> m_first_slot_of_endpoint;
  std::vector<uint32_t> m_rank_of_slot;  // by host and GPU; UINT32_MAX where there is no rank
  NicPlanes m_planes;
};

}  // namespace ddlsim
