// SPDX-License-Identifier: MIT
//
// The time of products and fused attention by their shapes: bounded by the roofline, monotone, and
// near what has been measured.
#include "hardware/matrix-kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "hardware/roofline.h"

namespace ddlsim {
namespace {

MatrixKernel Product(uint64_t count, uint64_t m, uint64_t n, uint64_t k) {
  return ProductKernel(Precision::kBf16, count, m, n, k, 2 * count * (m * k + k * n + m * n));
}

// As the presets have it, but not limited by power: a single product is over before that.
Gpu Burst(const char* name) {
  Gpu gpu = LoadGpu(name);
  gpu.sustained_efficiency = 1;
  return gpu;
}

TEST(MatrixKernel, IsNeverFasterThanTheRoofline) {
  for (const std::string& name : GpuPresetNames()) {
    const Gpu gpu = LoadGpu(name);
    for (uint64_t m : {1u, 63u, 64u, 129u, 1000u, 4096u}) {
      for (uint64_t n : {1u, 100u, 4096u}) {
        for (uint64_t k : {1u, 64u, 8192u}) {
          MatrixKernel kernel = Product(2, m, n, k);
          if (gpu.Peak(kernel.precision) == 0) kernel.precision = Precision::kFp16;
          const double efficiency = MatrixEfficiency(gpu, kernel);
          EXPECT_GT(efficiency, 0) << name;
          EXPECT_LE(efficiency, gpu.MatmulEfficiency(kernel.precision)) << name;
          const double peak = static_cast<double>(gpu.Peak(kernel.precision));
          EXPECT_GE(static_cast<double>(MatrixKernelNs(gpu, kernel)),
                    static_cast<double>(kernel.operations) / peak * 1e9)
              << name;
        }
      }
    }
  }
}

TEST(MatrixKernel, TakesNoLessTimeForMore) {
  const Gpu gpu = LoadGpu("h100");
  const auto ns = [&](uint64_t count, uint64_t m, uint64_t n, uint64_t k) {
    return MatrixKernelNs(gpu, Product(count, m, n, k));
  };
  for (uint64_t size = 64; size <= 16384; size += 192) {
    EXPECT_LE(ns(1, size, 4096, 1024), ns(1, size + 192, 4096, 1024)) << size;
    EXPECT_LE(ns(1, 4096, size, 1024), ns(1, 4096, size + 192, 1024)) << size;
    EXPECT_LE(ns(size / 64, 512, 512, 512), ns(size / 64 + 3, 512, 512, 512)) << size;
  }
  // Along the depth the split may change, which costs a step back of a few percent at most.
  for (uint64_t size = 64; size <= 16384; size *= 2) {
    EXPECT_LT(ns(1, 1024, 1024, size), ns(1, 1024, 1024, 2 * size)) << size;
  }
}

TEST(MatrixKernel, ReachesLessWhereTilesAndWavesDoNotFit) {
  const Gpu gpu = Burst("h100");
  const double whole = MatrixEfficiency(gpu, Product(1, 8192, 8192, 8192));
  EXPECT_LT(MatrixEfficiency(gpu, Product(1, 8192, 8192, 64)), 0.6 * whole);
  EXPECT_LT(MatrixEfficiency(gpu, Product(1, 16, 8192, 8192)), 0.3 * whole);
  EXPECT_LT(MatrixEfficiency(gpu, Product(1, 128, 128, 128)), 0.02 * whole);
  // One tile more than the multiprocessors: a second wave for almost nothing.
  const Gpu& big = gpu;
  const auto one_wave = static_cast<uint64_t>(gpu.matrix_units.multiprocessors);
  EXPECT_LT(MatrixEfficiency(big, Product(one_wave + 1, 64, 64, 128)),
            0.7 * MatrixEfficiency(big, Product(one_wave, 64, 64, 128)));
}

struct Measured {
  uint64_t count, m, n, k;
  double tflops;
};

// H100, bf16 (github:tensorflow/tensorflow@372d578:third_party/xla/xla/service/gpu/model/
// matmul_interpolator_data.h): a part of what the parameters were fitted to, with 5.3 us that each
// measurement costs whatever it measures.
TEST(MatrixKernel, IsNearMeasuredProductsOfAnH100) {
  const std::vector<Measured> rows = {
      {1, 256, 256, 1024, 19.5},  {1, 4096, 256, 256, 82.2},   {4, 512, 512, 512, 142.2},
      {1, 512, 2048, 512, 143.4}, {1, 256, 2048, 2048, 215.8}, {4, 2048, 2048, 256, 394.8},
      {2, 2048, 2048, 512, 447},  {1, 1024, 1024, 4096, 470},  {1, 4096, 2048, 1024, 593.2},
      {1, 1024, 4096, 2048, 634}, {1, 4096, 4096, 1024, 677},  {4, 4096, 4096, 1024, 725.5},
      {1, 2048, 2048, 4096, 738}, {2, 2048, 4096, 4096, 779},  {4, 2048, 2048, 4096, 779}};
  const Gpu gpu = Burst("h100");
  double sum = 0;
  for (const Measured& row : rows) {
    const MatrixKernel kernel = Product(row.count, row.m, row.n, row.k);
    const double measured_ns = static_cast<double>(kernel.operations) / row.tflops / 1e3;
    const double error =
        std::abs(std::log((static_cast<double>(MatrixKernelNs(gpu, kernel)) + 5300) / measured_ns));
    EXPECT_LT(error, 0.15) << row.count << " " << row.m << " " << row.n << " " << row.k;
    sum += error;
  }
  EXPECT_LT(sum / static_cast<double>(rows.size()), 0.06);
}

MatrixKernel Attention(bool is_backward, uint64_t heads, uint64_t length, bool is_causal) {
  MatrixKernel kernel;
  kernel.kind =
      is_backward ? MatrixKernel::Kind::kAttentionBackward : MatrixKernel::Kind::kAttentionForward;
  kernel.count = heads;
  kernel.m = kernel.n = length;
  kernel.k = 128;
  kernel.counted_operations = (is_backward ? 2 : 1) * 4 * heads * length * length * 128;
  kernel.operations =
      (is_backward ? kernel.counted_operations / 4 * 5 : kernel.counted_operations) /
      (is_causal ? 2 : 1);
  return kernel;
}

TEST(MatrixKernel, AttentionComesNearItsPlateauWithManyBlocks) {
  const Gpu gpu = LoadGpu("b200");
  double before = 0;
  for (uint64_t heads : {4u, 16u, 64u, 256u}) {
    const double efficiency = MatrixEfficiency(gpu, Attention(false, heads, 4096, true));
    EXPECT_GT(efficiency, before);
    EXPECT_LT(efficiency, gpu.flash.forward);
    before = efficiency;
  }
  EXPECT_GT(before, 0.95 * gpu.flash.forward);
  MatrixKernel narrow = Attention(false, 256, 4096, true);
  narrow.k = 64;
  EXPECT_LT(MatrixEfficiency(gpu, narrow), 0.9 * before);
}

TEST(MatrixKernel, OlderAttentionIsSlowerWhereThereIsANewerOne) {
  MatrixKernel kernel = Attention(true, 64, 8192, true);
  const Gpu h100 = LoadGpu("h100"), a100 = LoadGpu("a100-80gb");
  const uint64_t newest = MatrixKernelNs(h100, kernel), newest_a100 = MatrixKernelNs(a100, kernel);
  kernel.method = AttentionMethod::kFlash2;
  EXPECT_GT(MatrixKernelNs(h100, kernel), newest);
  EXPECT_EQ(MatrixKernelNs(a100, kernel), newest_a100);
}

TEST(MatrixKernel, AGpuWithoutShapesHasOneShareForAll) {
  Gpu gpu = LoadGpu("h100");
  gpu.matrix_units = {};
  gpu.flash = gpu.flash2 = {};
  EXPECT_EQ(MatrixEfficiency(gpu, Product(1, 3, 5, 7)), gpu.MatmulEfficiency(Precision::kBf16));
  EXPECT_EQ(MatrixEfficiency(gpu, Attention(false, 1, 128, false)),
            gpu.MatmulEfficiency(Precision::kBf16));
}

TEST(MatrixKernel, NeedsThePrecision) {
  MatrixKernel kernel = Product(1, 64, 64, 64);
  kernel.precision = Precision::kFp8;
  EXPECT_THROW(MatrixKernelNs(LoadGpu("a100-80gb"), kernel), std::logic_error);
}

TEST(MatrixKernel, WorkIsTheSumOfItsKernelsAndTheRest) {
  const Gpu gpu = LoadGpu("h100");
  const MatrixKernel kernel = Product(1, 4096, 4096, 4096);
  Work work{kernel.operations + 1000, kernel.memory_bytes + 500000000, 3};
  work.matrix_kernels = {kernel};
  const Work rest{1000, 500000000, 3};
  EXPECT_EQ(DurationNs(gpu, Precision::kBf16, ArithmeticUnit::kMatrix, work),
            MatrixKernelNs(gpu, kernel) +
                DurationNs(gpu, Precision::kBf16, ArithmeticUnit::kVector, rest));
  work.operations = 1;
  EXPECT_THROW(DurationNs(gpu, Precision::kBf16, ArithmeticUnit::kMatrix, work), std::logic_error);
}

}  // namespace
}  // namespace ddlsim
