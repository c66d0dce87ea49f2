// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/rank-map.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/input-error.h"

namespace ddlsim {

RankMap::RankMap(uint32_t rank_count, uint32_t gpus_per_host) {
  if (gpus_per_host == 0 || gpus_per_host > kGpusPerHostMax) {
    throw InputError("--gpus-per-host", std::to_string(gpus_per_host) + " GPUs in a host",
                     "use 1 to " + std::to_string(kGpusPerHostMax));
  }
  m_placements.reserve(rank_count);
  for (uint32_t rank = 0; rank < rank_count; ++rank) {
    m_placements.push_back({rank / gpus_per_host, rank % gpus_per_host});
  }
  Index();
}

RankMap::RankMap(std::vector<RankPlacement> placements, NicPlanes planes)
    : m_placements(std::move(placements)), m_planes(std::move(planes)) {
  Index();
}

void RankMap::Index() {
  uint32_t host_count = 0;
  for (const RankPlacement& placement : m_placements) {
    host_count = std::max(host_count, placement.host + 1);
  }
  std::vector<uint32_t> gpu_count(host_count, 0);
  for (const RankPlacement& placement : m_placements) {
    if (placement.gpu >= kGpusPerHostMax) {
      throw InputError("host " + std::to_string(placement.host),
                       "has a GPU number " + std::to_string(placement.gpu),
                       "use 0 to " + std::to_string(kGpusPerHostMax - 1));
    }
    gpu_count[placement.host] = std::max(gpu_count[placement.host], placement.gpu + 1);
  }
  m_first_slot.assign(host_count + 1, 0);
  for (uint32_t host = 0; host < host_count; ++host) {
    m_first_slot[host + 1] = m_first_slot[host] + gpu_count[host];
  }
  m_rank_of_slot.assign(m_first_slot.back(), UINT32_MAX);
  for (uint32_t rank = 0; rank < RankCount(); ++rank) {
    uint32_t& slot = m_rank_of_slot[m_first_slot[HostOf(rank)] + GpuOf(rank)];
    if (slot != UINT32_MAX) {
      throw InputError("host " + std::to_string(HostOf(rank)),
                       "ranks " + std::to_string(slot) + " and " + std::to_string(rank) +
                           " are both on GPU " + std::to_string(GpuOf(rank)),
                       "place one rank on a GPU");
    }
    slot = rank;
  }
  IndexEndpoints();
}

void RankMap::SetGpuLinks(uint32_t gpu_count, std::vector<uint64_t> rates_bps) {
  const auto exceeds = [&](const RankPlacement& placement) { return placement.gpu >= gpu_count; };
  if (rates_bps.size() != size_t{gpu_count} * gpu_count ||
      std::any_of(m_placements.begin(), m_placements.end(), exceeds)) {
    throw std::logic_error("links are not those of the ranks' GPUs");
  }
  m_linked_gpus = gpu_count;
  m_gpu_links_bps = std::move(rates_bps);
}

void RankMap::IndexEndpoints() {
  for (RankPlacement& placement : m_placements) {
    if (placement.scale_out == kEndpointOfHost) placement.scale_out = placement.host;
    IndexEndpoint(placement.scale_out, placement.host);
    IndexEndpoint(placement.scale_up, placement.host);
  }
  // By planes, messages arrive at NICs of which no rank says that they are its own.
  const size_t nics = m_planes.plane_of_nic.size();
  for (size_t i = 0; i < HostCount() * nics; ++i) {
    IndexEndpoint(m_planes.endpoints[i], static_cast<uint32_t>(i / nics));
  }
}

// Every endpoint belongs to one host, so that a message's endpoint and GPU tell its rank.
void RankMap::IndexEndpoint(uint32_t endpoint, uint32_t host) {
  if (endpoint == kNoEndpoint) return;
  if (endpoint >= m_first_slot_of_endpoint.size()) {
    m_first_slot_of_endpoint.resize(endpoint + 1, UINT32_MAX);
  }
  uint32_t& first_slot = m_first_slot_of_endpoint[endpoint];
  if (first_slot != UINT32_MAX && first_slot != m_first_slot[host]) {
    throw std::logic_error("an endpoint belongs to two hosts");
  }
  first_slot = m_first_slot[host];
}

// Ranks that cannot reach one another share a NIC or at least their host, and in a host all are on
// one scale-up network, or none is: such ranks are neighbours in one of two orders.
RankRoute RankMap::Unconnected(const std::vector<uint32_t>& ranks) const {
  std::vector<uint32_t> sorted = ranks;
  std::sort(sorted.begin(), sorted.end(), [this](uint32_t a, uint32_t b) {
    const RankPlacement &x = m_placements[a], &y = m_placements[b];
    return std::tie(x.scale_out, x.domain, a) < std::tie(y.scale_out, y.domain, b);
  });
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (m_placements[sorted[i]].scale_out != m_placements[sorted[i - 1]].scale_out) continue;
    if (!AreConnected(sorted[i - 1], sorted[i])) return {sorted[i - 1], sorted[i]};
  }
  const std::vector<uint32_t>& planes = m_planes.plane_of_nic;
  if (planes.empty()) return {};
  std::sort(sorted.begin(), sorted.end(), [this, &planes](uint32_t a, uint32_t b) {
    const RankPlacement &x = m_placements[a], &y = m_placements[b];
    return std::tie(x.host, planes[x.nic], a) < std::tie(y.host, planes[y.nic], b);
  });
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (!AreConnected(sorted[i - 1], sorted[i])) return {sorted[i - 1], sorted[i]};
  }
  return {};
}

}  // namespace ddlsim
