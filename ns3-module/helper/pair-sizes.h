// SPDX-License-Identifier: GPL-2.0-only
//
// all_to_all with unequal sizes, as the options ask for.
#ifndef DDL_PAIR_SIZES_H
#define DDL_PAIR_SIZES_H

#include <memory>

#include "endpoint/collective-choices.h"
#include "option-set.h"

namespace ddlsim {

// Null for equal shares. Throws InputError for a file that is wrong, with line, and for options
// that contradict each other.
std::unique_ptr<PairSizes> RequestedPairSizes(const OptionSet& options);

}  // namespace ddlsim

#endif /* DDL_PAIR_SIZES_H */
