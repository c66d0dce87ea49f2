// SPDX-License-Identifier: GPL-2.0-only
//
// Slowdowns of a run's traffic by kind and flow size, for the printed summary. What the workload
// sends is not in it: collectives have a table of their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "nic/flow-record.h"
#include "results/slowdown-histogram.h"

namespace ddlsim {

class FlowCompletionTable {
 public:
  // By powers of ten: up to 1 KB, 10 KB ... 10 MB, and above.
  static constexpr size_t kSizeClassCount = 6;
  static const char* SizeClassName(size_t size_class);

  // `traffic_names` by pattern, as in cookies of the traffic (traffic/traffic-cookie.h).
  explicit FlowCompletionTable(std::vector<std::string> traffic_names = {});
  void Add(const FlowRecord& record);

  size_t TrafficCount() const { return m_names.size(); }
  const std::string& TrafficName(size_t traffic) const { return m_names[traffic]; }
  const SlowdownHistogram& Of(size_t traffic, size_t size_class) const {
    return m_histograms[traffic][size_class];
  }
  SlowdownHistogram AllSizes(size_t traffic) const;

 private:
  std::vector<std::string> m_names;
  std::vector<std::array<SlowdownHistogram, kSizeClassCount>> m_histograms;
};

}  // namespace ddlsim
