// SPDX-License-Identifier: GPL-2.0-only
//
// What kAuto stands for where no library chooses and the hosts of a group have several ranks each:
// a ring over all ranks leaves each host by one NIC and waits for it in every step, a hierarchical
// algorithm uses all NICs with less data each. On a mesh a ring uses one link of each GPU, and
// algorithms that talk to all others at once use all of them. Pure function of the group's shape
// and its links.
#pragma once

#include <cstdint>

#include "collective/schedule.h"

namespace ddlsim {

// Of one group of `local_size` ranks on each of its hosts.
struct NodeLinks {
  uint32_t nics_per_node = 1;
  double up_ps_per_byte = 0;   // between ranks of a host, headers included
  double out_ps_per_byte = 0;  // of one NIC
  double up_latency_ps = 0;
  double out_latency_ps = 0;
  // Of the link that each two ranks of a host have for themselves; 0: they share a network.
  double pair_ps_per_byte = 0;
};

// Among the collective's algorithms that know of nodes or are its default, the one that takes the
// least time on a network that adds no congestion; kAuto where nodes make no difference. `spec` has
// rank count, local size and bytes; docs/collectives.md has the formulas.
Algorithm NodeAwareChoice(const CollectiveSpec& spec, const NodeLinks& links);

}  // namespace ddlsim
