// SPDX-License-Identifier: GPL-2.0-only
//
// What a fabric does with frames: marking, buffers, classes, flow control, choice of paths. The
// defaults are plain FIFO ports behind a shared drop-tail buffer, with ECN.
#pragma once

#include <array>
#include <cstdint>

namespace ddlsim {

// Traffic classes, the priorities of IEEE 802.1Q: 7 is the most important.
constexpr uint32_t kTrafficClassesMax = 8;

// ECN marking at egress, by instantaneous queue length (Zhu et al., "Congestion Control for
// Large-Scale RDMA Deployments", SIGCOMM 2015, section 3.1), linear in the link rate.
struct EcnConfig {
  bool enabled = true;
  // Kmin, Kmax and Pmax as in the configuration that the HPCC authors publish for their DCQCN
  // baseline (Li et al., SIGCOMM 2019): 400 KB, 1,600 KB and 0.2 at 100 Gb/s.
  uint64_t kmin_bytes_per_100g = 400000;
  uint64_t kmax_bytes_per_100g = 1600000;
  double pmax = 0.2;
  // By the queue that a frame leaves behind it, and not by the one that it finds. Then an
  // unmarked frame that was late says that the queue drains (UE specification 1.0, section
  // 3.6.13).
  bool at_dequeue = false;
};

// How a port chooses among its classes.
struct QosConfig {
  bool has_classes = false;  // else all frames share one FIFO
  // 0: strict, before all weighted classes, the highest first; else the share of what is left
  // (deficit round robin: Shreedhar and Varghese, SIGCOMM 1995).
  std::array<uint32_t, kTrafficClassesMax> weights{};
};

// Priority-based flow control (IEEE 802.1Qbb) with dynamic thresholds at ingress.
struct PfcConfig {
  bool enabled = false;
  uint8_t lossless_classes = 1u << 3;  // bit per class; without classes, all traffic
  // An ingress port and class is paused when it holds more than alpha times the free shared buffer
  // (1/8: the HPCC authors' published configuration).
  double alpha = 0.125;
  // Resumed when it is this much below the threshold.
  uint64_t xon_offset_bytes = 3000;
  // Per ingress port and class; 0: from the link's rate and delay, see HeadroomBytes().
  uint64_t headroom_bytes = 0;
  uint32_t pause_quanta = 65535;   // of 512 bit times; refreshed when half of them have passed
  uint64_t storm_ps = 1000000000;  // a pause this long is reported
};

enum class Routing : uint8_t {
  kEcmp,      // a path per flow, by hash
  kSpray,     // a path per packet, by hash
  kFlowlet,   // a new random path after a gap (Vanini et al., "Let It Flow", NSDI 2017)
  kAdaptive,  // per packet, the least loaded of the equal-cost ports
};

struct FabricConfig {
  uint64_t seed = 1;
  EcnConfig ecn;
  QosConfig qos;
  PfcConfig pfc;
  Routing routing = Routing::kEcmp;
  uint64_t flowlet_gap_ps = 100000000;
  // A queue may hold alpha times what is free of the switch's buffer (Choudhury and Hahne, "Dynamic
  // Queue Length Thresholds", ToN 1998); 0: the whole buffer.
  double buffer_alpha = 0;
  bool has_telemetry = false;   // every switch port notes its state in data frames (INT)
  bool trims = false;           // data that finds no room loses its payload, not its place
  uint32_t trimmed_bytes = 78;  // of the frame that is left: the headers of a first packet
  uint32_t trimmed_class = 6;
  uint32_t frame_bytes_max = 16384 + 78;  // of the largest frame, for headroom
  // From the end of a link's life, or its new beginning, until routes know of it.
  uint64_t convergence_delay_ps = 0;

  // Whether ports need an event at the end of every transmission.
  bool NeedsQueues() const {
    return qos.has_classes || pfc.enabled || has_telemetry || trims || ecn.at_dequeue;
  }
};

}  // namespace ddlsim
