// SPDX-License-Identifier: GPL-2.0-only
//
// Operations that have completed for a rank and whose owner has not heard of it yet. Completions
// wait here until the event that caused them is fully handled, so that nobody is called back from
// inside a call of its own, and no recursion grows with a chain of operations that take no time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct Completion {
  uint32_t rank = 0;
  uint64_t token = 0;     // as given when the operation was issued
  uint64_t start_ps = 0;  // when the operation began at this rank
};

class CompletionQueue {
 public:
  bool IsEmpty() const { return m_head == m_entries.size(); }
  void Push(const Completion& completion) { m_entries.push_back(completion); }
  Completion Pop() {
    const Completion completion = m_entries[m_head++];
    if (IsEmpty()) {
      m_entries.clear();
      m_head = 0;
    }
    return completion;
  }

 private:
  std::vector<Completion> m_entries;
  size_t m_head = 0;
};

// Why an operation that was issued is not complete, for the report of a run that is stuck.
struct WaitingOperation {
  uint64_t token = 0;
  std::string reason;
};

}  // namespace ddlsim
