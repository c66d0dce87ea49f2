// SPDX-License-Identifier: MIT
//
// Which degrees the layers of a model can be divided by.
#pragma once

#include "workload-gen/parallel/parallelism.h"

namespace ddlsim {

// Tensor, sequence, context and expert parallelism, by family. Throws InputError. `batch`: of one
// micro-batch.
void CheckDivision(const Parallelism& plan, const Architecture& model, const BatchShape& batch);

}  // namespace ddlsim
