// SPDX-License-Identifier: MIT
#include "hardware/matrix-kernel.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "hardware/roofline.h"

namespace ddlsim {
namespace {

struct Tile {
  uint64_t rows;
  uint64_t columns;
};

// Those that libraries of matrix products choose among, on GPUs of the last generations.
constexpr Tile kTiles[] = {{256, 128}, {128, 256}, {128, 128}, {128, 64}, {64, 128}, {64, 64}};
// A deep product with few tiles is cut along its depth too; the parts are added afterwards.
constexpr uint64_t kSplitsMax = 64;
constexpr uint64_t kSplitDepthMin = 256;
constexpr uint64_t kPartialBytes = 4;
// Query rows of one block of fused attention.
constexpr uint64_t kAttentionRows = 128;
constexpr double kReferenceDimension = 128;  // of the heads in the presets' efficiencies

double Parts(uint64_t whole, uint64_t part) {
  const uint64_t parts = (whole + part - 1) / part;
  return static_cast<double>(parts);
}

double WholeWaves(double tiles, double multiprocessors) {
  const double waves = tiles / multiprocessors;
  const double whole = static_cast<double>(static_cast<uint64_t>(waves));
  return whole < waves ? whole + 1 : whole;
}

double Operations(const MatrixKernel& kernel) {
  return 2.0 * static_cast<double>(kernel.count) * static_cast<double>(kernel.m) *
         static_cast<double>(kernel.n) * static_cast<double>(kernel.k);
}

// Operations that all multiprocessors could have done, at the peak, in the time that the product
// takes with this tile and so many parts along its depth.
double SpentOperations(const Gpu& gpu, const MatrixKernel& kernel, const Tile& tile,
                       uint64_t splits) {
  const MatrixUnits& units = gpu.matrix_units;
  const auto rows = static_cast<double>(tile.rows), columns = static_cast<double>(tile.columns);
  // Each operand of a tile is read once per row or column: large tiles reuse more.
  const double reuse = 1 + units.tile_overhead * (1 / rows + 1 / columns);
  const double tiles = static_cast<double>(kernel.count * splits) * Parts(kernel.m, tile.rows) *
                       Parts(kernel.n, tile.columns);
  const double depth = static_cast<double>(kernel.k) / static_cast<double>(splits);
  return WholeWaves(tiles, units.multiprocessors) * units.multiprocessors * 2 * rows * columns *
         (depth + units.depth_overhead) * reuse;
}

// The fastest tile and split, as a library's heuristics find it.
double ProductEfficiency(const Gpu& gpu, const MatrixKernel& kernel) {
  const double needed = Operations(kernel);
  const double operations_per_byte = static_cast<double>(gpu.Peak(kernel.precision)) /
                                     static_cast<double>(gpu.memory_bandwidth_bytes_per_s);
  double spent = std::numeric_limits<double>::max();
  for (const Tile& tile : kTiles) {
    for (uint64_t splits = 1; splits <= kSplitsMax; splits *= 2) {
      if (splits > 1 && kernel.k / splits < kSplitDepthMin) break;
      double candidate = SpentOperations(gpu, kernel, tile, splits);
      if (splits > 1) {
        candidate += operations_per_byte * static_cast<double>(kPartialBytes * (splits + 1)) *
                     needed / (2.0 * static_cast<double>(kernel.k));
      }
      spent = std::min(spent, candidate);
    }
  }
  return needed / spent;
}

// Blocks of query rows go over the multiprocessors; at the end half a round of the longest blocks
// (those that see all keys) runs beside idle ones. The exponential functions of the scores take
// their time whatever the head's dimension: small heads are slower.
double AttentionEfficiency(const Gpu& gpu, const MatrixKernel& kernel) {
  const AttentionUnits& attention = gpu.Attention(kernel.method);
  const double full =
      kernel.kind == MatrixKernel::Kind::kAttentionForward ? attention.forward : attention.backward;
  const auto dimension = static_cast<double>(kernel.k);
  const double head = dimension / (dimension + attention.softmax_dimension) *
                      (kReferenceDimension + attention.softmax_dimension) / kReferenceDimension;
  const double blocks = static_cast<double>(kernel.count) * Parts(kernel.m, kAttentionRows);
  const double share =
      static_cast<double>(kernel.operations) / static_cast<double>(kernel.counted_operations);
  const double tail = 0.5 * gpu.matrix_units.multiprocessors;
  return std::min(1.0, full * head) * blocks * share / (blocks * share + tail);
}

uint64_t RoundedUp(double duration_ns) {
  if (duration_ns >= static_cast<double>(kRooflineMaxNs)) return kRooflineMaxNs;
  const auto whole = static_cast<uint64_t>(duration_ns);
  return static_cast<double>(whole) < duration_ns ? whole + 1 : whole;
}

}  // namespace

MatrixKernel ProductKernel(Precision precision, uint64_t count, uint64_t m, uint64_t n, uint64_t k,
                           uint64_t memory_bytes) {
  MatrixKernel kernel;
  kernel.precision = precision;
  kernel.count = count;
  kernel.m = m;
  kernel.n = n;
  kernel.k = k;
  kernel.operations = kernel.counted_operations = 2 * count * m * n * k;
  kernel.memory_bytes = memory_bytes;
  return kernel;
}

double MatrixEfficiency(const Gpu& gpu, const MatrixKernel& kernel) {
  const double limit = gpu.MatmulEfficiency(kernel.precision);
  if (kernel.operations == 0) return limit;
  if (kernel.kind != MatrixKernel::Kind::kProduct && gpu.Attention(kernel.method).forward > 0) {
    return AttentionEfficiency(gpu, kernel);
  }
  // fp32 runs on the vector units, whose products need no large tiles.
  if (gpu.matrix_units.multiprocessors == 0 || kernel.precision == Precision::kFp32 ||
      kernel.kind != MatrixKernel::Kind::kProduct) {
    return limit;
  }
  return std::min(limit, ProductEfficiency(gpu, kernel));
}

uint64_t MatrixKernelNs(const Gpu& gpu, const MatrixKernel& kernel) {
  const auto peak = static_cast<double>(gpu.Peak(kernel.precision));
  const double bandwidth =
      static_cast<double>(gpu.memory_bandwidth_bytes_per_s) * gpu.memory_efficiency;
  if (peak == 0 || bandwidth == 0) {
    throw std::logic_error("MatrixKernelNs: the GPU lacks that rate");
  }
  const double arithmetic_ns =
      static_cast<double>(kernel.operations) / (peak * MatrixEfficiency(gpu, kernel)) * 1e9;
  const double memory_ns = static_cast<double>(kernel.memory_bytes) / bandwidth * 1e9;
  return RoundedUp(std::max(arithmetic_ns, memory_ns));
}

}  // namespace ddlsim
