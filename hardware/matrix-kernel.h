// SPDX-License-Identifier: MIT
//
// How long one kernel of the matrix units takes: by its shape, since a product is cut into tiles
// that the multiprocessors of a GPU work on in waves. Small or oddly shaped products leave tiles or
// multiprocessors partly idle; the rest is the roofline. docs/workloads.md has the formula, the
// presets have its parameters with their sources.
#pragma once

#include <cstdint>

#include "hardware/gpu.h"

namespace ddlsim {

struct MatrixKernel {
  enum class Kind : uint8_t {
    kProduct,            // `count` products of m x k times k x n
    kAttentionForward,   // fused, of `count` heads (times samples): m queries, n keys, dimension k
    kAttentionBackward,  // the same; computes the scores again
  };
  Kind kind = Kind::kProduct;
  AttentionMethod method = AttentionMethod::kFlash;  // of the attention kinds
  Precision precision = Precision::kBf16;
  uint64_t count = 1;
  uint64_t m = 0;
  uint64_t n = 0;
  uint64_t k = 0;
  uint64_t counted_operations = 0;  // its share of Work::operations
  // What runs: fewer where a mask lets blocks be left out, more where scores are computed twice.
  uint64_t operations = 0;
  uint64_t memory_bytes = 0;  // its share of Work::memory_bytes
};

// A product that counts what it runs.
MatrixKernel ProductKernel(Precision precision, uint64_t count, uint64_t m, uint64_t n, uint64_t k,
                           uint64_t memory_bytes);

// Share of the peak that the arithmetic reaches, in (0, 1], memory apart.
double MatrixEfficiency(const Gpu& gpu, const MatrixKernel& kernel);

// Without what its launch costs; at most kRooflineMaxNs. The GPU must have the precision
// (std::logic_error otherwise).
uint64_t MatrixKernelNs(const Gpu& gpu, const MatrixKernel& kernel);

}  // namespace ddlsim
