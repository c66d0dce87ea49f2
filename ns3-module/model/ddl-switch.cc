// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-switch.h"

#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

namespace ns3 {
namespace ddl {

NS_OBJECT_ENSURE_REGISTERED(Switch);

TypeId Switch::GetTypeId() {
  static TypeId tid = AddPfcAttributes(AddQueueAttributes(
      TypeId("ns3::ddl::Switch")
          .SetParent<Object>()
          .SetGroupName("Ddl")
          .AddConstructor<Switch>()
          .AddAttribute("BufferBytes", "Packet buffer shared by all ports of a switch [bytes].",
                        UintegerValue(32u << 20), MakeUintegerAccessor(&Switch::m_buffer_bytes),
                        MakeUintegerChecker<uint64_t>(1))
          .AddAttribute("BufferAlpha",
                        "Dynamic threshold: a queue may hold this many times the free buffer; 0: "
                        "all of it (Choudhury and Hahne, ToN 1998).",
                        DoubleValue(0), MakeDoubleAccessor(&Switch::m_buffer_alpha),
                        MakeDoubleChecker<double>(0, 1024))
          .AddAttribute("Latency",
                        "From a frame's last bit in (cut-through: its first bytes) to its first "
                        "bit out of an idle port [time].",
                        TimeValue(Seconds(0)), MakeTimeAccessor(&Switch::m_latency),
                        MakeTimeChecker(Seconds(0)))
          .AddAttribute("CutThrough",
                        "Forward when CutThroughBytes of a frame have come, to ports that are not "
                        "faster; else the whole frame (store-and-forward).",
                        BooleanValue(false), MakeBooleanAccessor(&Switch::m_is_cut_through),
                        MakeBooleanChecker())
          .AddAttribute("CutThroughBytes", "What cut-through waits for [bytes of the frame].",
                        UintegerValue(64), MakeUintegerAccessor(&Switch::m_cut_through_bytes),
                        MakeUintegerChecker<uint32_t>(1, 65535))
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
          .AddAttribute("EcnAtDequeue",
                        "Mark by the queue that a frame leaves behind, not by the one it finds.",
                        BooleanValue(false), MakeBooleanAccessor(&Switch::m_is_ecn_at_dequeue),
                        MakeBooleanChecker())
          .AddAttribute("EcnPmax", "Probability of marking at EcnKmax.", DoubleValue(0.2),
                        MakeDoubleAccessor(&Switch::m_ecn_pmax), MakeDoubleChecker<double>(0, 1))));
  return tid;
}

TypeId Switch::AddQueueAttributes(TypeId tid) {
  return tid
      .AddAttribute("ClassWeights",
                    "Weights of the traffic classes 0 to 7, separated by commas; 0: strict, "
                    "before all weighted ones, the highest first.",
                    StringValue("1,1,1,8,1,1,0,0"), MakeStringAccessor(&Switch::m_class_weights),
                    MakeStringChecker())
      .AddAttribute("Trim",
                    "Cut the payload off data that finds no room in a lossy queue, and forward "
                    "the header.",
                    BooleanValue(false), MakeBooleanAccessor(&Switch::m_trims),
                    MakeBooleanChecker())
      .AddAttribute("TrimmedClass", "Traffic class of trimmed packets [0 .. 7].", UintegerValue(6),
                    MakeUintegerAccessor(&Switch::m_trimmed_class),
                    MakeUintegerChecker<uint32_t>(0, 7))
      .AddAttribute("FlowletGap",
                    "Flowlet routing: silence after which a flow may take another path [time].",
                    TimeValue(MicroSeconds(100)), MakeTimeAccessor(&Switch::m_flowlet_gap),
                    MakeTimeChecker(Seconds(0)))
      .AddAttribute("ConvergenceDelay",
                    "From a link's failure or repair until routes know of it [time].",
                    TimeValue(MilliSeconds(1)), MakeTimeAccessor(&Switch::m_convergence_delay),
                    MakeTimeChecker(Seconds(0)));
}

TypeId Switch::AddPfcAttributes(TypeId tid) {
  return tid
      .AddAttribute("PfcEnabled", "Priority-based flow control (IEEE 802.1Qbb).",
                    BooleanValue(false), MakeBooleanAccessor(&Switch::m_is_pfc_enabled),
                    MakeBooleanChecker())
      .AddAttribute("LosslessClasses", "Traffic classes under flow control [bit mask].",
                    UintegerValue(1u << 3), MakeUintegerAccessor(&Switch::m_lossless_classes),
                    MakeUintegerChecker<uint32_t>(1, 255))
      .AddAttribute("PfcAlpha",
                    "An ingress port and class is paused when it holds this many times the free "
                    "shared buffer (1/8: HPCC's published configuration).",
                    DoubleValue(0.125), MakeDoubleAccessor(&Switch::m_pfc_alpha),
                    MakeDoubleChecker<double>(1e-6, 1024))
      .AddAttribute("PfcXonOffset", "Resumed this far below the threshold [bytes].",
                    UintegerValue(3000), MakeUintegerAccessor(&Switch::m_pfc_xon_offset_bytes),
                    MakeUintegerChecker<uint64_t>())
      .AddAttribute("PfcHeadroom",
                    "Buffer kept per ingress port and lossless class for what comes after a pause "
                    "[bytes]; 0: from the link's rate and delay.",
                    UintegerValue(0), MakeUintegerAccessor(&Switch::m_pfc_headroom_bytes),
                    MakeUintegerChecker<uint64_t>())
      .AddAttribute("PfcPauseQuanta",
                    "Pause time in a pause frame [512 bit times]; refreshed when half has passed.",
                    UintegerValue(65535), MakeUintegerAccessor(&Switch::m_pfc_pause_quanta),
                    MakeUintegerChecker<uint32_t>(16, 65535))
      .AddAttribute("PfcStormTime", "A pause that lasts this long is reported as a storm [time].",
                    TimeValue(MilliSeconds(1)), MakeTimeAccessor(&Switch::m_pfc_storm_time),
                    MakeTimeChecker(Seconds(0)));
}

::ddlsim::SwitchConfig Switch::Config() const {
  ::ddlsim::SwitchConfig config;
  config.buffer_bytes = m_buffer_bytes;
  config.latency_ps = static_cast<uint64_t>(m_latency.GetPicoSeconds());
  config.cut_through_bytes = m_is_cut_through ? m_cut_through_bytes : 0;
  return config;
}

void Switch::Configure(::ddlsim::FabricConfig& config) const {
  config.ecn.enabled = m_is_ecn_enabled;
  config.ecn.kmin_bytes_per_100g = m_ecn_kmin_bytes;
  config.ecn.kmax_bytes_per_100g = m_ecn_kmax_bytes;
  config.ecn.pmax = m_ecn_pmax;
  config.ecn.at_dequeue = m_is_ecn_at_dequeue;
  config.buffer_alpha = m_buffer_alpha;
  config.trims = m_trims;
  config.trimmed_class = m_trimmed_class;
  config.flowlet_gap_ps = static_cast<uint64_t>(m_flowlet_gap.GetPicoSeconds());
  config.convergence_delay_ps = static_cast<uint64_t>(m_convergence_delay.GetPicoSeconds());
  config.pfc.enabled = m_is_pfc_enabled;
  config.pfc.lossless_classes = static_cast<uint8_t>(m_lossless_classes);
  config.pfc.alpha = m_pfc_alpha;
  config.pfc.xon_offset_bytes = m_pfc_xon_offset_bytes;
  config.pfc.headroom_bytes = m_pfc_headroom_bytes;
  config.pfc.pause_quanta = m_pfc_pause_quanta;
  config.pfc.storm_ps = static_cast<uint64_t>(m_pfc_storm_time.GetPicoSeconds());
  const std::string place = "ns3::ddl::Switch::ClassWeights";
  std::istringstream entries(m_class_weights);
  size_t count = 0;
  for (std::string entry; std::getline(entries, entry, ','); ++count) {
    if (count == config.qos.weights.size()) break;
    config.qos.weights[count] = static_cast<uint32_t>(::ddlsim::ParseCount(place, entry, 0, 1000));
  }
  if (count != config.qos.weights.size() || !entries.eof()) {
    throw ::ddlsim::InputError(place, "does not hold eight weights",
                               "write, for example, 1,1,1,8,1,1,0,0");
  }
}

}  // namespace ddl
}  // namespace ns3
