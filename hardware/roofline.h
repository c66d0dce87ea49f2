// SPDX-License-Identifier: MIT
//
// How long a GPU takes for a piece of work: as long as its arithmetic or its memory traffic takes,
// whichever is longer, plus a fixed cost per kernel (Williams, Waterman, Patterson: Roofline,
// Communications of the ACM 52(4), 2009).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/gpu.h"
#include "hardware/matrix-kernel.h"

namespace ddlsim {

// Which units do the arithmetic: matrix products run on the matrix units at the peak of the chosen
// precision times the GPU's matmul efficiency, everything else on the vector units at the fp32
// peak.
enum class ArithmeticUnit : uint8_t { kMatrix, kVector };

struct Work {
  uint64_t operations = 0;    // floating-point operations; a multiply-add counts as two
  uint64_t memory_bytes = 0;  // bytes read plus bytes written
  uint64_t kernels = 1;       // launches, each with its overhead
  // The kernels of the matrix units whose shapes are known, each with its own time. What they leave
  // of operations and bytes are streaming kernels before and behind them.
  std::vector<MatrixKernel> matrix_kernels = {};
};

// The unit for an operation class as traces name it (attribute ddl_class): matmul, attention and
// convolution are matrix products.
ArithmeticUnit UnitOfClass(const std::string& operation_class);

constexpr uint64_t kRooflineMaxNs = uint64_t{1} << 60;  // 36 years

// Without known shapes:
// duration_ns = max(operations / (peak * efficiency), bytes / (bandwidth * efficiency))
//               + kernels * kernel_overhead_ns
// and with them the sum of MatrixKernelNs() plus that formula, on the vector units, over the rest.
// Each quotient is rounded up to whole nanoseconds and held at kRooflineMaxNs. The GPU must have
// the precision (std::logic_error otherwise: check Gpu::Peak first).
uint64_t DurationNs(const Gpu& gpu, Precision precision, ArithmeticUnit unit, const Work& work);

}  // namespace ddlsim
