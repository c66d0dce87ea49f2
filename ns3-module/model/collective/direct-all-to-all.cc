// SPDX-License-Identifier: GPL-2.0-only
#include "collective/direct-all-to-all.h"

namespace ddlsim {

void DirectAllToAll::Step(uint32_t rank, uint32_t /*step*/, StepActions& actions) const {
  actions.Clear();
  const uint32_t n = m_layout.RankCount();
  for (uint32_t i = 1; i < n; ++i) {
    const uint32_t to = (rank + i) % n;
    const uint32_t from = (rank + n - i) % n;
    const uint64_t sent_bytes = m_layout.SizeBytes(rank, to);
    const uint64_t received_bytes = m_layout.SizeBytes(from, rank);
    if (sent_bytes > 0) {
      actions.sends.push_back({to, m_layout.InputOffset(rank, to), sent_bytes});
    }
    if (received_bytes > 0) {
      actions.receives.push_back({from, m_layout.OutputOffset(from, rank), received_bytes, false});
    }
  }
}

CriticalPath DirectAllToAll::Path() const {
  const uint64_t port_bytes = m_layout.BusiestPortBytes();
  return {port_bytes > 0 ? uint64_t{1} : 0, port_bytes};
}

}  // namespace ddlsim
