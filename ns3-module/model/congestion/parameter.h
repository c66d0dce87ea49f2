// SPDX-License-Identifier: GPL-2.0-only
//
// The parameters of a congestion control algorithm, as a table: the algorithm's file declares them
// once, and attributes, help texts and resolved configurations follow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ddlsim {

enum class ParameterKind {
  kNumber,  // without a unit, or in one that the help names
  kCount,   // whole
  kBytes,   // whole
  kTime,    // picoseconds, whole
  kSwitch,  // 0 or 1
};

struct Parameter {
  const char* name;  // the paper's, as an attribute: "FastRecoverySteps"
  const char* help;  // what it is, [unit], where the default is from
  ParameterKind kind;
  double initial;
  double low;  // least and greatest value that is accepted
  double high;
};

// Values of a table, by position. Whole numbers are exact up to 2^53 (ps: 2.5 hours).
class ParameterValues {
 public:
  explicit ParameterValues(const std::vector<Parameter>& table) {
    for (const Parameter& parameter : table) m_values.push_back(parameter.initial);
  }
  double operator[](size_t position) const { return m_values[position]; }
  void Set(size_t position, double value) { m_values[position] = value; }
  uint64_t Whole(size_t position) const { return static_cast<uint64_t>(m_values[position]); }
  bool IsOn(size_t position) const { return m_values[position] != 0; }

 private:
  std::vector<double> m_values;
};

}  // namespace ddlsim
