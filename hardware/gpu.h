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

struct Gpu {
  std::string name;
  std::string description;
  // Dense peaks in FLOP/s, indexed by Precision; 0 where the GPU lacks the format.
  uint64_t peak_flops_per_s[kPrecisionCount] = {};
  uint64_t memory_bandwidth_bytes_per_s = 0;
  uint64_t memory_size_bytes = 0;
  double matmul_efficiency = 0;  // share of the peak that matrix products reach, in (0, 1]
  double memory_efficiency = 0;  // share of the bandwidth that streaming kernels reach, in (0, 1]
  uint64_t kernel_overhead_ns = 0;

  uint64_t Peak(Precision precision) const { return peak_flops_per_s[static_cast<int>(precision)]; }
  // Names of the formats that the GPU has, fastest format first.
  std::vector<std::string> PrecisionNames() const;
};

// A preset by name ("h100"), or a YAML file by path. Presets lie in the folder that the environment
// variable DDL_HARDWARE_DIR names, by default hardware/presets of the source tree.
// Throws InputError (place FILE:LINE, or `place` for an unknown name).
Gpu LoadGpu(const std::string& name_or_path, const std::string& place = "--gpu");

std::vector<std::string> GpuPresetNames();

}  // namespace ddlsim
