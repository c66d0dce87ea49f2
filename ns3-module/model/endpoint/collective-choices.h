// SPDX-License-Identifier: GPL-2.0-only
//
// What a run may ask for beside the algorithms that collective/ has: sizes of an all_to_all by
// pair, and an algorithm of the user's own. Implementations answer the same call in the same way.
#pragma once

#include <cstdint>
#include <memory>

#include "collective/schedule.h"

namespace ddlsim {

class PairSizes {
 public:
  virtual ~PairSizes() = default;
  // Sets the sizes of an all_to_all of which type, group and size are known. Throws InputError
  // where they do not fit the group.
  virtual void Apply(CollectiveSpec& spec) const = 0;
};

class CustomAlgorithm {
 public:
  virtual ~CustomAlgorithm() = default;
  // Throws InputError where it is not for this collective, group, root or size.
  virtual std::unique_ptr<Schedule> Make(const CollectiveSpec& spec) const = 0;
  // The sizes that it runs are multiples of this.
  virtual uint64_t SizeUnitBytes() const = 0;
};

}  // namespace ddlsim
