// SPDX-License-Identifier: GPL-2.0-only
#include "library/parameter-table.h"

#include "base/input-error.h"

namespace ddlsim {
namespace {

using P = LibraryParameters;
using Table = std::vector<LibraryParameterSpec>;

// What rings, and the base of trees, cost by protocol.
Table RingTable() {
  return {
      {"ll_base_us", 0, 1000, "LL: of a collective, once",
       [](P& p) -> double& { return p.ring[1].base_us; }},
      {"ll_step_us", 0, 1000, "LL: of a step to a GPU of the same node, which occupies its channel",
       [](P& p) -> double& { return p.ring[1].step_us; }},
      {"ll_step_floor_us", 0, 1000, "LL: the same at least, where the collective spans nodes",
       [](P& p) -> double& { return p.ring[1].step_floor_us; }},
      {"ll_network_step_us", 0, 10000,
       "LL: of a step to another node, wire included, on the reference fabric",
       [](P& p) -> double& { return p.ring[1].network_step_us; }},
      {"ll_fill", 0, 10, "LL: of a chunk's time, at the end of the pipeline",
       [](P& p) -> double& { return p.ring[1].fill; }},
      {"ll_chunk_bytes", 64, 1073741824, "LL: of a channel",
       [](P& p) -> double& { return p.ring[1].chunk_bytes; }},
      {"ll_slices", 1, 64, "LL: of a chunk", [](P& p) -> double& { return p.ring[1].slices; }},
      {"ll_wire_factor", 1, 8, "LL: bytes on the wire per byte of data",
       [](P& p) -> double& { return p.ring[1].wire_factor; }},
      {"ll_doubling_us", 0, 10,
       "LL: of a step, for each doubling of its threads; the steps' times are those with all",
       [](P& p) -> double& { return p.ring[1].doubling_us; }},
      {"ll128_base_us", 0, 1000, "LL128: of a collective, once",
       [](P& p) -> double& { return p.ring[2].base_us; }},
      {"ll128_step_us", 0, 1000,
       "LL128: of a step to a GPU of the same node, which occupies its channel",
       [](P& p) -> double& { return p.ring[2].step_us; }},
      {"ll128_step_floor_us", 0, 1000, "LL128: the same at least, where the collective spans nodes",
       [](P& p) -> double& { return p.ring[2].step_floor_us; }},
      {"ll128_network_step_us", 0, 10000,
       "LL128: of a step to another node, wire included, on the reference fabric",
       [](P& p) -> double& { return p.ring[2].network_step_us; }},
      {"ll128_fill", 0, 10, "LL128: of a chunk's time, at the end of the pipeline",
       [](P& p) -> double& { return p.ring[2].fill; }},
      {"ll128_chunk_bytes", 64, 1073741824, "LL128: of a channel",
       [](P& p) -> double& { return p.ring[2].chunk_bytes; }},
      {"ll128_slices", 1, 64, "LL128: of a chunk",
       [](P& p) -> double& { return p.ring[2].slices; }},
      {"ll128_wire_factor", 1, 8, "LL128: bytes on the wire per byte of data",
       [](P& p) -> double& { return p.ring[2].wire_factor; }},
      {"simple_base_us", 0, 1000, "Simple: of a collective, once",
       [](P& p) -> double& { return p.ring[3].base_us; }},
      {"simple_step_us", 0, 1000,
       "Simple: of a step to a GPU of the same node, which occupies its channel",
       [](P& p) -> double& { return p.ring[3].step_us; }},
      {"simple_step_floor_us", 0, 1000,
       "Simple: the same at least, where the collective spans nodes",
       [](P& p) -> double& { return p.ring[3].step_floor_us; }},
      {"simple_network_step_us", 0, 10000,
       "Simple: of a step to another node, wire included, on the reference fabric",
       [](P& p) -> double& { return p.ring[3].network_step_us; }},
      {"simple_fill", 0, 10, "Simple: of a chunk's time, at the end of the pipeline",
       [](P& p) -> double& { return p.ring[3].fill; }},
      {"simple_chunk_bytes", 64, 1073741824, "Simple: of a channel",
       [](P& p) -> double& { return p.ring[3].chunk_bytes; }},
      {"simple_slices", 1, 64, "Simple: of a chunk",
       [](P& p) -> double& { return p.ring[3].slices; }},
      {"simple_wire_factor", 1, 8, "Simple: bytes on the wire per byte of data",
       [](P& p) -> double& { return p.ring[3].wire_factor; }},
      {"simple_spread", 0, 10,
       "Simple: of a chunk's time, by which the channels of a ring end apart",
       [](P& p) -> double& { return p.ring[3].spread; }},
  };
}

// Trees.
Table TreeTable() {
  return {
      {"tree_ll_step_us", 0, 1000, "trees, LL: of a step within a node",
       [](P& p) -> double& { return p.tree[1].step_us; }},
      {"tree_ll_network_step_us", 0, 10000,
       "trees, LL: of a step between nodes, on the reference fabric",
       [](P& p) -> double& { return p.tree[1].network_step_us; }},
      {"tree_ll_chunk_bytes", 64, 1073741824, "trees, LL: of a channel",
       [](P& p) -> double& { return p.tree[1].chunk_bytes; }},
      {"tree_ll_node_rate_share", 0.01, 1, "trees, LL: of the tree's rate, on one node",
       [](P& p) -> double& { return p.tree[1].rate_factor_one_node; }},
      {"tree_ll_rate_share", 0.01, 1, "trees, LL: of the tree's rate, on several",
       [](P& p) -> double& { return p.tree[1].rate_factor; }},
      {"tree_ll128_step_us", 0, 1000, "trees, LL128: of a step within a node",
       [](P& p) -> double& { return p.tree[2].step_us; }},
      {"tree_ll128_network_step_us", 0, 10000,
       "trees, LL128: of a step between nodes, on the reference fabric",
       [](P& p) -> double& { return p.tree[2].network_step_us; }},
      {"tree_ll128_chunk_bytes", 64, 1073741824, "trees, LL128: of a channel",
       [](P& p) -> double& { return p.tree[2].chunk_bytes; }},
      {"tree_ll128_node_rate_share", 0.01, 1, "trees, LL128: of the tree's rate, on one node",
       [](P& p) -> double& { return p.tree[2].rate_factor_one_node; }},
      {"tree_ll128_rate_share", 0.01, 1, "trees, LL128: of the tree's rate, on several",
       [](P& p) -> double& { return p.tree[2].rate_factor; }},
      {"tree_simple_step_us", 0, 1000, "trees, Simple: of a step within a node",
       [](P& p) -> double& { return p.tree[3].step_us; }},
      {"tree_simple_network_step_us", 0, 10000,
       "trees, Simple: of a step between nodes, on the reference fabric",
       [](P& p) -> double& { return p.tree[3].network_step_us; }},
      {"tree_simple_chunk_bytes", 64, 1073741824, "trees, Simple: of a channel",
       [](P& p) -> double& { return p.tree[3].chunk_bytes; }},
      {"tree_simple_node_rate_share", 0.01, 1, "trees, Simple: of the tree's rate, on one node",
       [](P& p) -> double& { return p.tree[3].rate_factor_one_node; }},
      {"tree_simple_rate_share", 0.01, 1, "trees, Simple: of the tree's rate, on several",
       [](P& p) -> double& { return p.tree[3].rate_factor; }},
      {"tree_fill", 0, 10, "trees: of a chunk's time per step",
       [](P& p) -> double& { return p.tree_fill; }},
      {"tree_rate_share", 0.01, 1, "trees: of the rings' rate",
       [](P& p) -> double& { return p.tree_rate_share; }},
  };
}

// Other algorithms.
Table OtherTable() {
  return {
      {"gather_rate_share", 0.1, 1,
       "all_gather and reduce_scatter: of the rate of LL128 and Simple",
       [](P& p) -> double& { return p.gather_factor; }},
      {"broadcast_fill", 0, 10, "broadcast and reduce: of a chunk's time per step",
       [](P& p) -> double& { return p.broadcast_fill; }},
      {"broadcast_chunk_bytes", 64, 1073741824, "broadcast and reduce: of a channel",
       [](P& p) -> double& { return p.broadcast_chunk_bytes; }},
      {"nvls_base_us", 0, 1000, "NVLS: of a collective, once",
       [](P& p) -> double& { return p.nvls_base_us; }},
      {"nvls_rounds", 0, 20, "NVLS: rounds in the pipeline of scatter, reduce and gather",
       [](P& p) -> double& { return p.nvls_loops; }},
      {"nvls_tree_step_us", 0, 10000, "NVLSTree: of a step between nodes, on the reference fabric",
       [](P& p) -> double& { return p.nvls_tree_step_us; }},
      {"nvls_tree_rate_share", 0.01, 1, "NVLSTree: of NVLS's rate",
       [](P& p) -> double& { return p.nvls_tree_share; }},
      {"in_network_rate_share", 0.01, 1, "SHARP: of the NICs' line rate",
       [](P& p) -> double& { return p.in_network_share; }},
      {"in_network_nvls_share", 0.01, 1, "SHARP: of the lower of NVLS's and the NICs' rate",
       [](P& p) -> double& { return p.in_network_nvls_share; }},
      {"peer_base_us", 0, 1000, "sends and receives, and groups of them (all_to_all): once",
       [](P& p) -> double& { return p.peer_base_us; }},
      {"peer_extra_us", 0, 1000, "sends and receives: per message of a group beyond the first",
       [](P& p) -> double& { return p.peer_extra_us; }},
      {"peer_simple_us", 0, 1000, "the same as peer_base_us, of large messages within a node",
       [](P& p) -> double& { return p.peer_simple_us; }},
      {"peer_small_bytes", 0, 1073741824, "up to here messages to a peer are small",
       [](P& p) -> double& { return p.peer_small_bytes; }},
      {"peer_network_us", 0, 10000,
       "of a message to another node, wire included, on the reference fabric",
       [](P& p) -> double& { return p.peer_network_us; }},
      {"peer_chunk_bytes", 64, 1073741824, "pieces of a message within a node",
       [](P& p) -> double& { return p.peer_chunk_bytes; }},
      {"peer_network_chunk_bytes", 64, 1073741824, "pieces of a message to another node",
       [](P& p) -> double& { return p.peer_network_chunk_bytes; }},
      {"single_peer_network_share", 0.01, 1, "of a NIC's line rate, by one message to another node",
       [](P& p) -> double& { return p.single_peer_network_share; }},
  };
}

// The GPU generation, the network and who calls.
Table HardwareTable() {
  return {
      {"channels", 1, 64, "channels of rings and trees",
       [](P& p) -> double& { return p.gpu.channels; }},
      {"ring_rate_gbytes_per_s", 0.01, 100000,
       "copies of all channels over a whole collective, each way",
       [](P& p) -> double& { return p.gpu.ring_rate; }},
      {"nvls_rate_gbytes_per_s", 0, 100000, "bus bandwidth of NVLS among 8 GPUs; 0: none",
       [](P& p) -> double& { return p.gpu.nvls_rate; }},
      {"nvls_large_rate_gbytes_per_s", 0, 100000, "the same of large collectives; 0: no other",
       [](P& p) -> double& { return p.gpu.nvls_large_rate; }},
      {"nvls_large_bytes", 0, 1125899906842624, "size from which on nvls_large_rate holds",
       [](P& p) -> double& { return p.gpu.nvls_large_bytes; }},
      {"ll_rate_gbytes_per_s", 0.01, 100000, "LL within a node, at most",
       [](P& p) -> double& { return p.gpu.ll_cap; }},
      {"ll128_rate_share", 0.01, 1, "LL128: of the rings' rate",
       [](P& p) -> double& { return p.gpu.ll128_share; }},
      {"nvls_channels", 1, 64, "channels of NVLS on one node",
       [](P& p) -> double& { return p.gpu.nvls_channels; }},
      {"nvls_channels_nodes", 1, 64, "channels of NVLS on several nodes",
       [](P& p) -> double& { return p.gpu.nvls_channels_multi; }},
      {"fabric_ring_share", 0.01, 1, "rings between nodes: of the NICs' line rate",
       [](P& p) -> double& { return p.fabric.ring_share; }},
      {"fabric_tree_share", 0.01, 1, "trees between nodes: of the NICs' line rate",
       [](P& p) -> double& { return p.fabric.tree_share; }},
      {"fabric_step_scale", 0.1, 100,
       "steps between nodes: so much longer than on the reference fabric",
       [](P& p) -> double& { return p.fabric.step_scale; }},
      {"fabric_offset_us", 0, 100000, "of a collective between nodes, once",
       [](P& p) -> double& { return p.fabric.offset_us; }},
      {"fabric_ll_rate_gbytes_per_s", 0.01, 100000, "LL between nodes, at most",
       [](P& p) -> double& { return p.fabric.ll_cap; }},
      {"fabric_floor_us", 0, 100000, "no collective between nodes takes less",
       [](P& p) -> double& { return p.fabric.floor_us; }},
      {"fabric_channels", 0, 64, "channels of a collective between nodes, at most; 0: no limit",
       [](P& p) -> double& { return p.fabric.channels; }},
      {"fabric_simple_only", 0, 1,
       "1: between nodes rings under Simple, unless --algo or --proto say otherwise",
       [](P& p) -> double& { return p.fabric.simple_only; }},
      {"launch_floor_us", 0, 10000, "a process per GPU: no call takes less",
       [](P& p) -> double& { return p.launch.floor_us; }},
      {"launch_single_floor_us", 0, 10000,
       "one process: no call takes less than this and the next per channel",
       [](P& p) -> double& { return p.launch.single_floor_us; }},
      {"launch_single_channel_us", 0, 1000, "one process: per channel",
       [](P& p) -> double& { return p.launch.single_channel_us; }},
      {"launch_synchronized_us", 0, 10000, "calls that are synchronised each: before the kernel",
       [](P& p) -> double& { return p.launch.synchronized_us; }},
  };
}

Table AllParameters() {
  Table all;
  for (const Table& part : {RingTable(), TreeTable(), OtherTable(), HardwareTable()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

const std::vector<LibraryParameterSpec>& LibraryParameterTable() {
  static const Table table = AllParameters();
  return table;
}

void SetLibraryParameter(const std::string& place, const std::string& name, double value,
                         LibraryParameters& parameters) {
  std::vector<std::string> names;
  for (const LibraryParameterSpec& spec : LibraryParameterTable()) {
    names.push_back(spec.name);
    if (name != spec.name) continue;
    if (!(value >= spec.low && value <= spec.high)) {
      throw InputError(
          place, "'" + name + "' is out of range",
          "choose from " + std::to_string(spec.low) + " to " + std::to_string(spec.high));
    }
    spec.field(parameters) = value;
    return;
  }
  throw InputError(place, "'" + Printable(name) + "' is no parameter of the library model",
                   Suggest(name, names));
}

}  // namespace ddlsim
