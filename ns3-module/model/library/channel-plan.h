// SPDX-License-Identifier: GPL-2.0-only
//
// How a collective library runs one collective: the algorithm and protocol, cut into bundles of
// channels (one per NIC of a node), rounds and slices, and what each slice costs its channel beside
// the wire. Made by library/, executed by endpoint/channel-run.h.
#pragma once

#include <cstdint>
#include <vector>

#include "collective/schedule.h"
#include "library/protocol.h"

namespace ddlsim {

struct ChannelPlan {
  CollectiveSpec spec;  // algorithm resolved, sizes of the whole collective
  Protocol protocol = Protocol::kSimple;
  uint32_t channels = 1;
  double kernel_us = 0;  // by closed formula, and what the caller sees of it:
  double model_us = 0;

  uint32_t bundles = 1;      // that run the schedule side by side, each on its part of the data
  uint64_t round_bytes = 1;  // of a bundle's part, by one run of the schedule
  uint32_t slices = 1;       // of each message
  double wire_factor = 1;    // bytes sent per byte of data

  uint64_t launch_ps = 0;           // from the call to the first slice
  uint64_t floor_ps = 0;            // a call takes no less
  uint64_t slice_ps = 0;            // a slice occupies its channel for this and its bytes:
  double scale_up_ps_per_byte = 0;  // a copy by all channels of the bundle
  double posted_ps_per_byte = 0;    // the same for a NIC's proxy
  // Proxies hand data to a NIC no faster: what the fabric's software reaches of the line rate.
  double network_ps_per_byte = 0;
  // Flags lie among the data, so that rounds run into each other: slices synchronise in the first
  // round only, and what is received and not sent on holds up nothing but the end.
  bool streams = false;
  // Of the wire within a node: messages leave so much before their copy is over; 0: as it begins.
  double wire_ps_per_byte = 0;
  // GPUs' ports are faster than the links behind them: a message has left its channel only when it
  // has passed the link.
  bool waits_for_link = false;
  // Of these costs in a lane, for algorithms whose lanes move unlike amounts of data; empty: 1.
  std::vector<double> lane_shares;
  double receive_share = 1;       // of these costs, where a slice is received and not sent on
  double spread = 0;              // of a slice's copy, which the last channel needs longer
  uint64_t post_ps = 0;           // from the proxy to the NIC and at the far end
  uint64_t scale_up_post_ps = 0;  // the same within a node; 0: the channel sends by itself
  uint32_t posts_max = 4;         // slices that a channel may be ahead of what it has posted
};

}  // namespace ddlsim
