// SPDX-License-Identifier: GPL-2.0-only
#include "traffic/exponential.h"

#include "fabric/random.h"

namespace ddlsim {

uint64_t DrawExponential(uint64_t seed, uint64_t stream, uint64_t item) {
  const uint64_t key = CombineKeys(stream, item);
  uint64_t draws = 0;
  for (uint64_t whole = 0;; ++whole) {
    const uint64_t first = Draw(seed, key, draws++);
    uint64_t last = first;
    bool is_odd = true;  // the length of the falling run so far
    for (uint64_t next; (next = Draw(seed, key, draws++)) < last; last = next) is_odd = !is_odd;
    if (is_odd) return whole << kExponentialBits | first >> (64 - kExponentialBits);
  }
}

}  // namespace ddlsim
