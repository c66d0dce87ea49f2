// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/estimate/network-estimate.h"

namespace ddlsim {

// The exchanges that a rank has under way at a time. Each takes its share of the scale-up network
// and of the NICs; where the shares on one add up to more than it has, all on it slow down alike.
// Times are nanoseconds.
class NetworkSharing {
 public:
  // Exchanges end in the order of time; `id`: of the caller's.
  void Start(uint32_t id, const ExchangeEstimate& exchange, double now_ns);
  bool IsIdle() const { return m_active.empty(); }
  // When the next one ends, if none begins before.
  double NextEnd() const;
  // Takes that one away, at the time that NextEnd() has told, and returns it.
  uint32_t End();

 private:
  struct Active {
    uint32_t id;
    double left_ns;  // with a network to itself
    double scale_up_share;
    double nic_share;
  };

  void Advance(double now_ns);
  double SpeedOf(const Active& exchange) const;
  size_t Next() const;

  std::vector<Active> m_active;
  double m_now_ns = 0;
  double m_scale_up_load = 0;
  double m_nic_load = 0;
};

}  // namespace ddlsim
