// SPDX-License-Identifier: MIT
//
// Measured times of kernels and operations, which take the place of the roofline: a CSV file with
// the columns class, shape, name, direction, microseconds. docs/workloads.md has their meaning.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "hardware/gpu.h"
#include "hardware/roofline.h"

namespace ddlsim {

class ComputeTimes {
 public:
  // Throws InputError (place FILE:LINE) for what is no such file, for a class or direction that
  // does not exist, and for two rows of the same shape.
  explicit ComputeTimes(const std::string& path);

  // As DurationNs(), with what was measured in its place: of a whole operation by its name, else of
  // each matrix kernel by its shape, and of the rest by the bytes that it moves.
  // `name`: "forward/block3.attention.query", as nodes are called.
  uint64_t OperationNs(const Gpu& gpu, Precision precision, const std::string& name,
                       const std::string& operation_class, const Work& work);

  // The place of a row by name that no operation has met so far; empty: all have.
  std::string UnusedPlace() const;

 private:
  struct Named {
    std::string place;
    std::string operation_class;  // empty: any
    std::string pattern;
    std::string direction;
    uint64_t duration_ns = 0;
    bool is_used = false;
  };
  // Kind, precision's bytes, count, m, n, k.
  using Shape = std::tuple<MatrixKernel::Kind, Precision, uint64_t, uint64_t, uint64_t, uint64_t>;

  void AddRow(const std::string& place, const std::vector<std::string>& fields);
  void AddShape(const std::string& place, const std::string& operation_class,
                const std::string& text, const std::string& direction, uint64_t duration_ns);
  uint64_t KernelNs(const Gpu& gpu, const MatrixKernel& kernel) const;
  uint64_t StreamingNs(uint64_t memory_bytes) const;

  std::vector<Named> m_named;
  std::map<Shape, uint64_t> m_shapes;
  std::map<uint64_t, uint64_t> m_streaming;  // bytes -> ns
};

}  // namespace ddlsim
