// SPDX-License-Identifier: MIT
//
// Collectives whose time is latency: threads of LL, and what a network's plugin prescribes.
#include <gtest/gtest.h>

#include "library/ampere.h"
#include "library/run-collective.h"

namespace ddlsim {
namespace {

constexpr double kDoublingUs = 0.029;

LibraryConfig WithDoubling(double doubling_us) {
  LibraryConfig library = Ampere();
  library.parameters.ring[static_cast<size_t>(Protocol::kLl)].doubling_us = doubling_us;
  return library;
}

CollectiveRecord AllReduce(const LibraryConfig& library, uint64_t size_bytes, uint32_t nodes = 1) {
  return RunCollective("hgx-a100", nodes, library, CollectiveType::kAllReduce, size_bytes);
}

// Eight GPUs, a tree of 14 steps in one channel: a thread moves 8 bytes, a block has 512.
TEST(SmallCollective, StepsSaveAsTheirThreadsAreFewer) {
  const struct {
    uint64_t size_bytes;
    double doublings;
  } cases[] = {{8, 9}, {64, 6}, {256, 4}, {1024, 2}};
  LibraryConfig all = WithDoubling(0);
  LibraryConfig few = WithDoubling(kDoublingUs);
  for (LibraryConfig* library : {&all, &few}) library->protocol = Protocol::kLl;
  for (const auto& one : cases) {
    const CollectiveRecord with = AllReduce(few, one.size_bytes);
    const CollectiveRecord without = AllReduce(all, one.size_bytes);
    ASSERT_EQ(with.spec.algorithm, Algorithm::kDoubleBinaryTree) << one.size_bytes;
    const double saved_us = 14 * one.doublings * kDoublingUs;
    EXPECT_NEAR(ModelUs(without) - ModelUs(with), saved_us, 1e-6) << one.size_bytes;
    EXPECT_NEAR(Us(without) - Us(with), saved_us, 0.02 * saved_us) << one.size_bytes;
  }
}

TEST(SmallCollective, FullBlocksSaveNothing) {
  for (const CollectiveType type : {CollectiveType::kAllReduce, CollectiveType::kBroadcast}) {
    for (uint64_t size : {uint64_t{256} << 10, uint64_t{1} << 20}) {
      const CollectiveRecord with =
          RunCollective("hgx-a100", 1, WithDoubling(kDoublingUs), type, size);
      const CollectiveRecord without = RunCollective("hgx-a100", 1, WithDoubling(0), type, size);
      EXPECT_EQ(Us(with), Us(without)) << CollectiveName(type) << " of " << size;
    }
  }
}

TEST(SmallCollective, TimesGrowWithTheSize) {
  for (uint32_t nodes : {1u, 2u}) {
    double last_us = 0;
    for (uint64_t size = 8; size <= 8192; size *= 2) {
      const double us = Us(AllReduce(WithDoubling(kDoublingUs), size, nodes));
      EXPECT_GE(us, last_us) << size << " bytes, " << nodes << " nodes";
      last_us = us;
    }
  }
}

// As GPUDirect-TCPX is documented to be run.
LibraryConfig Restricted() {
  LibraryConfig library = Ampere();
  library.parameters.fabric.simple_only = 1;
  library.parameters.fabric.channels = 8;
  library.parameters.fabric.floor_us = 900;
  return library;
}

TEST(PluginSettings, RingsUnderSimpleBetweenNodes) {
  for (uint64_t size : {uint64_t{8}, uint64_t{1} << 20, uint64_t{64} << 20}) {
    const CollectiveRecord record = AllReduce(Restricted(), size, 2);
    EXPECT_EQ(record.spec.algorithm, Algorithm::kRing) << size;
    EXPECT_EQ(record.protocol, Protocol::kSimple) << size;
    EXPECT_GE(Us(record), 900) << size;
    EXPECT_GE(ModelUs(record), 900) << size;
  }
  EXPECT_EQ(Us(AllReduce(Restricted(), 8, 2)), 900);
}

TEST(PluginSettings, HoldOnlyBetweenNodesAndUntilToldOtherwise) {
  EXPECT_EQ(Us(AllReduce(Restricted(), 8, 1)), Us(AllReduce(Ampere(), 8, 1)));
  LibraryConfig forced = Restricted();
  forced.protocol = Protocol::kLl;
  EXPECT_EQ(AllReduce(forced, 8, 2).protocol, Protocol::kLl);
}

TEST(PluginSettings, FewerChannelsCopySlower) {
  LibraryConfig few = Restricted();
  few.parameters.fabric.channels = 1;
  const uint64_t size = uint64_t{256} << 20;
  EXPECT_GT(Us(AllReduce(few, size, 2)), 2 * Us(AllReduce(Restricted(), size, 2)));
}

}  // namespace
}  // namespace ddlsim
