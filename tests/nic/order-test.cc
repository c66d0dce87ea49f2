// SPDX-License-Identifier: MIT
//
// Results depend on names, not on the order in which things were created (invariants 2 and 6).
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "congestion/dcqcn.h"
#include "congestion/dctcp.h"
#include "congestion/nscc.h"
#include "congestion/swift.h"
#include "congestion/test-congestion.h"
#include "congestion/timely.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

struct Flow {
  uint32_t src, dst, channel;
  uint64_t size_bytes, start_ps, cookie;
};

struct Outcome {
  std::map<uint64_t, uint64_t> received_ps, acknowledged_ps;
  FabricCounters counters;
  uint64_t retransmitted = 0;
};

struct Link {
  std::string a, b;
  LinkConfig config;
};

// What a run is made of, in the order of creation.
struct Plan {
  uint32_t hosts = 0;
  std::vector<std::pair<std::string, bool>> nodes;  // and whether it is a host
  std::vector<Link> links;
  std::vector<Flow> flows;
};

LinkConfig RandomLink(std::mt19937_64& random) {
  LinkConfig link;
  const uint64_t rates[] = {40000000000, 100000000000, 100000000000, 77777777777};
  link.rate_bps = rates[random() % 4];
  link.delay_ps = 200000 + (random() % 4) * 100000;
  link.loss = random() % 3 == 0 ? 0.002 : 0;
  return link;
}

// A random two-level network with loss, and flows over it.
Plan RandomPlan(uint64_t seed) {
  std::mt19937_64 random(seed);
  const uint32_t leaves = 2 + random() % 3, spines = 1 + random() % 3, per_leaf = 2 + random() % 4;
  Plan plan;
  plan.hosts = leaves * per_leaf;
  const auto host = [](uint32_t i) { return "host-" + std::to_string(i); };
  const auto leaf = [](uint32_t i) { return "leaf-" + std::to_string(i); };
  const auto spine = [](uint32_t i) { return "spine-" + std::to_string(i); };
  for (uint32_t i = 0; i < plan.hosts; ++i) plan.nodes.push_back({host(i), true});
  for (uint32_t i = 0; i < leaves; ++i) plan.nodes.push_back({leaf(i), false});
  for (uint32_t i = 0; i < spines; ++i) plan.nodes.push_back({spine(i), false});
  for (uint32_t i = 0; i < plan.hosts; ++i) {
    plan.links.push_back({host(i), leaf(i / per_leaf), RandomLink(random)});
  }
  for (uint32_t i = 0; i < leaves; ++i) {
    for (uint32_t k = 0; k < spines; ++k) {
      plan.links.push_back({leaf(i), spine(k), RandomLink(random)});
    }
  }
  // Several messages of one queue pair start at different times: their order is part of the input.
  for (uint64_t i = 0; i < 120; ++i) {
    const uint32_t src = random() % plan.hosts;
    const uint32_t dst = (src + 1 + random() % (plan.hosts - 1)) % plan.hosts;
    plan.flows.push_back({src, dst, static_cast<uint32_t>(random() % 3), random() % 300000,
                          (random() % 8) * 5000000, i});
  }
  return plan;
}

// Flows that start together on one host keep their order there, by their timers' keys.
void Shuffle(Plan& plan, uint64_t shuffle) {
  std::mt19937_64 order(shuffle);
  std::shuffle(plan.nodes.begin(), plan.nodes.end(), order);
  std::shuffle(plan.links.begin(), plan.links.end(), order);
  for (Link& link : plan.links) {
    if (order() % 2 == 0) std::swap(link.a, link.b);
  }
  std::shuffle(plan.flows.begin(), plan.flows.end(), order);
}

NetworkGraph BuildGraph(const Plan& plan) {
  NetworkGraph graph;
  SwitchConfig switches;
  switches.buffer_bytes = 150000;
  for (const auto& [name, is_host] : plan.nodes) {
    if (is_host) {
      graph.AddHost(name);
    } else {
      graph.AddSwitch(name, switches);
    }
  }
  for (const Link& link : plan.links) graph.AddLink(link.a, link.b, link.config);
  graph.Canonicalize();
  return graph;
}

// The plan of a seed, with small buffers and ECN; a `shuffle` above 0 permutes all creation.
Outcome RunShuffled(uint64_t seed, uint64_t shuffle) {
  Plan plan = RandomPlan(seed);
  if (shuffle != 0) Shuffle(plan, shuffle);
  FabricConfig fabric;
  fabric.seed = seed;
  fabric.ecn.kmin_bytes_per_100g = 20000;
  fabric.ecn.kmax_bytes_per_100g = 80000;
  NicConfig nic;
  nic.ack_every = 1 + seed % 7;
  if (seed % 6 == 1) Use<Dcqcn>(nic);
  if (seed % 6 == 2) Use<Dctcp>(nic);
  if (seed % 6 == 3) Use<Swift>(nic);
  if (seed % 6 == 4) Use<Timely>(nic);
  if (seed % 6 == 5) Use<Nscc>(nic);
  TestNetwork network(BuildGraph(plan), fabric, nic);
  // The timer's key is the flow's own: that is what "new sends" are ordered by at one host.
  network.on_timer = [&](uint32_t, uint64_t cookie) {
    const Flow& flow = *std::find_if(plan.flows.begin(), plan.flows.end(),
                                     [cookie](const Flow& f) { return f.cookie == cookie; });
    network.nic.SendMessage(flow.src, flow.dst, flow.channel, flow.size_bytes, cookie);
  };
  for (const Flow& flow : plan.flows) {
    network.nic.SetTimer(flow.src, flow.start_ps, static_cast<uint32_t>(flow.cookie), flow.cookie);
  }
  network.Run();
  EXPECT_TRUE(network.IsConserved());
  EXPECT_EQ(network.received_ps.size(), plan.flows.size());
  return {network.received_ps, network.acknowledged_ps, network.fabric.Counters(),
          network.nic.Counters().retransmitted_packets};
}

TEST(Order, CreationOrderChangesNothing) {
  uint64_t dropped = 0, lost = 0, marked = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Outcome reference = RunShuffled(seed, 0);
    dropped += reference.counters.dropped_frames;
    lost += reference.counters.lost_frames;
    marked += reference.counters.ecn_marked_frames;
    for (uint64_t shuffle : {1000 + seed, 2000 + seed}) {
      const Outcome other = RunShuffled(seed, shuffle);
      ASSERT_EQ(reference.received_ps, other.received_ps);
      ASSERT_EQ(reference.acknowledged_ps, other.acknowledged_ps);
      ASSERT_EQ(reference.counters.dropped_frames, other.counters.dropped_frames);
      ASSERT_EQ(reference.counters.events, other.counters.events);
      ASSERT_EQ(reference.retransmitted, other.retransmitted);
    }
  }
  // The cases are not idle ones.
  EXPECT_GT(dropped, 0u);
  EXPECT_GT(lost, 0u);
  EXPECT_GT(marked, 0u);
}

}  // namespace
}  // namespace ddlsim
