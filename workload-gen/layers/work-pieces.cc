// SPDX-License-Identifier: MIT
#include "workload-gen/layers/work-pieces.h"

#include <cstddef>
#include <stdexcept>

#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

Work Without(const Work& whole, const Work& part) {
  Work rest{whole.operations - part.operations, whole.memory_bytes - part.memory_bytes,
            whole.kernels - part.kernels};
  rest.matrix_kernels.assign(
      whole.matrix_kernels.begin(),
      whole.matrix_kernels.end() - static_cast<std::ptrdiff_t>(part.matrix_kernels.size()));
  return rest;
}

bool CanCutRows(const Work& work, uint32_t pieces) {
  if (work.matrix_kernels.size() != 1) return false;
  const MatrixKernel& kernel = work.matrix_kernels.front();
  return kernel.kind == MatrixKernel::Kind::kProduct && kernel.count == 1 && kernel.m % pieces == 0;
}

std::vector<Work> CutRows(const Work& work, uint32_t pieces) {
  if (!CanCutRows(work, pieces)) throw std::logic_error("CutRows: not one product of such rows");
  const MatrixKernel& whole = work.matrix_kernels.front();
  const uint64_t weight_bytes = Product({PrecisionBytes(whole.precision), whole.k, whole.n});
  MatrixKernel kernel = whole;
  kernel.m = whole.m / pieces;
  kernel.operations = whole.operations / pieces;
  kernel.counted_operations = whole.counted_operations / pieces;
  // The other operand and the output have as many rows as the product.
  kernel.memory_bytes = (whole.memory_bytes - weight_bytes) / pieces + weight_bytes;
  Work piece{kernel.counted_operations, kernel.memory_bytes, 1, {kernel}};
  std::vector<Work> cut(pieces, piece);
  cut.front().operations += work.operations - whole.counted_operations;
  cut.front().memory_bytes += work.memory_bytes - whole.memory_bytes;
  cut.front().kernels = work.kernels;
  return cut;
}

}  // namespace ddlsim
