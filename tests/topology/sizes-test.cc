// SPDX-License-Identifier: MIT
//
// What cannot be built is refused by the option that is to blame.
#include <gtest/gtest.h>

#include "topology/builders.h"
#include "topology/graph-measures.h"

namespace ddlsim {
namespace {

void ExpectRefusal(const std::function<void()>& action, const std::string& place,
                   const std::string& text) {
  const std::string refusal = RefusalOf(action);
  EXPECT_EQ(refusal.rfind(place + ": ", 0), 0u) << refusal;
  EXPECT_NE(refusal.find(text), std::string::npos) << refusal;
  EXPECT_NE(refusal.find("; "), std::string::npos) << refusal;
}

TEST(Sizes, FatTree) {
  FatTreeSpec spec;
  spec.hosts = 16;
  spec.planes = 2;
  ExpectRefusal([=] { ResolveFatTree(spec); }, "--planes", "do not divide the 1 NICs");
  FatTreeSpec crowded;
  crowded.radix = 4;
  crowded.nics_per_host = 8;
  ExpectRefusal([=] { ResolveFatTree(crowded); }, "--k", "no room for the 8 NICs");
  crowded.nics_per_host = 65;
  ExpectRefusal([=] { ResolveFatTree(crowded); }, "--nics-per-host", "65 is out of range");
}

TEST(Sizes, LeafSpineAndRail) {
  LeafSpineSpec spec;
  spec.hosts = 17;
  spec.leaves = 4;
  spec.hosts_per_leaf = 4;
  ExpectRefusal([=] { ResolveLeafSpine(spec); }, "--leaves", "do not hold 17 hosts");
  spec.leaves = 60000;
  spec.spines = 60000;
  ExpectRefusal([=] { ResolveLeafSpine(spec); }, "--spines", "3600000000 links");
  RailSpec rail;
  rail.hosts = {1, 8};
  ExpectRefusal([=] { ResolveRail(rail); }, "--hosts", "1 is out of range");
  // Up to 32 hosts of several NICs are one unit; of one rail, that would be a single switch.
  rail.hosts = {4, 8};
  EXPECT_EQ(ResolveRail(rail).hosts_per_unit, 4u);
  rail.hosts = {4, 1};
  EXPECT_EQ(ResolveRail(rail).hosts_per_unit, 2u);
  rail.hosts = {70, 8};
  EXPECT_EQ(ResolveRail(rail).hosts_per_unit, 32u);
  rail.hosts = {60000, 64};
  ExpectRefusal([=] { ResolveRail(rail); }, "--hosts", "to 16384");
}

TEST(Sizes, Dragonfly) {
  DragonflySpec spec;
  spec.p = spec.h = 2;
  spec.a = 4;
  spec.groups = 10;
  ExpectRefusal([=] { ResolveDragonfly(spec); }, "--dragonfly-groups", "at most 9");
  spec.groups = 0;
  spec.hosts = 73;
  ExpectRefusal([=] { ResolveDragonfly(spec); }, "--hosts", "(72)");
  spec.a = 5000;
  ExpectRefusal([=] { ResolveDragonfly(spec); }, "--dragonfly-a", "out of range");
}

TEST(Sizes, Grids) {
  GridSpec spec;
  spec.hosts = 16;
  spec.dims = {4, 5};
  ExpectRefusal([=] { ResolveGrid(spec); }, "--dims", "4x5 has 20 switches, and the hosts need 16");
  spec.dims = {4, 4};
  spec.dimension_count = 3;
  ExpectRefusal([=] { ResolveGrid(spec); }, "--dims", "2 dimensions, and this topology 3");
  spec.dims = {65536, 65536, 65536};
  ExpectRefusal([=] { ResolveGrid(spec); }, "--dims", "out of range");
  spec.dims = {0, 4, 4};
  ExpectRefusal([=] { ResolveGrid(spec); }, "--dims", "out of range");
}

TEST(Sizes, GridsAreAsNearToEqualAsCanBe) {
  const auto dims = [](uint32_t hosts, uint32_t count) {
    GridSpec spec;
    spec.hosts = hosts;
    spec.dimension_count = count;
    return DimsText(ResolveGrid(spec).dims);
  };
  EXPECT_EQ(dims(16, 2), "4x4");
  EXPECT_EQ(dims(12, 2), "4x3");
  EXPECT_EQ(dims(17, 2), "17x1");
  EXPECT_EQ(dims(64, 3), "4x4x4");
  EXPECT_EQ(dims(16, 3), "4x2x2");
  EXPECT_EQ(dims(65536, 3), "64x32x32");
}

TEST(Sizes, Others) {
  NetworkGraph graph;
  ExpectRefusal([&] { AddHypercube(graph, 12, 1, {}); }, "--hosts", "choose 8 or 16");
  ExpectRefusal([&] { AddFullMesh(graph, 65536, 1, {}); }, "--hosts-per-switch", "links");
  ExpectRefusal([&] { AddFullMesh(graph, 16, 0, {}); }, "--hosts-per-switch", "is zero");
  ExpectRefusal([&] { AddTree(graph, 16, 1, {}); }, "--fanout", "makes no tree");
  ExpectRefusal([&] { AddPair(graph, 3, {}); }, "--hosts", "two hosts");
  ExpectRefusal([&] { AddRing(graph, 1, 1, {}); }, "--hosts", "1 is out of range");
  EXPECT_TRUE(graph.Nodes().empty());  // refused before anything is added
  WanSpec wan;
  wan.hosts = 10;
  wan.sites = 11;
  ExpectRefusal([=] { ResolveWan(wan); }, "--sites", "choose at most 10");
  wan.sites = 0;
  ExpectRefusal([=] { ResolveWan(wan); }, "--sites", "is zero");
}

}  // namespace
}  // namespace ddlsim
