// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "workload-gen/layers/layer-builder.h"

namespace ddlsim {

// One LSTM layer over `shape.steps` tokens of width `in`: NAME.input, the products with all inputs
// at once, and NAME.recurrent, step by step. Two biases, as in PyTorch. Returns the last operation.
size_t AddLstm(LayerBuilder& layers, const std::string& name, std::vector<size_t> inputs,
               uint64_t in, const LstmShape& shape);

}  // namespace ddlsim
