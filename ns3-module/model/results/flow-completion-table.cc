// SPDX-License-Identifier: GPL-2.0-only
#include "results/flow-completion-table.h"

#include <utility>

#include "traffic/traffic-cookie.h"

namespace ddlsim {

const char* FlowCompletionTable::SizeClassName(size_t size_class) {
  static constexpr const char* kNames[kSizeClassCount] = {
      "up to 1 KB", "1 to 10 KB", "10 to 100 KB", "100 KB to 1 MB", "1 to 10 MB", "above 10 MB"};
  return kNames[size_class];
}

FlowCompletionTable::FlowCompletionTable(std::vector<std::string> traffic_names)
    : m_names(std::move(traffic_names)), m_histograms(m_names.size()) {}

void FlowCompletionTable::Add(const FlowRecord& record) {
  if (!TrafficCookie::IsTraffic(record.cookie) || record.ideal_ps == 0) return;
  size_t size_class = 0;
  for (uint64_t limit_bytes = 1000; record.size_bytes > limit_bytes; limit_bytes *= 10) {
    if (++size_class == kSizeClassCount - 1) break;
  }
  m_histograms.at(TrafficCookie::Decode(record.cookie).pattern)[size_class].Add(
      record.end_ps - record.start_ps, record.ideal_ps);
}

SlowdownHistogram FlowCompletionTable::AllSizes(size_t traffic) const {
  SlowdownHistogram all;
  for (const SlowdownHistogram& each : m_histograms[traffic]) all.Add(each);
  return all;
}

}  // namespace ddlsim
