// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// Two hosts on one cable. With several NICs each has a cable of its own to its like, which is a
// domain of its own: there is no way from one cable to another. Throws InputError (--hosts).
void AddPair(NetworkGraph& graph, const TopologyHosts& hosts, const LinkConfig& links);

}  // namespace ddlsim
