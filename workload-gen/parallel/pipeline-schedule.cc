// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/pipeline-schedule.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr std::array<std::pair<PipelineSchedule, const char*>, 4> kNames{{
    {PipelineSchedule::kGpipe, "gpipe"},
    {PipelineSchedule::k1F1B, "1f1b"},
    {PipelineSchedule::kInterleaved, "interleaved"},
    {PipelineSchedule::kZeroBubble, "zero-bubble"},
}};

// Forward passes before the first backward pass, all chunks together.
uint32_t WarmUp(const PipelineShape& shape, uint32_t stage) {
  const uint32_t total = shape.micro_batches * shape.chunks;
  const uint32_t behind = shape.stages - 1 - stage;
  if (shape.schedule == PipelineSchedule::kGpipe) return total;
  if (shape.schedule != PipelineSchedule::kInterleaved) return std::min(total, behind);
  return std::min(total, 2 * behind + (shape.chunks - 1) * shape.stages);
}

// The k-th forward pass of a stage: groups of as many micro-batches as there are stages go through
// one chunk after the other. Backward passes take the chunks the other way round.
PassStep NthPass(const PipelineShape& shape, PassStep::Kind kind, uint32_t k) {
  const uint32_t group = shape.chunks == 1 ? 1 : shape.stages;
  const uint32_t in_group = k % (group * shape.chunks);
  const uint32_t chunk = in_group / group;
  const bool is_forward = kind == PassStep::Kind::kForward;
  return {kind, is_forward ? chunk : shape.chunks - 1 - chunk,
          k / (group * shape.chunks) * group + in_group % group};
}

// ZB-H1, figure 2 of the paper: 1f1b where the backward pass for the weights lags behind that for
// the inputs by as many micro-batches as there are stages before, so that all stages keep as much
// as the first one does under 1f1b, and fill with it what would be a bubble at the end.
std::vector<PassStep> ZeroBubbleOrder(const PipelineShape& shape, uint32_t stage) {
  const uint32_t warm_up = WarmUp(shape, stage);
  std::vector<PassStep> order;
  order.reserve(3 * size_t{shape.micro_batches});
  uint32_t forward = 0, weights = 0;
  for (uint32_t inputs = 0; inputs < shape.micro_batches; ++inputs) {
    while (forward < std::min(shape.micro_batches, warm_up + inputs + 1)) {
      order.push_back({PassStep::Kind::kForward, 0, forward++});
    }
    order.push_back({PassStep::Kind::kBackwardInput, 0, inputs});
    if (inputs >= stage) order.push_back({PassStep::Kind::kBackwardWeights, 0, weights++});
  }
  while (weights < shape.micro_batches) {
    order.push_back({PassStep::Kind::kBackwardWeights, 0, weights++});
  }
  return order;
}

}  // namespace

const char* PipelineScheduleName(PipelineSchedule schedule) {
  for (const auto& [value, name] : kNames) {
    if (value == schedule) return name;
  }
  return "";
}

PipelineSchedule ParsePipelineSchedule(const std::string& place, const std::string& text) {
  std::vector<std::string> names;
  for (const auto& [value, name] : kNames) {
    if (text == name) return value;
    names.emplace_back(name);
  }
  throw InputError(place, "'" + Printable(text) + "' is no known schedule", Suggest(text, names));
}

void CheckPipeline(const PipelineShape& shape) {
  const bool is_interleaved = shape.schedule == PipelineSchedule::kInterleaved;
  if (is_interleaved && shape.stages == 1) {
    throw InputError("--schedule", "interleaving needs more than one pipeline stage",
                     "use --pp=2 or more, or another schedule");
  }
  if (is_interleaved && shape.chunks == 1) {
    throw InputError("--schedule", "interleaving needs more than one chunk of layers per stage",
                     "use --virtual-stages=2 or more, or --schedule=1f1b");
  }
  if (!is_interleaved && shape.chunks > 1) {
    throw InputError("--virtual-stages",
                     std::string("goes with --schedule=interleaved, not with ") +
                         PipelineScheduleName(shape.schedule),
                     "use 1, or --schedule=interleaved");
  }
  if (is_interleaved && shape.micro_batches % shape.stages != 0) {
    throw InputError("--microbatches",
                     std::to_string(shape.micro_batches) + " is no multiple of the " +
                         std::to_string(shape.stages) +
                         " stages, which interleaving needs (Narayanan et al. 2021)",
                     "use a multiple, or --schedule=1f1b");
  }
}

std::vector<PassStep> StageOrder(const PipelineShape& shape, uint32_t stage) {
  if (shape.schedule == PipelineSchedule::kZeroBubble) {
    return ZeroBubbleOrder(shape, stage);
  }
  const uint32_t total = shape.micro_batches * shape.chunks;
  const uint32_t warm_up = WarmUp(shape, stage);
  std::vector<PassStep> order;
  order.reserve(2 * size_t{total});
  uint32_t forward = 0;
  for (uint32_t backward = 0; backward < total; ++backward) {
    while (forward < std::min(total, warm_up + backward + 1)) {
      order.push_back(NthPass(shape, PassStep::Kind::kForward, forward++));
    }
    order.push_back(NthPass(shape, PassStep::Kind::kBackward, backward));
  }
  return order;
}

}  // namespace ddlsim
