// SPDX-License-Identifier: GPL-2.0-only
//
// Objects addressed by a 32-bit index that never move, so that references stay valid while
// callbacks add more.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace ddlsim {

template <typename T>
class Slab {
 public:
  T& operator[](uint32_t index) { return m_chunks[index >> kChunkBits][index & kChunkMask]; }
  const T& operator[](uint32_t index) const {
    return m_chunks[index >> kChunkBits][index & kChunkMask];
  }
  uint32_t Size() const { return m_size; }

  // Index of a new, value-initialised object, or of one that was freed, as it was left.
  uint32_t Allocate() {
    if (!m_free.empty()) {
      const uint32_t index = m_free.back();
      m_free.pop_back();
      return index;
    }
    if ((m_size & kChunkMask) == 0) m_chunks.push_back(std::make_unique<T[]>(1u << kChunkBits));
    return m_size++;
  }
  void Free(uint32_t index) { m_free.push_back(index); }

 private:
  static constexpr uint32_t kChunkBits = 8;
  static constexpr uint32_t kChunkMask = (1u << kChunkBits) - 1;
  std::vector<std::unique_ptr<T[]>> m_chunks;
  std::vector<uint32_t> m_free;
  uint32_t m_size = 0;
};

}  // namespace ddlsim
