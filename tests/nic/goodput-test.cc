// SPDX-License-Identifier: MIT
//
// Goodput of a saturated flow against loss: the textbook curves of go-back-N, (1-p)/(1-p+Np) with N
// packets in a round trip (Bertsekas and Gallager, Data Networks, section 2.4), and of selective
// repeat, 1-p.
#include <gtest/gtest.h>

#include "fabric/test-network.h"

namespace ddlsim {
namespace {

struct Case {
  uint64_t rate_bps;
  uint64_t rtt_ps;
  uint32_t payload_bytes;
};

// Share of the link's packet slots that carried what was received, once.
double Goodput(const Case& each, double loss, bool is_selective_repeat) {
  constexpr uint64_t kPackets = 60000;
  LinkConfig link;
  link.rate_bps = each.rate_bps;
  link.delay_ps = each.rtt_ps / 2;  // two hosts on one cable
  FabricConfig fabric;
  NicConfig nic;
  nic.payload_bytes = each.payload_bytes;
  nic.ack_every = 1;
  nic.is_selective_repeat = is_selective_repeat;
  NetworkGraph graph = BuildPair(link);
  graph.SetLoss("host-0", "host-1", loss);
  TestNetwork network(graph, fabric, nic);
  network.nic.SendMessage(0, 1, 0, kPackets * each.payload_bytes, 1);
  network.Run();
  const double slot_ps = static_cast<double>(
      SerializationPs(each.payload_bytes + 62 + kWireOverheadBytes, each.rate_bps));
  return kPackets * slot_ps / static_cast<double>(network.received_ps.at(1));
}

TEST(Goodput, FollowsTheTextbook) {
  const Case cases[] = {{40000000000, 24000000, 1000},
                        {100000000000, 12000000, 4096},
                        {400000000000, 10000000, 4096}};
  for (const Case& each : cases) {
    const double slot_ps = static_cast<double>(
        SerializationPs(each.payload_bytes + 62 + kWireOverheadBytes, each.rate_bps));
    const double packets = static_cast<double>(each.rtt_ps) / slot_ps;
    for (const double loss : {1e-5, 1e-4, 1e-3, 1e-2}) {
      SCOPED_TRACE(std::to_string(each.rate_bps) + " " + std::to_string(loss));
      const double gbn = (1 - loss) / (1 - loss + packets * loss);
      EXPECT_NEAR(Goodput(each, loss, false) / gbn, 1, 0.1);
      EXPECT_NEAR(Goodput(each, loss, true) / (1 - loss), 1, 0.1);
    }
  }
}

}  // namespace
}  // namespace ddlsim
