// SPDX-License-Identifier: GPL-2.0-only
//
// What a collective library costs beside the wire. Every number is a parameter with a name, a
// default and a range; docs/library-model.md has the sources. Rates are in GB/s (1e9 bytes per
// second), times in microseconds.
#pragma once

#include <array>
#include <cstdint>

#include "library/protocol.h"

namespace ddlsim {

// One protocol's costs.
struct ProtocolCosts {
  double base_us = 0;          // of a collective, once
  double step_us = 0;          // of a step to a GPU of the same node; occupies the channel
  double step_floor_us = 0;    // the same at least, where the collective spans nodes (proxy post)
  double network_step_us = 0;  // of a step to another node, wire included, on the reference fabric
  double fill = 0;             // of the chunk, at the end of the pipeline
  double chunk_bytes = 0;      // per channel
  double slices = 1;           // of a chunk; each occupies the channel by itself
  double wire_factor = 1;      // bytes on the wire per byte of data
  double spread = 0;           // of a chunk's time, by which the channels end apart
  double doubling_us = 0;      // of a step, for each doubling of the threads (StepSavingUs())
};

struct TreeCosts {
  double step_us = 0;
  double network_step_us = 0;
  double chunk_bytes = 0;
  double rate_factor_one_node = 1;  // of the tree's rate
  double rate_factor = 1;
};

// The rates of a GPU generation and its scale-up links.
struct GpuRates {
  double channels = 24;       // rings
  double ring_rate = 0;       // all channels', over a whole collective, per direction
  double nvls_rate = 0;       // bus bandwidth of NVLS among 8 GPUs; 0: no NVLS
  double ll_cap = 0;          // of LL
  double ll128_share = 1;     // of ring_rate, by LL128
  double nvls_channels = 16;  // one node
  double nvls_channels_multi = 16;
  double nvls_large_rate = 0;  // nvls_rate from nvls_large_bytes on; 0: no other
  double nvls_large_bytes = 0;
};

// The network between nodes and the plugin that drives it.
struct FabricCosts {
  double ring_share = 0.92;  // of the NICs' line rate, by rings
  double tree_share = 0.95;  // by trees
  double step_scale = 2;     // network steps are so much longer than on the reference fabric
  double offset_us = 10;     // once per collective
  double ll_cap = 45;        // of LL between nodes
  double floor_us = 0;       // a collective takes no less
  double channels = 0;       // at most so many; 0: as many as the GPUs have
  double simple_only = 0;    // 1: rings under Simple alone, unless told otherwise
};

struct LaunchCosts {
  double floor_us = 6;           // process per GPU: a call takes no less
  double single_floor_us = 33;   // single process: no less than this and ...
  double single_channel_us = 2;  // ... this per channel
  double synchronized_us = 18;   // synchronised: before the kernel
};

struct LibraryParameters {
  std::array<ProtocolCosts, kProtocolCount> ring{{
      {},
      {8, 0.7, 1, 1.35, 0, 32u << 10, 1, 2, 0, 0},
      {14, 2.1, 1, 2.0, 1.1, 562u << 10, 1, 16.0 / 15},
      {12, 8.0, 3, 7, 0.6, 2u << 20, 2, 1, 0.6},
  }};
  std::array<TreeCosts, kProtocolCount> tree{{
      {},
      {0.6, 5, 32u << 10, 1 / 3.8, 1 / 3.8},
      {2.8, 8.5, 128u << 10, 7.0 / 9, 15.0 / 16},
      {4.0, 14, 512u << 10, 1, 1},
  }};
  double gather_factor = 0.96;  // of the rate, in all_gather and reduce_scatter (LL128, Simple)
  double broadcast_fill = 0.035;
  double broadcast_chunk_bytes = 512u << 10;
  double tree_fill = 0.07;
  double tree_rate_share = 0.2;  // of ring_rate: each GPU receives, reduces and sends twice
  double nvls_base_us = 30;
  double nvls_loops = 2.7;  // scatter, reduce and gather follow one another
  double nvls_tree_step_us = 20.9;
  double nvls_tree_share = 0.92;   // of NVLS's rate
  double in_network_share = 0.92;  // of the NICs, by SHARP
  double in_network_nvls_share = 0.72;
  double peer_base_us = 10;    // sends and receives, and groups of them: once
  double peer_extra_us = 1;    // per message of a group beyond the first
  double peer_simple_us = 27;  // the base of large messages within a node
  double peer_small_bytes = 128u << 10;
  double peer_network_us = 5;  // of a message to another node, wire included, reference fabric
  double single_peer_network_share = 0.39;  // of the NIC, by one message
  double peer_chunk_bytes = 512u << 10;     // messages are copied in pieces
  double peer_network_chunk_bytes = 128u << 10;
  GpuRates gpu;
  FabricCosts fabric;
  LaunchCosts launch;
};

}  // namespace ddlsim
