// SPDX-License-Identifier: MIT
#include "hardware/roofline.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace ddlsim {
namespace {

// Round numbers, so that the closed form can be worked out by hand.
Gpu RoundGpu() {
  Gpu gpu;
  gpu.peak_flops_per_s[static_cast<int>(Precision::kBf16)] = 100000000000000;  // 100 TFLOP/s
  gpu.peak_flops_per_s[static_cast<int>(Precision::kFp32)] = 10000000000000;   // 10 TFLOP/s
  gpu.memory_bandwidth_bytes_per_s = 1000000000000;                            // 1 TB/s
  gpu.matmul_efficiency = 0.5;
  gpu.memory_efficiency = 0.75;
  gpu.kernel_overhead_ns = 1000;
  return gpu;
}

TEST(Roofline, ArithmeticBound) {
  // 1e9 operations at 50 TFLOP/s: 20 us; 1e6 bytes at 750 GB/s: 1.33 us.
  EXPECT_EQ(
      DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kMatrix, {1000000000, 1000000, 1}),
      20000u + 1000u);
}

TEST(Roofline, MemoryBound) {
  // 3e6 bytes at 750 GB/s: 4 us; the arithmetic takes 20 ns.
  EXPECT_EQ(
      DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kMatrix, {1000000, 3000000, 2}),
      4000u + 2000u);
}

TEST(Roofline, VectorWorkRunsAtTheFp32PeakWithoutMatmulEfficiency) {
  EXPECT_EQ(DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kVector, {1000000000, 0, 1}),
            100000u + 1000u);
}

TEST(Roofline, FractionsRoundUp) {
  // 1 byte takes 1.33 ps, 1 operation 0.02 ps: both become one whole nanosecond.
  EXPECT_EQ(DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kMatrix, {0, 1, 0}), 1u);
  EXPECT_EQ(DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kMatrix, {1, 0, 0}), 1u);
  EXPECT_EQ(DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kMatrix, {0, 0, 0}), 0u);
  // Exactly 1,000 ns, and one operation more.
  EXPECT_EQ(DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kMatrix, {50000000, 0, 0}),
            1000u);
  EXPECT_EQ(DurationNs(RoundGpu(), Precision::kBf16, ArithmeticUnit::kMatrix, {50000001, 0, 0}),
            1001u);
}

TEST(Roofline, HugeWorkIsHeldAtTheMaximum) {
  Gpu gpu = RoundGpu();
  gpu.memory_bandwidth_bytes_per_s = 1000;
  EXPECT_EQ(DurationNs(gpu, Precision::kBf16, ArithmeticUnit::kMatrix, {0, UINT64_MAX, 0}),
            kRooflineMaxNs);
}

TEST(Roofline, AFormatThatTheGpuLacksIsAProgrammingError) {
  EXPECT_THROW(DurationNs(RoundGpu(), Precision::kFp8, ArithmeticUnit::kMatrix, {1, 1, 1}),
               std::logic_error);
}

TEST(Roofline, ClassesMapToUnits) {
  for (const char* name : {"matmul", "attention", "convolution"}) {
    EXPECT_EQ(UnitOfClass(name), ArithmeticUnit::kMatrix) << name;
  }
  for (const char* name : {"norm", "elementwise", "embedding", "loss", "optimizer", ""}) {
    EXPECT_EQ(UnitOfClass(name), ArithmeticUnit::kVector) << name;
  }
}

}  // namespace
}  // namespace ddlsim
