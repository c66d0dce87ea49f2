// SPDX-License-Identifier: MIT
//
// A model cut into the parts that the stages of a pipeline run.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

// One part, as a model of its own. Its first operation stands for what it receives ("stage_input",
// no kernel), unless it is the first part.
struct StagePart {
  LayerModel model;
  bool has_input = false;
  // The operation whose output the next part receives; none: the last part.
  std::optional<size_t> output;

  uint64_t InputBytes() const { return model.operations.front().output_bytes; }
  uint64_t OutputBytes() const { return model.operations[*output].output_bytes; }
};

// Into `parts` parts of consecutive blocks: equally many in each, and where that does not go, one
// less in some, the last and the first part before the others, since they have the output layer and
// the embedding too. What comes before the first block goes with it, what comes behind the last
// with that. Parameters that the first and the last part share are marked (is_tied). Throws
// InputError (place --pp) where there are fewer blocks than parts, or where more than one tensor
// would pass from part to part, or where other parts share parameters.
std::vector<StagePart> CutStages(const LayerModel& model, uint32_t parts);

}  // namespace ddlsim
