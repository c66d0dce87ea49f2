// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "topology/topology-parts.h"

namespace ddlsim {

// All hosts on one switch, "switch-0". Throws InputError (place --hosts).
void AddStar(NetworkGraph& graph, const TopologyHosts& hosts, const TopologyParts& parts);

}  // namespace ddlsim
