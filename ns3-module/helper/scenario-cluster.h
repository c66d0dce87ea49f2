// SPDX-License-Identifier: GPL-2.0-only
//
// From the options of a run to its hosts, where these have several GPUs.
#ifndef DDL_SCENARIO_CLUSTER_H
#define DDL_SCENARIO_CLUSTER_H

#include <optional>
#include <string>

#include "cluster/cluster-map.h"
#include "option-set.h"

namespace ddlsim {

// Whether --hardware names a host and not a GPU. Throws InputError for what is neither.
bool IsHostHardware(const OptionSet& options);

// What --topology is where nobody says: rail-optimised where hosts have several NICs, as such
// clusters are built, else a fat-tree. Throws InputError.
std::string DefaultTopology(const OptionSet& options);

// The GPU of --hardware, be it named itself or by its host.
std::string GpuOfHardware(const OptionSet& options);

// The hosts that --hardware or --gpus-per-host ask for; nothing where hosts have one GPU and one
// link each, which are then as many as --hosts says. Holds at least `ranks`; 0: as many as --nodes
// says, or 16. Writes what it decided back to the options. Throws InputError.
std::optional<ClusterMap> RequestedCluster(OptionSet& options, uint32_t ranks);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_CLUSTER_H */
