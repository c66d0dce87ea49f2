// SPDX-License-Identifier: MIT
//
// Products of shapes. Sizes come from users' files and options, so every product is checked.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace ddlsim {

// Sums of up to 16 products stay within 63 bits.
constexpr uint64_t kProductMax = uint64_t{1} << 58;

// The product of the factors. Throws InputError above kProductMax: no tensor of a real model gets
// near 2^58, so the shapes or the batch are wrong.
uint64_t Product(std::initializer_list<uint64_t> factors);

// a + b, for totals. Throws InputError beyond 63 bits.
uint64_t Sum(uint64_t a, uint64_t b);

}  // namespace ddlsim
