// SPDX-License-Identifier: GPL-2.0-only
//
// The parameters of NICs and switches as ns-3 attributes:
// --ns3::ddl::Nic::AckEvery=4, Config::SetDefault("ns3::ddl::Switch::EcnPmax", DoubleValue(0.1))
// ...
#ifndef DDL_ATTRIBUTES_H
#define DDL_ATTRIBUTES_H

#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

namespace ns3 {
namespace ddl {

/** Parameters of RDMA NICs; Config() is what the engine takes. */
class Nic : public Object {
 public:
  static TypeId GetTypeId();
  ::ddlsim::NicConfig Config() const;

 private:
  uint32_t m_payload_bytes;
  uint32_t m_ack_every;
  uint64_t m_window_bytes;
  Time m_retransmit_timeout;
  uint16_t m_retry_limit;
  uint32_t m_reorder_packets;
  Time m_cnp_interval;
  uint8_t m_data_class;
  uint8_t m_control_class;
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_ATTRIBUTES_H */
