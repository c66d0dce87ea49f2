// SPDX-License-Identifier: MIT
#include "endpoint/communicator-table.h"

#include <gtest/gtest.h>

#include <set>

#include "base/input-error.h"
#include "endpoint/message-cookie.h"
#include "endpoint/rank-map.h"

namespace ddlsim {
namespace {

TEST(CommunicatorTable, KnowsGroupsAndPlaces) {
  const CommunicatorTable table(6, {{"tp", {{4, 5}, {1, 0}, {2, 3}}}, {"dp", {{5, 3, 1}}}});
  EXPECT_EQ(table.AxisCount(), 3u);
  const uint32_t tp = table.FindAxis("tp");
  const uint32_t dp = table.FindAxis("dp");
  EXPECT_EQ(table.FindAxis("pp"), CommunicatorTable::kNone);
  EXPECT_EQ(table.At(table.Find(tp, 0)).members, (std::vector<uint32_t>{1, 0}));
  EXPECT_EQ(table.MemberIndex(tp, 0), 1u);
  EXPECT_EQ(table.MemberIndex(dp, 5), 0u);
  EXPECT_EQ(table.Find(dp, 0), CommunicatorTable::kNone);
  EXPECT_EQ(table.At(table.Find(table.FindAxis(""), 3)).Size(), 6u);
  EXPECT_EQ(table.Describe(table.Find(tp, 4)), "group 'tp' (ranks 4-5)");
  EXPECT_EQ(table.Describe(table.Find(table.FindAxis(""), 0)), "the group of all ranks");
}

TEST(CommunicatorTable, IdentifiersFollowFromNames) {
  const std::vector<CommunicatorAxis> axes = {
      {"b", {{2, 3}, {0, 1}}}, {"a", {{0, 2}, {1, 3}}}, {"c", {{1, 2}}}};
  const CommunicatorTable table(4, axes);
  const CommunicatorTable reversed(4, {axes[2], axes[1], axes[0]});
  for (const char* name : {"", "a", "b", "c"}) {
    const uint32_t axis = table.FindAxis(name);
    ASSERT_EQ(axis, reversed.FindAxis(name));
    for (uint32_t rank = 0; rank < 4; ++rank) {
      EXPECT_EQ(table.Find(axis, rank), reversed.Find(axis, rank)) << name << rank;
      if (table.Find(axis, rank) == CommunicatorTable::kNone) continue;
      EXPECT_EQ(table.At(table.Find(axis, rank)).channel,
                reversed.At(reversed.Find(axis, rank)).channel);
    }
  }
}

TEST(CommunicatorTable, ChannelsAreDistinctWhileThereAreEnough) {
  std::vector<CommunicatorAxis> axes;
  for (int i = 0; i < 510; ++i) axes.push_back({"axis" + std::to_string(i), {{0, 1}}});
  const CommunicatorTable table(2, axes);
  std::set<uint32_t> channels{CommunicatorTable::kPointToPointChannel};
  for (uint32_t axis = 0; axis < table.AxisCount(); ++axis) {
    const uint32_t channel = table.At(table.Find(axis, 0)).channel;
    EXPECT_LT(channel, CommunicatorTable::kChannelCount);
    EXPECT_TRUE(channels.insert(channel).second) << channel;
  }
  axes.push_back({"one more", {{0, 1}}});
  const CommunicatorTable shared(2, axes);
  EXPECT_LT(shared.At(shared.Find(shared.FindAxis("one more"), 0)).channel, 512u);
}

TEST(CommunicatorTable, RefusesWhatIsNoPartition) {
  EXPECT_EQ(CommunicatorTable(0, {}).CommunicatorCount(), 0u);
  EXPECT_THROW(CommunicatorTable(0, {{"a", {{0}}}}), InputError);
  EXPECT_THROW(CommunicatorTable(4, {{"a", {{0, 4}}}}), InputError);
  EXPECT_THROW(CommunicatorTable(4, {{"a", {{0, 1}, {1, 2}}}}), InputError);
  EXPECT_THROW(CommunicatorTable(4, {{"a", {{}}}}), InputError);
  EXPECT_THROW(CommunicatorTable(4, {{"a", {{0}, {}}}}), InputError);
  EXPECT_THROW(CommunicatorTable(4, {{"a", {{0}}}, {"a", {{1}}}}), InputError);
  EXPECT_THROW(CommunicatorTable(4, {{"", {{0, 1}}}}), InputError);
}

TEST(FormatRanks, ShowsRangesAndABound) {
  EXPECT_EQ(FormatRanks({}), "");
  EXPECT_EQ(FormatRanks({3, 1, 2, 7}), "1-3,7");
  EXPECT_EQ(FormatRanks({0, 2, 4, 6, 8}, 2), "0,2,... (5 ranks)");
}

TEST(RankMap, PlacesRanks) {
  const RankMap blocks(6, 4);
  EXPECT_EQ(blocks.HostCount(), 2u);
  EXPECT_EQ(blocks.HostOf(5), 1u);
  EXPECT_EQ(blocks.GpuOf(5), 1u);
  for (uint32_t rank = 0; rank < 6; ++rank) {
    EXPECT_EQ(blocks.RankAt(blocks.HostOf(rank), blocks.GpuOf(rank)), rank);
  }
  const RankMap placed({{3, 1}, {0, 0}, {3, 0}});
  EXPECT_EQ(placed.HostCount(), 4u);
  EXPECT_EQ(placed.RankAt(3, 0), 2u);
  EXPECT_THROW(RankMap({{1, 1}, {1, 1}}), InputError);
  EXPECT_THROW(RankMap(4, 0), InputError);
  EXPECT_THROW(RankMap(4, 257), InputError);
}

TEST(MessageCookie, KeepsEveryFieldAtItsLimits) {
  for (const MessageKind kind :
       {MessageKind::kCollective, MessageKind::kPointToPoint, MessageKind::kTimer}) {
    for (const uint32_t all : {0u, 1u, 255u}) {
      MessageCookie cookie;
      cookie.kind = kind;
      cookie.slot = all == 255 ? MessageCookie::kSlotCount - 1 : all;
      cookie.step = all == 255 ? 0 : MessageCookie::kStepCount - 1;
      cookie.src_gpu = all;
      cookie.dst_gpu = 255 - all;
      const MessageCookie decoded = MessageCookie::Decode(cookie.Encode());
      EXPECT_EQ(decoded.kind, cookie.kind);
      EXPECT_EQ(decoded.slot, cookie.slot);
      EXPECT_EQ(decoded.step, cookie.step);
      EXPECT_EQ(decoded.src_gpu, cookie.src_gpu);
      EXPECT_EQ(decoded.dst_gpu, cookie.dst_gpu);
    }
  }
}

}  // namespace
}  // namespace ddlsim
