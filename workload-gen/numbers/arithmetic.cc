// SPDX-License-Identifier: MIT
#include "workload-gen/numbers/arithmetic.h"

#include "base/input-error.h"

namespace ddlsim {
namespace {

[[noreturn]] void Refuse() {
  throw InputError("--batch", "the batch and the model's shapes make a number beyond 2^58",
                   "choose a smaller batch, sequence or model");
}

}  // namespace

uint64_t Product(std::initializer_list<uint64_t> factors) {
  unsigned __int128 product = 1;
  for (uint64_t factor : factors) {
    if (factor > kProductMax) Refuse();
    product *= factor;
    if (product > kProductMax) Refuse();
  }
  return static_cast<uint64_t>(product);
}

uint64_t Sum(uint64_t a, uint64_t b) {
  if (a > INT64_MAX || b > INT64_MAX - a) Refuse();
  return a + b;
}

}  // namespace ddlsim
