// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-attributes.h"

#include "nic/wire-format.h"
#include "ns3/uinteger.h"

namespace ns3 {
namespace ddl {

NS_OBJECT_ENSURE_REGISTERED(Nic);

TypeId Nic::GetTypeId() {
  static TypeId tid =
      TypeId("ns3::ddl::Nic")
          .SetParent<Object>()
          .SetGroupName("Ddl")
          .AddConstructor<Nic>()
          .AddAttribute("PayloadBytes",
                        "Payload of a full packet [bytes]; IBTA path MTUs end at 4096.",
                        UintegerValue(4096), MakeUintegerAccessor(&Nic::m_payload_bytes),
                        MakeUintegerChecker<uint32_t>(1, ::ddlsim::kPayloadMaxBytes))
          .AddAttribute("AckEvery",
                        "Packets per acknowledgement; the last of a message always has one.",
                        UintegerValue(8), MakeUintegerAccessor(&Nic::m_ack_every),
                        MakeUintegerChecker<uint32_t>(1, 65536))
          .AddAttribute("WindowBytes",
                        "Frame bytes that a queue pair may have unacknowledged [bytes]; 0: one "
                        "bandwidth-delay product of its path.",
                        UintegerValue(0), MakeUintegerAccessor(&Nic::m_window_bytes),
                        MakeUintegerChecker<uint64_t>())
          .AddAttribute(
              "RetransmitTimeout",
              "Retransmission timeout [time]; 0: the time to send two windows and to drain "
              "the largest switch buffer. Doubles up to 16 times while nothing arrives.",
              TimeValue(Seconds(0)), MakeTimeAccessor(&Nic::m_retransmit_timeout),
              MakeTimeChecker(Seconds(0)))
          .AddAttribute("RetryLimit",
                        "Timeouts in a row after which a queue pair gives up [count].",
                        UintegerValue(1000), MakeUintegerAccessor(&Nic::m_retry_limit),
                        MakeUintegerChecker<uint16_t>(1, 65534))
          .AddAttribute("ReorderPackets",
                        "Selective repeat: packets that must have overtaken a missing one before "
                        "it counts as lost [count] (1: IRN, SIGCOMM 2018, section 3.1); 0: 1 "
                        "where a flow has one path, a window where packets have their own, and "
                        "none where switches trim.",
                        UintegerValue(0), MakeUintegerAccessor(&Nic::m_reorder_packets),
                        MakeUintegerChecker<uint32_t>(0, ::ddlsim::kReorderPacketsMax))
          .AddAttribute("CnpInterval",
                        "Least time between two congestion notifications of a queue pair [time] "
                        "(50 us: DCQCN, SIGCOMM 2015, section 3.1).",
                        TimeValue(MicroSeconds(50)), MakeTimeAccessor(&Nic::m_cnp_interval),
                        MakeTimeChecker(Seconds(0)))
          .AddAttribute("DataClass", "Traffic class of data packets [0 .. 7].", UintegerValue(3),
                        MakeUintegerAccessor(&Nic::m_data_class),
                        MakeUintegerChecker<uint8_t>(0, 7))
          .AddAttribute("ControlClass",
                        "Traffic class of acknowledgements and congestion notifications [0 .. 7].",
                        UintegerValue(6), MakeUintegerAccessor(&Nic::m_control_class),
                        MakeUintegerChecker<uint8_t>(0, 7));
  return tid;
}

::ddlsim::NicConfig Nic::Config() const {
  ::ddlsim::NicConfig config;
  config.payload_bytes = m_payload_bytes;
  config.ack_every = m_ack_every;
  config.window_bytes = m_window_bytes;
  config.retransmit_timeout_ps = static_cast<uint64_t>(m_retransmit_timeout.GetPicoSeconds());
  config.retry_limit = m_retry_limit;
  config.reorder_packets = m_reorder_packets;
  config.cnp_interval_ps = static_cast<uint64_t>(m_cnp_interval.GetPicoSeconds());
  config.data_class = m_data_class;
  config.control_class = m_control_class;
  return config;
}

}  // namespace ddl
}  // namespace ns3
