// SPDX-License-Identifier: MIT
//
// A window of fewer packets than the receiver waits for before it acknowledges: the sender says so,
// and nobody waits for a timeout.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "congestion/dctcp.h"
#include "congestion/hpcc.h"
#include "congestion/nscc.h"
#include "congestion/swift.h"
#include "congestion/test-congestion.h"
#include "fabric/test-network.h"

namespace ddlsim {
namespace {

template <typename Class>
void RunCrowd(uint32_t ack_every) {
  SCOPED_TRACE(std::string(Class::Describe().name) + ", an acknowledgement per " +
               std::to_string(ack_every));
  constexpr uint32_t kHosts = 12;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 500000;
  FabricConfig fabric;
  fabric.ecn.kmin_bytes_per_100g = 20000;
  fabric.ecn.kmax_bytes_per_100g = 20001;
  fabric.ecn.pmax = 1;
  fabric.has_telemetry = Class::Describe().wants_telemetry;
  NicConfig nic;
  nic.ack_every = ack_every;
  Use<Class>(nic);
  TestNetwork network(BuildStar(kHosts, {}, link), fabric, nic);
  for (uint32_t src = 1; src < kHosts; ++src) network.nic.SendMessage(src, 0, 0, 4 << 20, src);
  network.Run();
  EXPECT_EQ(network.received_ps.size(), kHosts - 1);
  EXPECT_EQ(network.nic.Counters().timeouts, 0u);
  EXPECT_EQ(network.nic.Counters().retransmitted_packets, 0u);
  uint64_t end_ps = 0;
  for (const auto& [cookie, received_ps] : network.received_ps) {
    end_ps = std::max(end_ps, received_ps);
  }
  const uint64_t least_ps = SerializationPs((kHosts - 1) * (4u << 20), link.rate_bps);
  EXPECT_LT(end_ps, 2 * least_ps);
}

TEST(CoalescedAck, SmallWindowsDoNotWait) {
  for (uint32_t ack_every : {1u, 8u, 64u}) {
    RunCrowd<Dctcp>(ack_every);
    RunCrowd<Swift>(ack_every);
    RunCrowd<Hpcc>(ack_every);
    RunCrowd<Nscc>(ack_every);
  }
}

// Windows that fall to a fraction at once: less than what is under way, on which the receiver
// waits.
template <typename Class>
void RunAllToAll() {
  SCOPED_TRACE(Class::Describe().name);
  constexpr uint32_t kHosts = 16;
  FatTreeSpec spec;
  spec.hosts = kHosts;
  LinkConfig link;
  link.rate_bps = 100000000000;
  link.delay_ps = 500000;
  FabricConfig fabric;
  fabric.has_telemetry = Class::Describe().wants_telemetry;
  fabric.qos.has_classes = fabric.has_telemetry;
  NicConfig nic;
  nic.ack_every = 8;
  Use<Class>(nic);
  TestNetwork network(BuildFatTree(ResolveFatTree(spec), {}, link), fabric, nic);
  for (uint32_t src = 0; src < kHosts; ++src) {
    for (uint32_t i = 1; i < kHosts; ++i) {
      network.nic.SendMessage(src, (src + i) % kHosts, 0, 512 << 10, src * kHosts + i);
    }
  }
  network.Run();
  EXPECT_EQ(network.received_ps.size(), kHosts * (kHosts - 1));
  EXPECT_EQ(network.nic.Counters().timeouts, 0u);
}

TEST(CoalescedAck, WindowsThatCollapseDoNotWait) {
  RunAllToAll<Dctcp>();
  RunAllToAll<Swift>();
  RunAllToAll<Hpcc>();
  RunAllToAll<Nscc>();
}

}  // namespace
}  // namespace ddlsim
