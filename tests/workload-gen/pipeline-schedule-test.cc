// SPDX-License-Identifier: MIT
//
// Schedules played on a network that costs nothing: nothing waits for ever, the bubble is that of
// the papers, and no stage keeps more activations than they say.
#include "workload-gen/parallel/pipeline-schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "base/input-error.h"

namespace ddlsim {
namespace {

using Kind = PassStep::Kind;

struct Times {
  uint64_t forward = 1;
  uint64_t inputs = 1;
  uint64_t weights = 1;
};

struct Played {
  uint64_t end = 0;                   // of the last pass; 0 where the stages wait for ever
  std::vector<uint64_t> activations;  // most that each stage holds, in micro-batches of a chunk
};

class Player {
 public:
  Player(const PipelineShape& shape, const Times& times) : m_shape(shape), m_times(times) {
    for (uint32_t stage = 0; stage < shape.stages; ++stage) {
      m_orders.push_back(StageOrder(shape, stage));
    }
  }

  Played Play() {
    std::vector<size_t> next(m_shape.stages);
    std::vector<uint64_t> free(m_shape.stages);
    bool has_moved = true;
    while (has_moved) {
      has_moved = false;
      for (uint32_t stage = 0; stage < m_shape.stages; ++stage) {
        while (next[stage] < m_orders[stage].size()) {
          const PassStep& step = m_orders[stage][next[stage]];
          uint64_t ready = free[stage];
          if (!FindReady(stage, step, ready)) break;
          free[stage] = m_done[{stage, step.kind, step.chunk, step.micro_batch}] =
              ready + Duration(step.kind);
          ++next[stage];
          has_moved = true;
        }
      }
    }
    Played played;
    for (uint32_t stage = 0; stage < m_shape.stages; ++stage) {
      if (next[stage] < m_orders[stage].size()) return {};
      played.end = std::max(played.end, free[stage]);
      played.activations.push_back(Activations(m_orders[stage]));
    }
    return played;
  }

  const std::vector<std::vector<PassStep>>& Orders() const { return m_orders; }

 private:
  using Pass = std::tuple<uint32_t, Kind, uint32_t, uint32_t>;

  uint64_t Duration(Kind kind) const {
    switch (kind) {
      case Kind::kForward:
        return m_times.forward;
      case Kind::kBackward:
        return m_times.inputs + m_times.weights;
      case Kind::kBackwardInput:
        return m_times.inputs;
      case Kind::kBackwardWeights:
        return m_times.weights;
    }
    return 0;
  }

  // Raises `ready` to the end of `pass`; false where that has not run.
  bool After(const Pass& pass, uint64_t& ready) const {
    const auto found = m_done.find(pass);
    if (found == m_done.end()) return false;
    ready = std::max(ready, found->second);
    return true;
  }

  bool FindReady(uint32_t stage, const PassStep& step, uint64_t& ready) const {
    const uint32_t last = m_shape.stages - 1;
    const uint32_t chunk = step.chunk, batch = step.micro_batch;
    if (step.kind == Kind::kForward) {
      if (stage > 0) return After({stage - 1, Kind::kForward, chunk, batch}, ready);
      return chunk == 0 || After({last, Kind::kForward, chunk - 1, batch}, ready);
    }
    if (step.kind == Kind::kBackwardWeights) {
      return After({stage, Kind::kBackwardInput, chunk, batch}, ready);
    }
    if (!After({stage, Kind::kForward, chunk, batch}, ready)) return false;
    if (stage < last) return After({stage + 1, step.kind, chunk, batch}, ready);
    return chunk + 1 == m_shape.chunks || After({0, step.kind, chunk + 1, batch}, ready);
  }

  static uint64_t Activations(const std::vector<PassStep>& order) {
    uint64_t now = 0, most = 0;
    for (const PassStep& step : order) {
      if (step.kind == Kind::kForward) most = std::max(most, ++now);
      if (step.kind == Kind::kBackward || step.kind == Kind::kBackwardWeights) --now;
    }
    EXPECT_EQ(now, 0u);
    return most;
  }

