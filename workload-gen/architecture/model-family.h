// SPDX-License-Identifier: MIT
//
// The families that a file of models may name: which keys each takes, and how they make a shape.
#pragma once

#include <string>
#include <vector>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/architecture/model-keys.h"

namespace ddlsim {

struct ModelFamily {
  const char* name;  // "transformer"
  std::vector<std::string> keys;
  // Fills in shape, sequence_length and sequence_max. Throws InputError.
  void (*read)(const ModelKeys& keys, Architecture& model);
};

const std::vector<ModelFamily>& ModelFamilies();

// Parts of ModelFamilies(), by source file.
std::vector<ModelFamily> TransformerFamilies();
std::vector<ModelFamily> OtherFamilies();

// What is wrong with the layers' sizes beside each other; empty key: nothing. `key` is named as in
// files of models.
struct ShapeProblem {
  std::string key, problem, remedy;
};
ShapeProblem FindProblem(const AttentionLayer& layer);
ShapeProblem FindProblem(const ExpertLayer& layer, uint64_t layers);

}  // namespace ddlsim
