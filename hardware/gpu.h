// SPDX-License-Identifier: MIT
//
// What the roofline needs to know about a GPU, and the presets of known ones (hardware/presets,
// each number there with its source).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

// Number formats of matrix products, by the name a user types.
enum class Precision : uint8_t { kFp32, kTf32, kFp16, kBf16, kFp8 };
constexpr int kPrecisionCount = 5;

const char* PrecisionName(Precision precision);
// Bytes of a stored value: tf32 is a mode of the matrix units, its values are stored as fp32.
uint64_t PrecisionBytes(Precision precision);

// How fused attention is computed: by the newest kernels of a GPU's generation, by FlashAttention-2
// (which older GPUs run anyway), or not fused: products and a softmax through memory.
enum class AttentionMethod : uint8_t { kFlash, kFlash2, kUnfused };

// What the time of a product needs to know besides the peak; see matrix-kernel.h.
struct MatrixUnits {
  double multiprocessors = 0;  // 0: unknown, all products reach the same share of the peak
  double tile_overhead = 0;    // rows or columns of a tile whose time goes to reading operands
  double depth_overhead = 0;   // depth whose time goes to a tile's begin and end
};

// Shares of the peak that fused attention reaches with heads of dimension 128; 0: unknown.
struct AttentionUnits {
  double forward = 0;
  double backward = 0;
  double softmax_dimension = 0;  // dimension that takes as long as the exponential functions
};

struct Gpu {
  std::string name;
  std::string description;
  // Dense peaks in FLOP/s, indexed by Precision; 0 where the GPU lacks the format.
  uint64_t peak_flops_per_s[kPrecisionCount] = {};
  uint64_t memory_bandwidth_bytes_per_s = 0;
  uint64_t memory_size_bytes = 0;
  double matmul_efficiency = 0;  // share of the peak that the best matrix products sustain, (0, 1]
  // What its power lets products sustain that run for seconds on end; 0: matmul_efficiency.
  double sustained_efficiency = 0;
  double fp8_matmul_efficiency = 0;  // the same in fp8; 0: as matmul_efficiency
  double memory_efficiency = 0;  // share of the bandwidth that streaming kernels reach, in (0, 1]
  uint64_t kernel_overhead_ns = 0;
  MatrixUnits matrix_units;
  AttentionUnits flash;
  AttentionUnits flash2;  // forward 0: as flash

  uint64_t Peak(Precision precision) const { return peak_flops_per_s[static_cast<int>(precision)]; }
  // The upper limit for products of any shape.
  double MatmulEfficiency(Precision precision) const {
    if (precision == Precision::kFp8 && fp8_matmul_efficiency > 0) return fp8_matmul_efficiency;
    return sustained_efficiency > 0 ? sustained_efficiency : matmul_efficiency;
  }
  const AttentionUnits& Attention(AttentionMethod method) const {
    return method == AttentionMethod::kFlash2 && flash2.forward > 0 ? flash2 : flash;
  }
  // Names of the formats that the GPU has, fastest format first.
  std::vector<std::string> PrecisionNames() const;
};

// A preset by name ("h100"), or a YAML file by path. Presets lie in the folder that the environment
// variable DDL_HARDWARE_DIR names, by default hardware/presets of the source tree.
// Throws InputError (place FILE:LINE, or `place` for an unknown name).
Gpu LoadGpu(const std::string& name_or_path, const std::string& place = "--gpu");

std::vector<std::string> GpuPresetNames();

}  // namespace ddlsim
