// SPDX-License-Identifier: GPL-2.0-only
#include "tcp-cluster.h"

#include "nic/rdma-nic.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/uinteger.h"

namespace ddlsim {
namespace {

constexpr uint32_t kHeaderBytesMax = 20 + 60;  // IPv4, and TCP with all its options

}  // namespace

TcpCluster::TcpCluster(RdmaNic& nic, const ns3::ddl::TcpConfig& config, uint64_t seed) {
  // ns-3's seeds are 32 bits and not zero.
  ns3::RngSeedManager::SetSeed(static_cast<uint32_t>(seed % 4294944442u) + 1);
  m_internet.SetDeviceAttribute("Mtu", ns3::UintegerValue(config.segment_bytes + kHeaderBytesMax));
  // A sender's own host does not drop: real stacks hold a socket back before that.
  m_internet.SetQueueSize("100000000p");
  m_internet.SetNeighbours(false);
  m_internet.Install(nic);
  const auto introduce = [this](uint32_t src_host, uint32_t dst_host) {
    m_internet.AddNeighbour(src_host, dst_host);
    m_internet.AddNeighbour(dst_host, src_host);
  };
  const ns3::ddl::TcpHosts hosts{
      [this](uint32_t host) { return m_internet.GetNode(host); },
      [](uint32_t host) { return ns3::ddl::InternetHelper::GetAddress(host); }, introduce};
  m_transport = std::make_unique<ns3::ddl::TcpTransport>(nic, hosts, config);
}

}  // namespace ddlsim
