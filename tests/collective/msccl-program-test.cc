// SPDX-License-Identifier: MIT
//
// MSCCL's programs become schedules: correct ones, in as few steps as their dependencies allow;
// what is not correct is refused.
#include <gtest/gtest.h>

#include <random>

#include "collective/all-cases.h"
#include "collective/check/collective-oracle.h"
#include "collective/msccl-text.h"
#include "collective/schedule-file.h"

namespace ddlsim {
namespace {

// Loaded, and once more executed at its real size in another order than the loader's check.
std::unique_ptr<Schedule> Load(const std::string& text, const CollectiveSpec& spec) {
  auto schedule = LoadText(text, spec);
  std::mt19937_64 random(3);
  EXPECT_EQ(ScheduleProblem(spec, *schedule, ExecutionOrder::kSkewed, random), "");
  return schedule;
}

TEST(MscclProgram, FusedRingIsTheRing) {
  for (const uint32_t n : {2u, 3u, 4u, 8u}) {
    const CollectiveSpec spec = FileSpec(CollectiveType::kAllReduce, n, 100 * n);
    const auto schedule = Load(MscclRing(n), spec);
    EXPECT_EQ(schedule->StepCount(), 2 * (n - 1));
    StepActions actions;
    for (uint32_t step = 0; step < schedule->StepCount(); ++step) {
      schedule->Step(0, step, actions);
      ASSERT_EQ(actions.sends.size(), 1u);
      EXPECT_EQ(actions.sends[0].peer, 1u);
      EXPECT_EQ(actions.sends[0].size_bytes, 100u);
      ASSERT_EQ(actions.receives.size(), 1u);
      EXPECT_EQ(actions.receives[0].peer, n - 1);
    }
  }
}

TEST(MscclProgram, ThreadBlocksBecomeLanes) {
  const CollectiveSpec spec = FileSpec(CollectiveType::kAllReduce, 4, 4096);
  const auto schedule = Load(MscclAllPairs(4), spec);
  EXPECT_EQ(schedule->LaneCount(), 4u);
  EXPECT_EQ(schedule->StepCount(), 2u);
  StepActions actions;
  schedule->Step(2, 1, actions);
  EXPECT_EQ(actions.copies.size(), 3u);
  ASSERT_EQ(actions.sends.size(), 3u);
  EXPECT_EQ(actions.receives.size(), 3u);
  EXPECT_NE(actions.sends[0].lane, actions.sends[1].lane);
}

TEST(MscclProgram, GathersInPlaceAndNot) {
  const CollectiveSpec spec = FileSpec(CollectiveType::kAllGather, 5, 500);
  EXPECT_EQ(Load(MscclAllGather(5, true), spec)->StepCount(), 1u);
  EXPECT_EQ(Load(MscclAllGather(5, false), spec)->StepCount(), 2u);  // and the copies at the end
}

// Messages of several channels between two GPUs take a step each.
TEST(MscclProgram, AllToAllOnChannels) {
  const CollectiveSpec spec = FileSpec(CollectiveType::kAllToAll, 4, 2400);
  EXPECT_EQ(Load(MscclAllToAll(4, 1), spec)->StepCount(), 2u);
  EXPECT_EQ(Load(MscclAllToAll(4, 3), spec)->StepCount(), 4u);
}

// Lines that are steps, one at a time, are left out. What thereby loses data or partners is
// refused: all but those that are there for the file's own order alone.
TEST(MscclProgram, EveryStepIsNeeded) {
  const CollectiveSpec spec = FileSpec(CollectiveType::kAllReduce, 3, 300);
  for (const std::string& text : {MscclRing(3), MscclAllPairs(3)}) {
    size_t step_count = 0;
    for (size_t at = text.find("<step"); at != std::string::npos; at = text.find("<step", at + 1)) {
      std::string less = text;
      less.erase(at, less.find('\n', at) + 1 - at);
      EXPECT_NE(LoadError(less, spec), "no error");
      std::string other = text;
      const size_t type = other.find("type=\"", at) + 6;
      other.replace(type, other.find('"', type) - type, "nop");
      EXPECT_NE(LoadError(other, spec), "no error");
      ++step_count;
    }
    EXPECT_GE(step_count, 15u);
  }
}

TEST(MscclProgram, WaitingInACircleIsRefused) {
  std::string text = MscclRing(2);
  // Both GPUs begin with the last step, a receive.
  const std::string from = "type=\"s\"";
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
    text.replace(at, from.size(), "type=\"r\"");
  }
  EXPECT_NE(LoadError(text, FileSpec(CollectiveType::kAllReduce, 2, 2)), "no error");
  const std::string circle = R"(<algo nchunksperloop="2" ngpus="2" coll="allreduce" inplace="1">
<gpu id="0" i_chunks="2" o_chunks="2" s_chunks="0"><tb id="0" send="1" recv="1" chan="0">
<step s="0" type="r" srcbuf="i" srcoff="0" dstbuf="i" dstoff="0" cnt="1" depid="-1" deps="-1"/>
<step s="1" type="s" srcbuf="i" srcoff="0" dstbuf="i" dstoff="0" cnt="1" depid="-1" deps="-1"/>
</tb></gpu>
<gpu id="1" i_chunks="2" o_chunks="2" s_chunks="0"><tb id="0" send="0" recv="0" chan="0">
<step s="0" type="r" srcbuf="i" srcoff="0" dstbuf="i" dstoff="0" cnt="1" depid="-1" deps="-1"/>
<step s="1" type="s" srcbuf="i" srcoff="0" dstbuf="i" dstoff="0" cnt="1" depid="-1" deps="-1"/>
</tb></gpu></algo>)";
  EXPECT_EQ(LoadError(circle, FileSpec(CollectiveType::kAllReduce, 2, 2)),
            "FILE: has thread blocks that wait for each other in a circle; correct the order of "
            "sends and receives");
}

TEST(MscclProgram, DamagedFilesAreRefusedOrRun) {
  const CollectiveSpec spec = FileSpec(CollectiveType::kAllReduce, 3, 300);
  EXPECT_GT(RefusedWhenDamaged(MscclAllPairs(3), spec, "0123456789<>/=\"-iosr ", PrintedSeed(6)),
            400);
}

}  // namespace
}  // namespace ddlsim
