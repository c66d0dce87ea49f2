// SPDX-License-Identifier: MIT
//
// The order in which a pipeline stage runs its micro-batches: pure functions, without times.
//
//   gpipe        all forward passes, then all backward passes (Huang et al. 2019)
//   1f1b         warm-up, then one forward and one backward in turns (Narayanan et al. 2019 and
//                2021, "PipeDream-Flush")
//   interleaved  the same with several chunks of layers per stage (Narayanan et al. 2021, section
//                2.2), in Megatron-LM's order
//   zero-bubble  backward passes in two parts, of which that for the weights fills the bubble, with
//                as many activations kept as by 1f1b (Qi et al. 2023, ZB-H1)
//
// With equal times of forward f, backward b = i + w and p stages, a stage idles for (p-1)(f+b)
// under gpipe and 1f1b, (p-1)(f+b)/v with v chunks, and (p-1)(f+i-w) under zero-bubble.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

enum class PipelineSchedule : uint8_t { kGpipe, k1F1B, kInterleaved, kZeroBubble };

// "gpipe", "1f1b", "interleaved", "zero-bubble": as in --schedule.
const char* PipelineScheduleName(PipelineSchedule schedule);
// Throws InputError for other names.
PipelineSchedule ParsePipelineSchedule(const std::string& place, const std::string& text);

struct PassStep {
  enum class Kind : uint8_t {
    kForward,
    kBackward,         // for inputs and weights together
    kBackwardInput,    // what the stage before waits for
    kBackwardWeights,  // what only the optimizer waits for
  };
  Kind kind = Kind::kForward;
  uint32_t chunk = 0;  // of the stage's layers: 0 is nearest to the input
  uint32_t micro_batch = 0;
};

struct PipelineShape {
  PipelineSchedule schedule = PipelineSchedule::k1F1B;
  uint32_t stages = 1;
  uint32_t chunks = 1;  // per stage; more than one for kInterleaved only
  uint32_t micro_batches = 1;
};

// Throws InputError (places --schedule, --virtual-stages, --microbatches) for what cannot run:
// chunks without interleaving, interleaving with micro-batches that are no multiple of the stages.
void CheckPipeline(const PipelineShape& shape);

// What stage `stage` runs, in order. Every pair of chunk and micro-batch has its passes once.
std::vector<PassStep> StageOrder(const PipelineShape& shape, uint32_t stage);

}  // namespace ddlsim
