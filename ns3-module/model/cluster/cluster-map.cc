// SPDX-License-Identifier: GPL-2.0-only
#include "cluster/cluster-map.h"

#include <utility>

#include "base/input-error.h"

namespace ddlsim {

ClusterMap::ClusterMap(Host host, uint32_t host_count, uint32_t rank_count)
    : m_host(std::move(host)), m_host_count(host_count), m_rank_count(rank_count) {
  m_ranks_per_host = m_host.gpu_count;
  const uint64_t gpus = uint64_t{m_host.gpu_count} * host_count;
  if (host_count == 0 || rank_count > gpus) {
    throw InputError(
        "--nodes",
        std::to_string(host_count) + " hosts of " + std::to_string(m_host.gpu_count) +
            " GPUs cannot hold " + std::to_string(rank_count) + " ranks",
        "use at least " + std::to_string((rank_count + m_host.gpu_count - 1) / m_host.gpu_count));
  }
}

void ClusterMap::SpreadRanks(const std::string& place) {
  if (m_rank_count == 0 || m_rank_count % m_host_count != 0) {
    throw InputError(place,
                     std::to_string(m_rank_count) + " ranks are not as many on each of " +
                         std::to_string(m_host_count) + " hosts",
                     "choose a multiple of --nodes");
  }
  m_ranks_per_host = m_rank_count / m_host_count;
}

std::string ClusterMap::GpuName(uint32_t host, uint32_t gpu) {
  return "host-" + std::to_string(host) + "/gpu-" + std::to_string(gpu);
}

std::string ClusterMap::DomainName(uint32_t host) const {
  const bool is_host = m_host.scale_up.hosts_per_domain == 1;
  return (is_host ? "host-" : "domain-") + std::to_string(DomainOfHost(host));
}

std::string ClusterMap::NicName(uint32_t host, uint32_t nic) {
  return "host-" + std::to_string(host) + "/nic-" + std::to_string(nic);
}

std::pair<std::string, std::string> ClusterMap::Endpoints(uint32_t src, uint32_t dst) const {
  if (IsScaleUp(src, dst)) return {GpuEndpoint(src), GpuEndpoint(dst)};
  return {NicEndpoint(src), NicEndpoint(dst)};
}

std::vector<std::string> ClusterMap::NicEndpoints() const {
  std::vector<std::string> names;
  if (!HasScaleOut()) return names;
  for (uint32_t host = 0; host < m_host_count; ++host) {
    for (uint32_t nic = 0; nic < m_host.nic_count; ++nic) names.push_back(NicName(host, nic));
  }
  return names;
}

}  // namespace ddlsim
