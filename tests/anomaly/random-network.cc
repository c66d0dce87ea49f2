// SPDX-License-Identifier: MIT
#include "anomaly/random-network.h"

#include <algorithm>
#include <random>

#include "congestion/dcqcn.h"
#include "congestion/dctcp.h"
#include "congestion/fixed-window.h"
#include "congestion/hpcc.h"
#include "congestion/nscc.h"
#include "congestion/swift.h"
#include "congestion/test-congestion.h"
#include "congestion/timely.h"
#include "topology/builders.h"

namespace ddlsim {
namespace {

// Draws of one seed, the same with every standard library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : m_random(seed) {}
  uint64_t Below(uint64_t bound) { return m_random() % bound; }
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  template <typename T>
  T OneOf(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }

 private:
  std::mt19937_64 m_random;
};

NetworkGraph MakeGraph(Dice& dice, std::string& description) {
  LinkConfig link;
  link.rate_bps = dice.OneOf<uint64_t>({10000000000, 33333333333, 100000000000, 400000000000});
  link.delay_ps = dice.OneOf<uint64_t>({1000, 300000, 1000000, 5000000});
  if (dice.OneIn(2)) link.loss = dice.OneOf<double>({1e-5, 1e-3, 1e-2, 0.1});
  SwitchConfig config;
  config.buffer_bytes = dice.OneOf<uint64_t>({30000, 200000, 1000000, 32u << 20});
  config.latency_ps = dice.OneOf<uint64_t>({0, 0, 450000});
  config.cut_through_bytes = dice.OneOf<uint32_t>({0, 0, 64, 500});
  const uint32_t hosts = static_cast<uint32_t>(dice.Between(2, 20));
  description += std::to_string(hosts) + " hosts, " + std::to_string(link.rate_bps) + " b/s, " +
                 std::to_string(link.delay_ps) + " ps, loss " + std::to_string(link.loss) +
                 ", buffer " + std::to_string(config.buffer_bytes) + ", cut-through " +
                 std::to_string(config.cut_through_bytes);
  switch (dice.Below(4)) {
    case 0:
      description += ", star";
      return BuildStar(hosts, config, link);
    case 1:
      description += ", ring";
      return BuildRing(std::min(std::max(hosts, 3u), 12u), config, link);
    default:
      break;
  }
  FatTreeSpec spec;
  spec.levels = static_cast<uint32_t>(dice.Between(2, 3));
  spec.hosts = hosts;
  description += ", fat-tree of " + std::to_string(spec.levels) + " levels";
  return BuildFatTree(ResolveFatTree(spec), config, link);
}

void SetCongestionControl(Dice& dice, RandomNetwork& network) {
  const uint64_t choice = dice.Below(8);
  const char* const names[] = {"dcqcn",  "dctcp",  "hpcc", "swift",
                               "timely", "window", "none", "nscc"};
  network.description += std::string(", cc ") + names[choice];
  if (choice == 0) Use<Dcqcn>(network.nic);
  if (choice == 1) Use<Dctcp>(network.nic);
  if (choice == 2) Use<Hpcc>(network.nic);
  if (choice == 3) Use<Swift>(network.nic);
  if (choice == 4) Use<Timely>(network.nic);
  if (choice == 5) Use<FixedWindow>(network.nic);
  if (choice == 7) Use<Nscc>(network.nic);
  network.fabric.has_telemetry = choice == 2;
  network.fabric.ecn.at_dequeue = choice == 7;  // as it is made for
}

// Flow control needs room for its headroom: the buffers grow to it.
void SetFlowControl(Dice& dice, RandomNetwork& network) {
  network.fabric.pfc.enabled = true;
  network.fabric.pfc.alpha = dice.OneOf<double>({0.03, 0.125, 1, 4});
  network.fabric.pfc.pause_quanta = static_cast<uint32_t>(dice.OneOf<uint64_t>({64, 1000, 65535}));
  network.fabric.pfc.lossless_classes = dice.OneIn(4) ? 0xff : 1u << 3;
  std::vector<uint64_t> needed(network.graph.Nodes().size());
  const uint64_t classes = network.fabric.pfc.lossless_classes == 0xff ? 8 : 1;
  for (const GraphLinkInfo& link : network.graph.Links()) {
    for (uint32_t node : {link.a, link.b}) {
      needed[node] += classes * HeadroomBytes(link.config.rate_bps, link.config.delay_ps,
                                              network.graph.Nodes()[node].config.latency_ps,
                                              network.fabric.frame_bytes_max);
    }
  }
  network.graph.SetLeastBuffers(*std::max_element(needed.begin(), needed.end()) +
                                dice.OneOf<uint64_t>({50000, 500000}));
  network.description += ", pfc";
}

void SetSwitching(Dice& dice, RandomNetwork& network) {
  FabricConfig& fabric = network.fabric;
  fabric.ecn.enabled = !dice.OneIn(4);
  fabric.ecn.kmin_bytes_per_100g = dice.OneOf<uint64_t>({5000, 65000, 400000});
  fabric.ecn.kmax_bytes_per_100g = fabric.ecn.kmin_bytes_per_100g * dice.Between(1, 4);
  fabric.routing = static_cast<Routing>(dice.Below(4));
  fabric.flowlet_gap_ps = dice.OneOf<uint64_t>({0, 1000000, 100000000});
  // A queue's share has to hold a frame.
  uint64_t buffer_bytes = UINT64_MAX;
  for (const GraphNodeInfo& node : network.graph.Nodes()) {
    if (!node.is_host) buffer_bytes = std::min(buffer_bytes, node.config.buffer_bytes);
  }
  if (buffer_bytes >= 200000) fabric.buffer_alpha = dice.OneOf<double>({0, 0, 0.25, 1});
  fabric.convergence_delay_ps = dice.OneOf<uint64_t>({0, 10000000, 1000000000});
  fabric.frame_bytes_max = network.nic.payload_bytes + 78 + kTelemetryWireBytes;
  fabric.qos.has_classes = dice.OneIn(2);
  if (dice.OneIn(2)) {
    for (uint32_t& weight : fabric.qos.weights) weight = static_cast<uint32_t>(dice.Below(4));
  }
  if (dice.OneIn(3)) SetFlowControl(dice, network);
  fabric.trims = fabric.qos.has_classes && dice.OneIn(3);
  network.description += ", routing " + std::to_string(static_cast<int>(fabric.routing)) +
                         (fabric.qos.has_classes ? ", classes" : "") +
                         (fabric.trims ? ", trims" : "");
}

void AddLoad(Dice& dice, RandomNetwork& network) {
  const uint32_t hosts = network.graph.HostCount();
  const uint32_t sink = static_cast<uint32_t>(dice.Below(hosts));
  const uint64_t count = dice.Between(1, 120);
  const bool is_incast = dice.OneIn(3);
  for (uint64_t i = 0; i < count; ++i) {
    RandomMessage message;
    message.start_ps = dice.OneIn(2) ? 0 : dice.Below(300000000);
    message.src_host = static_cast<uint32_t>(dice.Below(hosts));
    message.dst_host = is_incast ? sink : static_cast<uint32_t>(dice.Below(hosts));
    if (message.dst_host == message.src_host) message.dst_host = (message.src_host + 1) % hosts;
    message.channel = static_cast<uint32_t>(dice.Below(3));
    message.size_bytes =
        dice.OneIn(8) ? dice.Below(3) : dice.Below(dice.OneOf<uint64_t>({300, 20000, 400000}));
    // Go-back-N takes every overtaking for a loss: long messages take their square of packets.
    const bool overtakes = network.fabric.routing != Routing::kEcmp;
    if (overtakes && !network.nic.is_selective_repeat) message.size_bytes %= 20000;
    network.messages.push_back(message);
  }
  // Every link that fails comes back, so that every message can arrive.
  if (!dice.OneIn(4)) return;
  for (uint64_t i = dice.Between(1, 3); i > 0; --i) {
    RandomOutage outage;
    outage.link = static_cast<uint32_t>(dice.Below(network.graph.Links().size()));
    outage.begin_ps = dice.Below(200000000);
    outage.end_ps = outage.begin_ps + dice.Between(1, 500000000);
    network.outages.push_back(outage);
  }
  network.description += ", outages";
}

}  // namespace

RandomNetwork MakeRandomNetwork(uint64_t seed) {
  Dice dice(seed);
  RandomNetwork network;
  network.graph = MakeGraph(dice, network.description);
  network.fabric.seed = seed;
  NicConfig& nic = network.nic;
  nic.payload_bytes = static_cast<uint32_t>(dice.OneOf<uint64_t>({256, 1000, 4096, 9000}));
  nic.ack_every = static_cast<uint32_t>(dice.OneOf<uint64_t>({1, 2, 8, 64}));
  if (dice.OneIn(3)) nic.window_bytes = dice.Between(1, 2000000);
  nic.is_selective_repeat = dice.OneIn(2);
  nic.reorder_packets = static_cast<uint32_t>(dice.OneOf<uint64_t>({0, 1, 3, 64}));
  nic.data_class = static_cast<uint8_t>(dice.OneOf<uint64_t>({3, 3, 0, 7}));
  nic.control_class = static_cast<uint8_t>(dice.OneOf<uint64_t>({6, 6, 3, 1}));
  network.description += nic.is_selective_repeat ? ", sr" : ", gbn";
  SetCongestionControl(dice, network);
  SetSwitching(dice, network);
  AddLoad(dice, network);
  return network;
}

}  // namespace ddlsim
