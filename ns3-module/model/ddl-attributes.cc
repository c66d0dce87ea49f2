// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-attributes.h"

#include "nic/wire-format.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/uinteger.h"

namespace ns3 {
namespace ddl {

NS_OBJECT_ENSURE_REGISTERED(Nic);
NS_OBJECT_ENSURE_REGISTERED(Switch);

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
                        "it counts as lost [count] (1: IRN, SIGCOMM 2018, section 3.1).",
                        UintegerValue(1), MakeUintegerAccessor(&Nic::m_reorder_packets),
                        MakeUintegerChecker<uint32_t>(1, 1u << 20))
          .AddAttribute("CnpInterval",
                        "Least time between two congestion notifications of a queue pair [time] "
                        "(50 us: DCQCN, SIGCOMM 2015, section 3.1).",
                        TimeValue(MicroSeconds(50)), MakeTimeAccessor(&Nic::m_cnp_interval),
                        MakeTimeChecker(Seconds(0)));
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
  return config;
}

TypeId Switch::GetTypeId() {
  static TypeId tid =
      TypeId("ns3::ddl::Switch")
          .SetParent<Object>()
          .SetGroupName("Ddl")
          .AddConstructor<Switch>()
          .AddAttribute("BufferBytes", "Packet buffer shared by all ports of a switch [bytes].",
                        UintegerValue(32u << 20), MakeUintegerAccessor(&Switch::m_buffer_bytes),
                        MakeUintegerChecker<uint64_t>(1))
          .AddAttribute("Latency",
                        "From a frame's last bit in to its first bit out of an idle port [time].",
                        TimeValue(Seconds(0)), MakeTimeAccessor(&Switch::m_latency),
                        MakeTimeChecker(Seconds(0)))
          .AddAttribute("EcnEnabled", "Mark congestion experienced at egress.", BooleanValue(true),
                        MakeBooleanAccessor(&Switch::m_is_ecn_enabled), MakeBooleanChecker())
          .AddAttribute("EcnKmin",
                        "Queue above which frames are marked, on a 100 Gb/s link; scales with the "
                        "link's rate [bytes] (400 KB: HPCC's published configuration).",
                        UintegerValue(400000), MakeUintegerAccessor(&Switch::m_ecn_kmin_bytes),
                        MakeUintegerChecker<uint64_t>())
          .AddAttribute("EcnKmax",
                        "Queue above which every frame is marked, scaled likewise [bytes].",
                        UintegerValue(1600000), MakeUintegerAccessor(&Switch::m_ecn_kmax_bytes),
                        MakeUintegerChecker<uint64_t>())
          .AddAttribute("EcnPmax", "Probability of marking at EcnKmax.", DoubleValue(0.2),
                        MakeDoubleAccessor(&Switch::m_ecn_pmax), MakeDoubleChecker<double>(0, 1));
  return tid;
}

::ddlsim::SwitchConfig Switch::Config() const {
  ::ddlsim::SwitchConfig config;
  config.buffer_bytes = m_buffer_bytes;
  config.latency_ps = static_cast<uint64_t>(m_latency.GetPicoSeconds());
  return config;
}

::ddlsim::EcnConfig Switch::Ecn() const {
  ::ddlsim::EcnConfig config;
  config.enabled = m_is_ecn_enabled;
  config.kmin_bytes_per_100g = m_ecn_kmin_bytes;
  config.kmax_bytes_per_100g = m_ecn_kmax_bytes;
  config.pmax = m_ecn_pmax;
  return config;
}

}  // namespace ddl
}  // namespace ns3
