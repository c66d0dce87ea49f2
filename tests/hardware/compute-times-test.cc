// SPDX-License-Identifier: MIT
#include "hardware/compute-times.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr const char* kHeader = "class,shape,name,direction,microseconds\n";

class ComputeTimesTest : public testing::Test {
 protected:
  ~ComputeTimesTest() override { std::remove(m_path.c_str()); }

  ComputeTimes Read(const std::string& text) {
    std::ofstream(m_path) << text;
    return ComputeTimes(m_path);
  }

  std::string Refusal(const std::string& text) {
    try {
      Read(text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  uint64_t Ns(ComputeTimes& times, const std::string& name, const std::string& operation_class,
              const Work& work) {
    return times.OperationNs(m_gpu, Precision::kBf16, name, operation_class, work);
  }

  const Gpu m_gpu = LoadGpu("h100");
  const std::string m_path = testing::TempDir() + "compute-times-test.csv";
};

Work ProductWork(uint64_t count, uint64_t m, uint64_t n, uint64_t k, uint64_t more_bytes) {
  const MatrixKernel kernel = ProductKernel(Precision::kBf16, count, m, n, k, 1000);
  Work work{kernel.operations, 1000 + more_bytes, more_bytes > 0 ? 2u : 1u};
  work.matrix_kernels = {kernel};
  return work;
}

TEST_F(ComputeTimesTest, NamesWinOverShapes) {
  ComputeTimes times = Read(std::string(kHeader) +
                            "matmul,bf16:1x10x20x30,,,5\n"
                            "matmul,,block3.x,any,1\n"
                            "matmul,,block*.attention.query,backward,7.25\n");
  const Work work = ProductWork(1, 10, 20, 30, 0);
  EXPECT_EQ(Ns(times, "forward/block3.attention.query", "matmul", work), 5000u);
  EXPECT_EQ(Ns(times, "micro2/backward/block3.attention.query", "matmul", work), 7250u);
  EXPECT_EQ(Ns(times, "backward_weights/block3.attention.query", "matmul", work), 5000u);
  EXPECT_EQ(Ns(times, "backward/block3.attention.query", "norm", work), 5000u);
}

TEST_F(ComputeTimesTest, AProductsTransposeIsTheSame) {
  ComputeTimes times = Read(std::string(kHeader) + "matmul,bf16:2x10x20x30,,,5\n");
  EXPECT_EQ(Ns(times, "forward/a", "matmul", ProductWork(2, 20, 10, 30, 0)), 5000u);
  const Work other = ProductWork(2, 20, 30, 10, 0);
  EXPECT_EQ(Ns(times, "forward/a", "matmul", other),
            DurationNs(m_gpu, Precision::kBf16, ArithmeticUnit::kMatrix, other));
}

TEST_F(ComputeTimesTest, StreamingLiesOnTheLineBetweenSizes) {
  ComputeTimes times = Read(std::string(kHeader) +
                            "streaming,1000,,,2\nstreaming,3000,,,4\n"
                            "matmul,bf16:1x1x1x1,,,1\n");
  const auto ns = [&](uint64_t bytes) { return Ns(times, "forward/norm", "norm", {0, bytes, 1}); };
  EXPECT_EQ(ns(1), 2000u);
  EXPECT_EQ(ns(1000), 2000u);
  EXPECT_EQ(ns(2000), 3000u);
  EXPECT_EQ(ns(3000), 4000u);
  EXPECT_EQ(ns(30000), 40000u);
  EXPECT_EQ(Ns(times, "forward/x", "matmul", ProductWork(1, 1, 1, 1, 2000)), 1000u + 3000u);
}

TEST_F(ComputeTimesTest, KnowsWhichNamesNobodyHas) {
  ComputeTimes times = Read(std::string(kHeader) + "norm,,*norm,,1\n,,*query*,forward,2\n");
  Ns(times, "forward/block0.attention_norm", "norm", {0, 10, 1});
  EXPECT_NE(times.UnusedPlace().find(".csv:3"), std::string::npos);
  Ns(times, "forward/block0.query.x", "matmul", ProductWork(1, 1, 1, 1, 0));
  EXPECT_EQ(times.UnusedPlace(), "");
}

TEST_F(ComputeTimesTest, RefusesWhatItDoesNotKnow) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "has no rows"},
      {"class,name\n", "is no header"},
      {std::string(kHeader), "has no rows"},
      {std::string(kHeader) + "matmul,bf16:1x1x1x1,,1\n", "has 4 fields"},
      {std::string(kHeader) + "gemm,,x,,1\n", "class 'gemm' does not exist"},
      {std::string(kHeader) + "matmul,,x,sideways,1\n", "direction 'sideways'"},
      {std::string(kHeader) + "matmul,bf16:1x1x1x1,x,,1\n", "both of shape and name"},
      {std::string(kHeader) + "matmul,,,,1\n", "or neither"},
      {std::string(kHeader) + "matmul,bf16:1x1x1,,,1\n", "is no shape"},
      {std::string(kHeader) + "matmul,int4:1x1x1x1,,,1\n", "is no shape"},
      {std::string(kHeader) + "matmul,bf16:1x1x0x1,,,1\n", "out of range"},
      {std::string(kHeader) + "norm,bf16:1x1x1x1,,,1\n", "name the operation instead"},
      {std::string(kHeader) + "attention,bf16:1x1x1x1,,,1\n", "forward or backward"},
      {std::string(kHeader) + "matmul,,x,,fast\n", "microseconds are 'fast'"},
      {std::string(kHeader) + "matmul,,x,,-1\n", "microseconds are '-1'"},
      {std::string(kHeader) + "matmul,,x,,nan\n", "microseconds are 'nan'"},
      {std::string(kHeader) + "streaming,5,,,1\nstreaming,5,,,2\n", "there twice"},
      {std::string(kHeader) + "matmul,bf16:1x1x1x1,,,1\nmatmul,bf16:1x1x1x1,,,1\n", "there twice"},
  };
  for (const auto& [text, part] : cases) {
    EXPECT_NE(Refusal(text).find(part), std::string::npos) << text << " -> " << Refusal(text);
  }
  EXPECT_THROW(ComputeTimes("/no/such/file.csv"), InputError);
}

}  // namespace
}  // namespace ddlsim
