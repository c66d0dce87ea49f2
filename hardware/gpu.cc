// SPDX-License-Identifier: MIT
#include "hardware/gpu.h"

#include <algorithm>

#include "base/input-error.h"
#include "hardware/preset-folder.h"
#include "hardware/sourced-fact.h"
#include "hardware/yaml-file.h"
#include "hardware/yaml-map.h"

namespace ddlsim {
namespace {

constexpr const char* kFolderVariable = "DDL_HARDWARE_DIR";
constexpr const char* kPrecisionNames[kPrecisionCount] = {"fp32", "tf32", "fp16", "bf16", "fp8"};

MatrixUnits ReadMatrixUnits(const YamlMap& map) {
  map.AllowOnly({"multiprocessors", "tile_overhead", "depth_overhead"});
  MatrixUnits units;
  units.multiprocessors = SourcedNumber(map, "multiprocessors", 1, 1e5);
  units.tile_overhead = SourcedNumber(map, "tile_overhead", 0, 1e3);
  units.depth_overhead = SourcedNumber(map, "depth_overhead", 0, 1e5);
  return units;
}

AttentionUnits ReadAttention(const YamlMap& map) {
  map.AllowOnly({"forward", "backward", "softmax_dimension"});
  AttentionUnits units;
  units.forward = SourcedNumber(map, "forward", 1e-3, 1);
  units.backward = SourcedNumber(map, "backward", 1e-3, 1);
  units.softmax_dimension = SourcedNumber(map, "softmax_dimension", 0, 1e4);
  return units;
}

Gpu ReadGpu(const std::string& path) {
  const YamlMap map(LoadYamlFile(path), Printable(path, 200), "a GPU preset");
  map.AllowOnly({"kind", "name", "description", "peak_flops_per_s", "memory_bandwidth_bytes_per_s",
                 "memory_size_bytes", "matmul_efficiency", "sustained_efficiency",
                 "fp8_matmul_efficiency", "memory_efficiency", "kernel_overhead_ns", "matrix_units",
                 "flash_attention", "flash_attention_2"});
  map.Choice("kind", {"gpu"});
  Gpu gpu;
  gpu.name = map.Text("name");
  gpu.description = map.Text("description");
  const YamlMap peaks = map.Map("peak_flops_per_s");
  peaks.AllowOnly({kPrecisionNames, kPrecisionNames + kPrecisionCount});
  for (int i = 0; i < kPrecisionCount; ++i) {
    if (!peaks.Has(kPrecisionNames[i])) continue;
    gpu.peak_flops_per_s[i] =
        static_cast<uint64_t>(SourcedNumber(peaks, kPrecisionNames[i], 1e6, 1e18));
  }
  if (gpu.Peak(Precision::kFp32) == 0) {
    throw InputError(peaks.Place(), "the peaks lack 'fp32'",
                     "add it: everything but matrix products runs at that rate");
  }
  gpu.memory_bandwidth_bytes_per_s =
      static_cast<uint64_t>(SourcedNumber(map, "memory_bandwidth_bytes_per_s", 1e6, 1e16));
  gpu.memory_size_bytes = static_cast<uint64_t>(SourcedNumber(map, "memory_size_bytes", 1e6, 1e15));
  gpu.matmul_efficiency = SourcedNumber(map, "matmul_efficiency", 1e-3, 1);
  gpu.memory_efficiency = SourcedNumber(map, "memory_efficiency", 1e-3, 1);
  gpu.kernel_overhead_ns = static_cast<uint64_t>(SourcedNumber(map, "kernel_overhead_ns", 0, 1e9));
  if (map.Has("sustained_efficiency")) {
    gpu.sustained_efficiency = SourcedNumber(map, "sustained_efficiency", 1e-3, 1);
  }
  if (map.Has("fp8_matmul_efficiency")) {
    gpu.fp8_matmul_efficiency = SourcedNumber(map, "fp8_matmul_efficiency", 1e-3, 1);
  }
  if (map.Has("matrix_units")) gpu.matrix_units = ReadMatrixUnits(map.Map("matrix_units"));
  if (map.Has("flash_attention")) gpu.flash = ReadAttention(map.Map("flash_attention"));
  if (map.Has("flash_attention_2")) gpu.flash2 = ReadAttention(map.Map("flash_attention_2"));
  return gpu;
}

std::string Folder() {
  return PresetFolder(kFolderVariable, DDL_HARDWARE_SOURCE_DIR);
}

}  // namespace

const char* PrecisionName(Precision precision) {
  return kPrecisionNames[static_cast<int>(precision)];
}

uint64_t PrecisionBytes(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
    case Precision::kTf32:
      return 4;
    case Precision::kFp16:
    case Precision::kBf16:
      return 2;
    case Precision::kFp8:
      return 1;
  }
  return 4;
}

std::vector<std::string> Gpu::PrecisionNames() const {
  std::vector<std::string> names;
  for (int i = kPrecisionCount - 1; i >= 0; --i) {
    if (peak_flops_per_s[i] > 0) names.emplace_back(kPrecisionNames[i]);
  }
  return names;
}

std::vector<std::string> GpuPresetNames() {
  return PresetNames(Folder(), kFolderVariable);
}

Gpu LoadGpu(const std::string& name_or_path, const std::string& place) {
  if (IsYamlPath(name_or_path)) return ReadGpu(name_or_path);
  const std::vector<std::string> names = GpuPresetNames();
  if (std::find(names.begin(), names.end(), name_or_path) == names.end()) {
    throw InputError(place, "'" + Printable(name_or_path) + "' is no known GPU",
                     Suggest(name_or_path, names));
  }
  return ReadGpu(Folder() + "/" + name_or_path + ".yaml");
}

}  // namespace ddlsim
