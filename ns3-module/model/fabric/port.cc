// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/port.h"

namespace ddlsim {

void DepartureLog::Grow() {
  std::vector<uint64_t> larger(m_entries.empty() ? 8 : m_entries.size() * 2);
  for (size_t i = 0; i < m_count; ++i) larger[i] = m_entries[(m_head + i) & (m_entries.size() - 1)];
  m_entries.swap(larger);
  m_head = 0;
}

}  // namespace ddlsim
