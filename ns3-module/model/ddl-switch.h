// SPDX-License-Identifier: GPL-2.0-only
//
// The ns-3 face of switches: their parameters as attributes.
#ifndef DDL_SWITCH_H
#define DDL_SWITCH_H

#include <string>

#include "fabric/fabric-config.h"
#include "fabric/network-graph.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

namespace ns3 {
namespace ddl {

/** Parameters of switches: buffer, marking, classes, flow control, choice of paths. */
class Switch : public Object {
 public:
  static TypeId GetTypeId();
  ::ddlsim::SwitchConfig Config() const;
  /** Fills in what the attributes say; throws ddlsim::InputError for ClassWeights that are none. */
  void Configure(::ddlsim::FabricConfig& config) const;

 private:
  static TypeId AddPfcAttributes(TypeId tid);
  static TypeId AddQueueAttributes(TypeId tid);

  uint64_t m_buffer_bytes;
  double m_buffer_alpha;
  Time m_latency;
  uint32_t m_cut_through_bytes;
  bool m_is_cut_through;
  bool m_is_ecn_enabled;
  uint64_t m_ecn_kmin_bytes;
  uint64_t m_ecn_kmax_bytes;
  double m_ecn_pmax;
  bool m_is_ecn_at_dequeue;
  std::string m_class_weights;
  bool m_trims;
  uint32_t m_trimmed_class;
  Time m_flowlet_gap;
  Time m_convergence_delay;
  bool m_is_pfc_enabled;
  uint32_t m_lossless_classes;
  double m_pfc_alpha;
  uint64_t m_pfc_xon_offset_bytes;
  uint64_t m_pfc_headroom_bytes;
  uint32_t m_pfc_pause_quanta;
  Time m_pfc_storm_time;
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_SWITCH_H */