  const PipelineShape m_shape;
  const Times m_times;
  std::vector<std::vector<PassStep>> m_orders;
  std::map<Pass, uint64_t> m_done;
};

PipelineShape Shape(PipelineSchedule schedule, uint32_t stages, uint32_t micro_batches,
                    uint32_t chunks = 1) {
  return {schedule, stages, chunks, micro_batches};
}

// Every chunk and micro-batch has each of its passes once.
void ExpectWhole(const PipelineShape& shape, const std::vector<PassStep>& order) {
  std::map<std::tuple<Kind, uint32_t, uint32_t>, int> seen;
  for (const PassStep& step : order) ++seen[{step.kind, step.chunk, step.micro_batch}];
  const bool is_split = shape.schedule == PipelineSchedule::kZeroBubble;
  EXPECT_EQ(seen.size(), (is_split ? 3u : 2u) * shape.chunks * shape.micro_batches);
  EXPECT_EQ(seen.size(), order.size());
  for (const auto& [pass, count] : seen) {
    EXPECT_LT(std::get<1>(pass), shape.chunks);
    EXPECT_LT(std::get<2>(pass), shape.micro_batches);
  }
}

TEST(PipelineSchedule, AllPassesRunOnceWithoutDeadlock) {
  for (PipelineSchedule schedule :
       {PipelineSchedule::kGpipe, PipelineSchedule::k1F1B, PipelineSchedule::kZeroBubble}) {
    for (uint32_t stages = 1; stages <= 9; ++stages) {
      for (uint32_t micro_batches = 1; micro_batches <= 20; ++micro_batches) {
        const PipelineShape shape = Shape(schedule, stages, micro_batches);
        Player player(shape, {});
        for (const auto& order : player.Orders()) ExpectWhole(shape, order);
        EXPECT_GT(player.Play().end, 0u) << PipelineScheduleName(schedule) << ' ' << stages
                                         << " stages, " << micro_batches << " micro-batches";
      }
    }
  }
}

TEST(PipelineSchedule, InterleavedRunsWithoutDeadlock) {
  for (uint32_t stages = 2; stages <= 8; ++stages) {
    for (uint32_t chunks = 2; chunks <= 4; ++chunks) {
      for (uint32_t groups = 1; groups <= 4; ++groups) {
        const PipelineShape shape =
            Shape(PipelineSchedule::kInterleaved, stages, groups * stages, chunks);
        CheckPipeline(shape);
        Player player(shape, {});
        for (const auto& order : player.Orders()) ExpectWhole(shape, order);
        EXPECT_GT(player.Play().end, 0u) << stages << ' ' << chunks << ' ' << groups;
      }
    }
  }
}

// The formulas of the papers, in units of equal passes.
TEST(PipelineSchedule, BubblesAreThoseOfThePapers) {
  const Times times{3, 3, 2};
  const uint64_t pass = times.forward + times.inputs + times.weights;
  for (uint32_t stages : {1u, 2u, 4u, 7u, 8u}) {
    for (uint32_t groups : {2u, 3u, 8u}) {
      const uint32_t batches = groups * stages;
      for (PipelineSchedule schedule : {PipelineSchedule::kGpipe, PipelineSchedule::k1F1B}) {
        EXPECT_EQ(Player(Shape(schedule, stages, batches), times).Play().end,
                  batches * pass + (stages - 1) * pass);
      }
      for (uint32_t chunks : {2u, 3u}) {
        if (stages == 1) continue;
        // A pass of a chunk takes as long here as one of a whole stage elsewhere.
        EXPECT_EQ(Player(Shape(PipelineSchedule::kInterleaved, stages, batches, chunks), times)
                      .Play()
                      .end,
                  batches * chunks * pass + (stages - 1) * pass);
      }
      EXPECT_EQ(Player(Shape(PipelineSchedule::kZeroBubble, stages, batches), times).Play().end,
                batches * pass + (stages - 1) * (times.forward + times.inputs - times.weights));
    }
  }
}

TEST(PipelineSchedule, StagesKeepNoMoreActivationsThanTheySay) {
  const uint32_t stages = 6, batches = 24;
  const Played gpipe = Player(Shape(PipelineSchedule::kGpipe, stages, batches), {}).Play();
  const Played steady = Player(Shape(PipelineSchedule::k1F1B, stages, batches), {}).Play();
  const Played split = Player(Shape(PipelineSchedule::kZeroBubble, stages, batches), {}).Play();
  const uint32_t chunks = 3;
  const Played mixed =
      Player(Shape(PipelineSchedule::kInterleaved, stages, batches, chunks), {}).Play();
  for (uint32_t stage = 0; stage < stages; ++stage) {
    EXPECT_EQ(gpipe.activations[stage], batches);
    EXPECT_EQ(steady.activations[stage], stages - stage);
    EXPECT_EQ(split.activations[stage], stages);
    // Narayanan et al. 2021, section 2.2: 1 + (p-1)/(pv) times those of 1f1b at the first stage.
    EXPECT_EQ(mixed.activations[stage], 2 * (stages - 1 - stage) + (chunks - 1) * stages + 1);
  }
}

TEST(PipelineSchedule, WhatCannotRunIsRefused) {
  EXPECT_THROW(CheckPipeline(Shape(PipelineSchedule::k1F1B, 4, 8, 2)), InputError);
  EXPECT_THROW(CheckPipeline(Shape(PipelineSchedule::kInterleaved, 4, 8, 1)), InputError);
  EXPECT_THROW(CheckPipeline(Shape(PipelineSchedule::kInterleaved, 1, 8, 2)), InputError);
  EXPECT_THROW(CheckPipeline(Shape(PipelineSchedule::kInterleaved, 4, 6, 2)), InputError);
  EXPECT_THROW(ParsePipelineSchedule("--schedule", "1F1B-typo"), InputError);
  EXPECT_EQ(ParsePipelineSchedule("--schedule", "zero-bubble"), PipelineSchedule::kZeroBubble);
}

}  // namespace
}  // namespace ddlsim
