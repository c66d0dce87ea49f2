// SPDX-License-Identifier: MIT
//
// Parts of the work of an operation.
#pragma once

#include <cstdint>
#include <vector>

#include "hardware/roofline.h"

namespace ddlsim {

// What a part leaves of the whole; the part's matrix kernels are the last ones there.
Work Without(const Work& whole, const Work& part);

// Whether the work is one product of `pieces` equal parts of the rows, and streaming kernels.
bool CanCutRows(const Work& work, uint32_t pieces);

// The product cut along its rows. Operations add up to those of the whole; bytes do not, since each
// piece reads the whole weight, nor do kernels. What streams before or behind the product (casts of
// the weight) goes with the first piece.
std::vector<Work> CutRows(const Work& work, uint32_t pieces);

}  // namespace ddlsim
