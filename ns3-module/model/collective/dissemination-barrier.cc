// SPDX-License-Identifier: GPL-2.0-only
#include "collective/dissemination-barrier.h"

namespace ddlsim {

void DisseminationBarrier::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_rank_count;
  const uint32_t distance = uint32_t{1} << step;  // below n
  actions.sends.push_back({(rank + distance) % n, 0, 0});
  actions.receives.push_back({(rank + n - distance) % n, 0, 0, false});
}

}  // namespace ddlsim
