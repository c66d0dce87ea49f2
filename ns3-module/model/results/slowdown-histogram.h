// SPDX-License-Identifier: GPL-2.0-only
//
// Percentiles of slowdowns in memory that does not grow with the number of flows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ddlsim {

// Counts slowdowns in buckets that are 1/512 of their value wide (the layout of HdrHistogram: as
// many buckets for each power of two). Integers only.
class SlowdownHistogram {
 public:
  // ideal_ps above 0.
  void Add(uint64_t fct_ps, uint64_t ideal_ps);
  void Add(const SlowdownHistogram& other);

  uint64_t Count() const { return m_count; }
  // The lower end of the bucket that the nearest-rank percentile is in; 0 of nothing.
  double Percentile(uint32_t percent) const;
  double Max() const;

 private:
  std::vector<uint64_t> m_buckets;
  uint64_t m_count = 0;
};

}  // namespace ddlsim
