// SPDX-License-Identifier: MIT
#include "workload-gen/estimate/network-sharing.h"

#include <algorithm>
#include <cstddef>

namespace ddlsim {

void NetworkSharing::Start(uint32_t id, const ExchangeEstimate& exchange, double now_ns) {
  Advance(now_ns);
  m_active.push_back(
      {id, static_cast<double>(exchange.duration_ns), exchange.scale_up_share, exchange.nic_share});
  m_scale_up_load += exchange.scale_up_share;
  m_nic_load += exchange.nic_share;
}

double NetworkSharing::SpeedOf(const Active& exchange) const {
  double load = 1;
  if (exchange.scale_up_share > 0) load = std::max(load, m_scale_up_load);
  if (exchange.nic_share > 0) load = std::max(load, m_nic_load);
  return 1 / load;
}

void NetworkSharing::Advance(double now_ns) {
  const double passed_ns = now_ns - m_now_ns;
  m_now_ns = now_ns;
  for (Active& each : m_active) each.left_ns -= passed_ns * SpeedOf(each);
}

size_t NetworkSharing::Next() const {
  size_t next = 0;
  double best_ns = 0;
  for (size_t i = 0; i < m_active.size(); ++i) {
    const double left_ns = m_active[i].left_ns / SpeedOf(m_active[i]);
    if (i > 0 && left_ns >= best_ns) continue;
    next = i;
    best_ns = left_ns;
  }
  return next;
}

double NetworkSharing::NextEnd() const {
  const Active& next = m_active[Next()];
  return m_now_ns + std::max(0.0, next.left_ns / SpeedOf(next));
}

uint32_t NetworkSharing::End() {
  const size_t next = Next();
  const Active ended = m_active[next];
  Advance(NextEnd());
  m_active.erase(m_active.begin() + static_cast<std::ptrdiff_t>(next));
  // Sums of what is there, so that no rounding stays behind.
  m_scale_up_load = m_nic_load = 0;
  for (const Active& each : m_active) {
    m_scale_up_load += each.scale_up_share;
    m_nic_load += each.nic_share;
  }
  return ended.id;
}

}  // namespace ddlsim
