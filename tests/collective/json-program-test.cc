// SPDX-License-Identifier: MIT
//
// Every schedule of the library, written to a file, comes back as it was, for other sizes too; and
// with one mistake in it is refused.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "collective/all-cases.h"
#include "collective/check/collective-oracle.h"
#include "collective/schedule-file.h"

namespace ddlsim {
namespace {

uint64_t Scaled(uint64_t offset, uint64_t factor) {
  if (offset < kScratchOffsetBytes) return offset * factor;
  return kScratchOffsetBytes + (offset - kScratchOffsetBytes) * factor;
}

// What `rank` does, as text; in the order of the receivers, since files order by them.
std::vector<std::string> Actions(const Schedule& schedule, uint32_t rank, uint32_t step,
                                 uint64_t factor) {
  StepActions actions;
  schedule.Step(rank, step, actions);
  std::vector<std::string> texts;
  const auto add = [&](const char* kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d, bool e) {
    texts.push_back(std::string(kind) + " " + std::to_string(a) + " " + std::to_string(b) + " " +
                    std::to_string(c) + " " + std::to_string(d) + (e ? " reduce" : ""));
  };
  for (const CopyAction& copy : actions.copies) {
    add("copy", Scaled(copy.from_offset_bytes, factor), Scaled(copy.offset_bytes, factor),
        copy.size_bytes * factor, 0, copy.reduce);
  }
  for (const SendAction& send : actions.sends) {
    add("send", send.peer, Scaled(send.offset_bytes, factor), send.size_bytes * factor, send.lane,
        false);
  }
  for (const ReceiveAction& receive : actions.receives) {
    add("receive", receive.peer, Scaled(receive.offset_bytes, factor), receive.size_bytes * factor,
        receive.lane, receive.reduce);
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

TEST(JsonProgram, SchedulesComeBackAsTheyWereForAllSizes) {
  for (const uint32_t n : {2u, 6u, 8u}) {
    for (CollectiveSpec spec : AllSchedules(n)) {
      if (spec.type == CollectiveType::kBarrier) continue;
      spec.size_bytes = 4 * n;
      spec.root = IsRooted(spec.type) ? n - 1 : 0;
      const auto schedule = MakeSchedule(spec);
      const std::string text = JsonOf(spec, *schedule);
      for (const uint64_t factor : {1u, 1000u}) {
        CollectiveSpec larger = spec;
        larger.size_bytes *= factor;
        const auto loaded = LoadText(text, larger);
        ASSERT_EQ(loaded->StepCount(), schedule->StepCount()) << DescribeCase(spec);
        EXPECT_EQ(loaded->EngineCount(), schedule->EngineCount());
        EXPECT_EQ(loaded->LaneCount(), schedule->LaneCount());
        EXPECT_EQ(loaded->ScratchBytes(), schedule->ScratchBytes() * factor);
        for (uint32_t rank = 0; rank < n + schedule->EngineCount(); ++rank) {
          for (uint32_t step = 0; step < schedule->StepCount(); ++step) {
            ASSERT_EQ(Actions(*loaded, rank, step, 1), Actions(*schedule, rank, step, factor))
                << DescribeCase(spec) << ", rank " << rank << ", step " << step;
          }
        }
      }
    }
  }
}

TEST(JsonProgram, NoBytesAreNoSteps) {
  CollectiveSpec spec = FileSpec(CollectiveType::kAllReduce, 4, 4);
  const std::string text = JsonOf(spec, *MakeSchedule(spec));
  spec.size_bytes = 0;
  EXPECT_EQ(LoadText(text, spec)->StepCount(), 0u);
}

TEST(JsonProgram, EveryTransferIsNeeded) {
  for (const CollectiveSpec& spec :
       {FileSpec(CollectiveType::kAllReduce, 4, 4), FileSpec(CollectiveType::kAllGather, 4, 4),
        FileSpec(CollectiveType::kAllToAll, 4, 4)}) {
    const nlohmann::json whole = nlohmann::json::parse(JsonOf(spec, *MakeSchedule(spec)));
    for (size_t step = 0; step < whole["steps"].size(); ++step) {
      for (size_t i = 0; i < whole["steps"][step].size(); ++i) {
        nlohmann::json less = whole;
        less["steps"][step].erase(i);
        const std::string error = LoadError(less.dump(), spec);
        EXPECT_NE(error.find("FILE: is no " + std::string(CollectiveName(spec.type)) + ": rank "),
                  std::string::npos)
            << error;
        nlohmann::json other = whole;
        other["steps"][step][i]["to"] = whole["steps"][step][i]["from"];
        EXPECT_NE(LoadError(other.dump(), spec), "no error");
        other = whole;
        other["steps"][step][i]["reduce"] = !whole["steps"][step][i]["reduce"].get<bool>();
        EXPECT_NE(LoadError(other.dump(), spec), "no error");
      }
    }
  }
}

TEST(JsonProgram, SaysWhoLacksWhat) {
  const std::string text = R"({"collective": "all_reduce", "ranks": 3, "chunks": 1, "steps": [
    [{"from": 1, "to": 0, "chunk": 0, "reduce": true},
     {"from": 2, "to": 0, "chunk": 0, "reduce": true}],
    [{"from": 0, "to": 1, "chunk": 0}]]})";
  EXPECT_EQ(LoadError(text, FileSpec(CollectiveType::kAllReduce, 3, 300)),
            "FILE: is no all_reduce: rank 2: chunk 0 holds {2} instead of {0, 1, 2}; correct the "
            "algorithm");
}

// Bytes of a good file changed, dropped, doubled: refused or fine, but never anything else.
TEST(JsonProgram, DamagedFilesAreRefusedOrRun) {
  CollectiveSpec spec = FileSpec(CollectiveType::kAllGather, 4, 4);
  spec.algorithm = Algorithm::kPat;
  const std::string text = JsonOf(spec, *MakeSchedule(spec));
  EXPECT_GT(RefusedWhenDamaged(text, spec, "0123456789{}[],:\"-aef", PrintedSeed(5)), 400);
}

}  // namespace
}  // namespace ddlsim
