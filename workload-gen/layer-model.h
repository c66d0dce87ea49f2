// SPDX-License-Identifier: MIT
//
// A model as the list of operations that one GPU runs for one micro-batch, in forward order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hardware/roofline.h"

namespace ddlsim {

struct ParameterTensor {
  std::string name;  // "block3.attention.query.weight"
  uint64_t elements = 0;
};

struct Operation {
  std::string name;  // "block3.attention.query"
  std::string
      operation_class;         // matmul, attention, convolution, norm, elementwise, embedding, loss
  int block = -1;              // the residual block that it belongs to; -1: none
  std::vector<size_t> inputs;  // earlier operations whose outputs it reads
  std::vector<size_t> parameters;  // tensors that it reads and to whose gradients it contributes
  Work forward;
  Work backward;
  // False where the gradient passes through unchanged (a residual addition): no kernel runs.
  bool has_backward = true;
};

// Invariants: inputs[i] < own index; every parameter is used by at least one operation with a
// backward pass; a parameter may be used by several (tied embeddings).
struct LayerModel {
  std::string name;
  std::vector<ParameterTensor> parameters;
  std::vector<Operation> operations;

  uint64_t ParameterCount() const {
    uint64_t count = 0;
    for (const ParameterTensor& tensor : parameters) count += tensor.elements;
    return count;
  }
};

}  // namespace ddlsim
