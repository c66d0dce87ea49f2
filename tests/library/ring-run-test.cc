// SPDX-License-Identifier: MIT
//
// What the library's model costs at packet level beside its closed formulas, on one node and two.
#include <gtest/gtest.h>

#include "library/ampere.h"
#include "library/run-collective.h"

namespace ddlsim {
namespace {

TEST(LibraryRing, PacketLevelBesideClosedForm) {
  for (uint32_t nodes : {1u, 2u}) {
    for (CollectiveType type :
         {CollectiveType::kAllReduce, CollectiveType::kAllGather, CollectiveType::kBroadcast}) {
      for (uint64_t size = 8; size <= 256u << 20; size *= 8) {
        const CollectiveRecord record = RunCollective("hgx-a100", nodes, Ampere(), type, size);
        const double us = Us(record), model_us = ModelUs(record);
        const bool is_chain = type == CollectiveType::kBroadcast;
        // The formula has one rate for all steps and one bubble for all rounds. At packet level
        // under LL only the steps between nodes are slow; under Simple copies run faster than the
        // rate of many rounds and each round has its bubble.
        const double tolerance = nodes > 1 ? 0.22 : is_chain || size > 512 << 10 ? 0.11 : 0.02;
        EXPECT_NEAR(us / model_us, 1, tolerance)
            << nodes << " nodes, " << CollectiveName(type) << " of " << size << " bytes, "
            << AlgorithmName(record.spec.algorithm) << ", " << ProtocolName(record.protocol) << ": "
            << us << " us, by formula " << model_us << " us";
      }
    }
  }
}

// Behind a GPU's port, which takes a message seven times as fast as the link that it then passes.
TEST(LibraryRing, HoldsItsChannelForTheLinkOfAMesh) {
  LibraryConfig library = Ampere();
  library.parameters.gpu.ring_rate = 406;
  library.parameters.gpu.channels = 56;
  ProtocolCosts& simple = library.parameters.ring[static_cast<size_t>(Protocol::kSimple)];
  simple.step_us = 4;
  simple.fill = simple.spread = 0;
  library.protocol = Protocol::kSimple;
  library.scale_up_wire_ps_per_byte = 4352.0 / 4096 * 8e3 / 612;
  library.scale_up_has_rings = true;
  for (uint64_t size = 8 << 20; size <= 64 << 20; size *= 2) {
    const CollectiveRecord record =
        RunCollective("mi355x-host", 1, library, CollectiveType::kAllReduce, size);
    EXPECT_NEAR(Us(record) / ModelUs(record), 1, 0.05) << size << " bytes: " << Us(record) << " us";
  }
}

}  // namespace
}  // namespace ddlsim
