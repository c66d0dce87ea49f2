// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload-gen/layers/layer-builder.h"

namespace ddlsim {

struct PerceptronLayers {
  std::string prefix;  // of the operations' names
  uint64_t rows = 0;
  uint64_t in = 0;
  std::vector<uint64_t> widths;
  Activation activation = Activation::kRelu;
  Activation last = Activation::kRelu;
  bool activate_last = true;
};

// Linear layers with bias, an activation after each. Without inputs it reads the batch itself.
// Returns the last operation.
size_t AddPerceptron(LayerBuilder& layers, const PerceptronLayers& shape,
                     std::vector<size_t> inputs);

}  // namespace ddlsim
