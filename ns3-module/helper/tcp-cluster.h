// SPDX-License-Identifier: GPL-2.0-only
//
// --transport=tcp: ns-3 nodes on all hosts, and a transport over their TCP.
#ifndef DDL_TCP_CLUSTER_H
#define DDL_TCP_CLUSTER_H

#include <cstdint>
#include <memory>

#include "ddl-internet-helper.h"
#include "ddl-tcp-transport.h"

namespace ddlsim {

class TcpCluster {
 public:
  // `nic` outlives the cluster and ns-3's nodes, which Simulator::Destroy() ends. Seeds ns-3's
  // random numbers.
  TcpCluster(RdmaNic& nic, const ns3::ddl::TcpConfig& config, uint64_t seed);

  ns3::ddl::TcpTransport& GetTransport() { return *m_transport; }
  const ns3::ddl::InternetHelper& Internet() const { return m_internet; }

 private:
  ns3::ddl::InternetHelper m_internet;
  std::unique_ptr<ns3::ddl::TcpTransport> m_transport;
};

}  // namespace ddlsim

#endif /* DDL_TCP_CLUSTER_H */
