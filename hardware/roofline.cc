// SPDX-License-Identifier: MIT
#include "hardware/roofline.h"

#include <algorithm>
#include <stdexcept>

namespace ddlsim {
namespace {

constexpr uint64_t kKernelsMax = 1000000;

// A whole number of units per second, so that the division below is exact integer arithmetic and
// every build gives the same nanoseconds.
uint64_t EffectiveRate(uint64_t peak_per_s, double efficiency) {
  return static_cast<uint64_t>(static_cast<double>(peak_per_s) * efficiency);
}

uint64_t QuotientNs(uint64_t amount, uint64_t rate_per_s) {
  const unsigned __int128 scaled = static_cast<unsigned __int128>(amount) * 1000000000u;
  const unsigned __int128 quotient = (scaled + rate_per_s - 1) / rate_per_s;
  return quotient > kRooflineMaxNs ? kRooflineMaxNs : static_cast<uint64_t>(quotient);
}

}  // namespace

ArithmeticUnit UnitOfClass(const std::string& operation_class) {
  return operation_class == "matmul" || operation_class == "attention" ||
                 operation_class == "convolution"
             ? ArithmeticUnit::kMatrix
             : ArithmeticUnit::kVector;
}

uint64_t DurationNs(const Gpu& gpu, Precision precision, ArithmeticUnit unit, const Work& work) {
  if (!work.matrix_kernels.empty()) {
    Work rest{work.operations, work.memory_bytes, work.kernels};
    uint64_t matrix_ns = 0;
    for (const MatrixKernel& kernel : work.matrix_kernels) {
      if (kernel.counted_operations > rest.operations || kernel.memory_bytes > rest.memory_bytes) {
        throw std::logic_error("DurationNs: kernels exceed their work");
      }
      rest.operations -= kernel.counted_operations;
      rest.memory_bytes -= kernel.memory_bytes;
      matrix_ns = std::min(kRooflineMaxNs, matrix_ns + MatrixKernelNs(gpu, kernel));
    }
    return matrix_ns + DurationNs(gpu, precision, ArithmeticUnit::kVector, rest);
  }
  const uint64_t rate = unit == ArithmeticUnit::kMatrix
                            ? EffectiveRate(gpu.Peak(precision), gpu.matmul_efficiency)
                            : gpu.Peak(Precision::kFp32);
  const uint64_t bandwidth = EffectiveRate(gpu.memory_bandwidth_bytes_per_s, gpu.memory_efficiency);
  if (rate == 0 || bandwidth == 0) throw std::logic_error("DurationNs: the GPU lacks that rate");
  return std::max(QuotientNs(work.operations, rate), QuotientNs(work.memory_bytes, bandwidth)) +
         std::min(work.kernels, kKernelsMax) * gpu.kernel_overhead_ns;
}

}  // namespace ddlsim
