// SPDX-License-Identifier: MIT
#include "workload-gen/memory/pass-memory.h"

#include <utility>

namespace ddlsim {

void PassRecorder::Note() {
  std::vector<MemoryUse>& kernels = m_pass.kernels;
  if (kernels.empty()) kernels.emplace_back();  // what comes before the first counts as its own
  if (m_now.Total() > kernels.back().Total()) kernels.back() = m_now;
}

void PassRecorder::Add(MemoryKind kind, uint64_t bytes) {
  m_now[kind] += static_cast<int64_t>(bytes);
  Note();
}

void PassRecorder::Free(MemoryKind kind, uint64_t bytes) {
  m_now[kind] -= static_cast<int64_t>(bytes);
}

void PassRecorder::Kernel() {
  if (m_has_kernel) m_pass.kernels.push_back(m_now);
  m_has_kernel = true;
  Note();
}

PassMemory PassRecorder::Finish() {
  Note();
  for (size_t i = 0; i < m_pass.kernels.size(); ++i) {
    if (m_pass.kernels[i].Total() > m_pass.Peak().Total()) m_pass.peak_kernel = i;
  }
  m_pass.end = std::exchange(m_now, {});
  m_has_kernel = false;
  return std::exchange(m_pass, {});
}

}  // namespace ddlsim
