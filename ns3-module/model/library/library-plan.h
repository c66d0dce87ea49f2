// SPDX-License-Identifier: GPL-2.0-only
//
// From a collective to the way in which the library runs it: the cheapest algorithm and protocol
// by the closed formulas, and its costs at the endpoints. What the formulas count for the wire is
// left out of these: the simulated network has its own.
#pragma once

#include "collective/schedule.h"
#include "library/channel-plan.h"
#include "library/library-model.h"

namespace ddlsim {

struct LibraryConfig {
  LibraryParameters parameters;
  LaunchStyle style = LaunchStyle::kProcessPerGpu;
  Protocol protocol = Protocol::kAuto;
  uint32_t channels = 0;                 // at most; 0: the library's
  double nic_rate = 0;                   // GB/s of one NIC, line rate
  double scale_up_wire_ps_per_byte = 0;  // of data, framing included
  bool scale_up_has_rings = false;       // rings have links of their own, slower than GPUs' ports
  double scale_up_latency_us = 0;        // of a message of no bytes between GPUs of a node
  double network_latency_us = 0;         // of a message of no bytes between NICs
};

struct GroupFacts {
  uint32_t node_count = 1;
  uint32_t nics_per_node = 1;
  bool has_engines = false;         // switches of the nodes that reduce
  bool has_switch_engines = false;  // switches between the nodes that reduce
  uint32_t local_rings = 1;         // side by side in a group of one node
};

// Whether the library runs the collective by channels; see also IsPeerPlanned().
bool IsPlanned(const CollectiveSpec& spec);

// `spec.algorithm` kAuto: the library's choice. Throws InputError (places --algo, --proto) where
// the library has no such way of running the collective. A barrier is planned as the all_reduce
// that frameworks use for it.
ChannelPlan MakeLibraryPlan(const CollectiveSpec& spec, const GroupFacts& group,
                            const LibraryConfig& config);

// Reduction in the switches between nodes without a library: no costs but the network's.
ChannelPlan MakePlainPlan(const CollectiveSpec& spec, const GroupFacts& group);

}  // namespace ddlsim
