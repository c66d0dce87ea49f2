// SPDX-License-Identifier: GPL-2.0-only
//
// All builders, and for programs that need nothing but one regular network the same as functions
// that return a graph that is ready for the fabric.
#pragma once

#include "topology/dragonfly.h"
#include "topology/fat-tree.h"
#include "topology/full-mesh.h"
#include "topology/grid.h"
#include "topology/hypercube.h"
#include "topology/leaf-spine.h"
#include "topology/pair.h"
#include "topology/rail.h"
#include "topology/ring.h"
#include "topology/star.h"
#include "topology/tree.h"
#include "topology/wan.h"

namespace ddlsim {

// `links` join hosts to switches, `fabric_links` switches to one another.
NetworkGraph BuildFatTree(const FatTreeSpec& resolved, const SwitchConfig& switches,
                          const LinkConfig& links, const LinkConfig& fabric_links);
NetworkGraph BuildFatTree(const FatTreeSpec& resolved, const SwitchConfig& switches,
                          const LinkConfig& links);
NetworkGraph BuildStar(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links);
NetworkGraph BuildRing(uint32_t hosts, const SwitchConfig& switches, const LinkConfig& links);
NetworkGraph BuildPair(const LinkConfig& links);

}  // namespace ddlsim
