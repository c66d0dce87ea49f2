// SPDX-License-Identifier: GPL-2.0-only
#include "results/slowdown-histogram.h"

#include <algorithm>

namespace ddlsim {
namespace {

constexpr int kValueBits = 20;  // a slowdown of 1 is 2^20: no bucket of it is narrower than a unit
constexpr int kBucketBits = 9;  // 512 buckets per power of two
constexpr size_t kBuckets = size_t{1} << kBucketBits;

size_t BucketOf(uint64_t value) {
  if (value < kBuckets) return static_cast<size_t>(value);
  const int shift = 63 - __builtin_clzll(value) - kBucketBits;
  return (static_cast<size_t>(shift) << kBucketBits) + static_cast<size_t>(value >> shift);
}

double LowerEnd(size_t bucket) {
  uint64_t value = bucket;
  if (bucket >= kBuckets) {
    const size_t shift = (bucket >> kBucketBits) - 1;
    value = (bucket - (shift << kBucketBits)) << shift;
  }
  return static_cast<double>(value) / (uint64_t{1} << kValueBits);
}

}  // namespace

void SlowdownHistogram::Add(uint64_t fct_ps, uint64_t ideal_ps) {
  const unsigned __int128 scaled =
      (static_cast<unsigned __int128>(fct_ps) << kValueBits) / ideal_ps;
  const size_t bucket = BucketOf(scaled > UINT64_MAX ? UINT64_MAX : static_cast<uint64_t>(scaled));
  if (bucket >= m_buckets.size()) m_buckets.resize(bucket + 1, 0);
  ++m_buckets[bucket];
  ++m_count;
}

void SlowdownHistogram::Add(const SlowdownHistogram& other) {
  m_buckets.resize(std::max(m_buckets.size(), other.m_buckets.size()), 0);
  for (size_t i = 0; i < other.m_buckets.size(); ++i) m_buckets[i] += other.m_buckets[i];
  m_count += other.m_count;
}

double SlowdownHistogram::Percentile(uint32_t percent) const {
  const uint64_t rank = std::max<uint64_t>(1, (m_count * percent + 99) / 100);
  uint64_t seen = 0;
  for (size_t i = 0; i < m_buckets.size(); ++i) {
    seen += m_buckets[i];
    if (seen >= rank) return LowerEnd(i);
  }
  return 0;
}

double SlowdownHistogram::Max() const {
  return m_buckets.empty() ? 0 : LowerEnd(m_buckets.size() - 1);
}

}  // namespace ddlsim
