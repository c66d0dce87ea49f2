// SPDX-License-Identifier: GPL-2.0-only
#include "fabric/port.h"

#include <utility>

namespace ddlsim {

void DepartureLog::Grow() {
  const uint32_t size = m_size == 0 ? 8 : m_size * 2;
  auto entries = std::make_unique<uint64_t[]>(size);
  for (uint32_t i = 0; i < m_count; ++i) entries[i] = m_entries[(m_head + i) & (m_size - 1)];
  m_entries = std::move(entries);
  m_size = size;
  m_head = 0;
}

}  // namespace ddlsim
