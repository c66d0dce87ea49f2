// SPDX-License-Identifier: GPL-2.0-only
//
// The interface of congestion control algorithms: one object per queue pair that is in use. An
// algorithm is one class, described by a CongestionAlgorithm record; docs/congestion-control.md
// says how to add one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "congestion/parameter.h"
#include "fabric/telemetry.h"

namespace ddlsim {

// What an algorithm may know of its queue pair when it is made.
struct CongestionControlContext {
  uint64_t line_rate_bps = 0;  // of the host's port
  uint64_t base_rtt_ps = 0;    // one full packet and its acknowledgement on an idle network
  uint64_t loop_ps = 0;        // the same where the acknowledgement waits for data at every hop
  uint64_t window_bytes = 0;   // the transport's own window, which stays in force
  uint32_t payload_bytes = 0;  // of a full packet
  uint32_t frame_bytes = 0;    // of a full packet with its headers
  uint32_t hops = 0;           // links of the forward path
  uint32_t ack_every = 1;      // packets after which a receiver acknowledges unasked
  bool has_trimming = false;   // switches cut the payload off what finds no room
};

// What an acknowledgement says. Bytes are frame bytes.
struct AckEvent {
  uint64_t now_ps = 0;
  uint64_t rtt_ps = 0;           // of the packet that caused it
  uint64_t acked_bytes = 0;      // newly acknowledged
  uint32_t acked_packets = 0;    // newly acknowledged
  uint32_t marked_packets = 0;   // that have arrived marked since the acknowledgement before
  uint32_t una_psn = 0;          // oldest packet still unacknowledged
  uint32_t next_psn = 0;         // packet that is sent next
  uint64_t in_flight_bytes = 0;  // left unacknowledged
  // Selective repeat: the packet that caused it came without its payload, and is lost. It counts
  // among the marked ones.
  bool is_trimmed = false;
  // Of the packet that caused it, with CongestionAlgorithm::wants_telemetry; else nullptr.
  const Telemetry* telemetry = nullptr;
};

// Times are the fabric's. An algorithm sets no timers: what is due by a time is done when it is
// asked next, so an idle queue pair costs nothing.
class CongestionControl {
 public:
  virtual ~CongestionControl() = default;
  // Before a frame is sent: the rate in force now, in bit/s of frame bytes. Observers ask too, for
  // it and for the window: to be asked more often must change nothing.
  virtual double RateBps(uint64_t now_ps) = 0;
  // Bytes that may be unacknowledged now; UINT64_MAX leaves it to the transport's window.
  virtual uint64_t WindowBytes(uint64_t /*now_ps*/) { return UINT64_MAX; }
  // Once for every packet, before it leaves: whether it asks for an acknowledgement at once. Bytes
  // that are under way with it.
  virtual bool AskForAck(uint64_t /*in_flight_bytes*/) { return false; }
  virtual void OnSent(uint64_t /*now_ps*/, uint32_t /*frame_bytes*/) {}
  virtual void OnAck(const AckEvent& /*ack*/) {}
  virtual void OnCnp(uint64_t /*now_ps*/) {}
  // A gap was reported (NAK).
  virtual void OnLoss(uint64_t /*now_ps*/) {}
  virtual void OnTimeout(uint64_t now_ps) { OnLoss(now_ps); }
};

// Makes the algorithm of a run; an empty function stands for none (the window alone).
using CongestionControlFactory =
    std::function<std::unique_ptr<CongestionControl>(const CongestionControlContext&)>;

// An algorithm as `--cc` and the attributes know it.
struct CongestionAlgorithm {
  const char* name;       // of --cc: "dcqcn"
  const char* type_name;  // of its ns-3 type, below ns3::ddl: "Dcqcn"
  const char* source;     // paper and section
  std::vector<Parameter> parameters;
  std::unique_ptr<CongestionControl> (*make)(const ParameterValues&,
                                             const CongestionControlContext&);
  bool wants_cnp = false;        // receivers send congestion notification packets
  bool wants_telemetry = false;  // switches note their state in data packets (INT)
};

// CongestionAlgorithm::make of a class with the constructor (values, context).
template <typename Class>
std::unique_ptr<CongestionControl> MakeAlgorithm(const ParameterValues& values,
                                                 const CongestionControlContext& context) {
  return std::make_unique<Class>(values, context);
}

}  // namespace ddlsim
