// SPDX-License-Identifier: MIT
//
// A router's measured statistics: which share of the tokens each expert gets.
#pragma once

#include <cstdint>
#include <string>

#include "workload-gen/layers/expert-loads.h"
#include "workload-gen/layers/transformer-shape.h"

namespace ddlsim {

// A CSV file with the header expert,share (the same in all layers) or layer,expert,share, and a row
// for each expert (of each layer with experts), both counted from 0. Shares are numbers of any unit
// from 0, such as counts of tokens. The experts of a layer lie on `members` ranks in their order,
// equally many on each. Throws InputError (place FILE:LINE).
ExpertLoads LoadExpertLoads(const std::string& path, const TransformerShape& shape,
                            uint32_t members);

}  // namespace ddlsim
