// SPDX-License-Identifier: GPL-2.0-only
#include "collective/check/symbolic-buffer.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace ddlsim {
namespace {

bool IsBefore(const Contribution& a, const Contribution& b) {
  return std::tie(a.rank, a.shift) < std::tie(b.rank, b.shift);
}

Content Shifted(Content content, uint64_t by_bytes, bool backwards) {
  const auto shift = static_cast<int64_t>(by_bytes);
  for (Contribution& contribution : content) contribution.shift += backwards ? -shift : shift;
  return content;
}

Content Sum(const Content& a, const Content& b) {
  Content merged;
  merged.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(merged), IsBefore);
  Content sum;
  for (const Contribution& contribution : merged) {
    if (!sum.empty() && !IsBefore(sum.back(), contribution)) {
      sum.back().count += contribution.count;
    } else {
      sum.push_back(contribution);
    }
  }
  return sum;
}

}  // namespace

std::string Describe(const Content& content) {
  std::string text = "{";
  for (const Contribution& contribution : content) {
    if (text.size() > 1) text += ", ";
    text += contribution.rank == kGarbage ? "garbage" : std::to_string(contribution.rank);
    if (contribution.shift != 0) text += " shifted " + std::to_string(contribution.shift);
    if (contribution.count != 1) text += " x" + std::to_string(contribution.count);
  }
  return text + "}";
}

SymbolicBuffer::SymbolicBuffer(uint64_t size_bytes) : m_size_bytes(size_bytes) {
  if (size_bytes > 0) m_segments[0] = {{kGarbage, 0, 1}};
}

SymbolicBuffer::Segments::iterator SymbolicBuffer::CutAt(uint64_t offset_bytes) {
  if (offset_bytes >= m_size_bytes) return m_segments.end();
  const auto segment = std::prev(m_segments.upper_bound(offset_bytes));
  if (segment->first == offset_bytes) return segment;
  return m_segments.emplace_hint(std::next(segment), offset_bytes, segment->second);
}

void SymbolicBuffer::Fill(uint64_t offset_bytes, uint64_t size_bytes, const Content& content) {
  if (size_bytes == 0) return;
  const auto end = CutAt(offset_bytes + size_bytes);
  const auto begin = CutAt(offset_bytes);
  begin->second = content;
  m_segments.erase(std::next(begin), end);
}

SymbolicBuffer SymbolicBuffer::Read(uint64_t offset_bytes, uint64_t size_bytes) const {
  SymbolicBuffer data(size_bytes);
  if (size_bytes == 0) return data;
  auto segment = std::prev(m_segments.upper_bound(offset_bytes));
  for (; segment != m_segments.end() && segment->first < offset_bytes + size_bytes; ++segment) {
    const uint64_t begin = std::max(segment->first, offset_bytes) - offset_bytes;
    data.m_segments[begin] = Shifted(segment->second, offset_bytes, false);
  }
  return data;
}

void SymbolicBuffer::Store(uint64_t offset_bytes, const SymbolicBuffer& data) {
  for (auto piece = data.m_segments.begin(); piece != data.m_segments.end(); ++piece) {
    const auto next = std::next(piece);
    const uint64_t end = next == data.m_segments.end() ? data.m_size_bytes : next->first;
    Fill(offset_bytes + piece->first, end - piece->first,
         Shifted(piece->second, offset_bytes, true));
  }
}

void SymbolicBuffer::Reduce(uint64_t offset_bytes, const SymbolicBuffer& data) {
  for (auto piece = data.m_segments.begin(); piece != data.m_segments.end(); ++piece) {
    const auto next = std::next(piece);
    const uint64_t piece_end = next == data.m_segments.end() ? data.m_size_bytes : next->first;
    const Content addend = Shifted(piece->second, offset_bytes, true);
    const auto end = CutAt(offset_bytes + piece_end);
    for (auto own = CutAt(offset_bytes + piece->first); own != end; ++own) {
      own->second = Sum(own->second, addend);
    }
  }
}

std::string SymbolicBuffer::Difference(uint64_t offset_bytes, uint64_t size_bytes,
                                       const Content& expected) const {
  if (size_bytes == 0) return "";
  auto segment = std::prev(m_segments.upper_bound(offset_bytes));
  for (; segment != m_segments.end() && segment->first < offset_bytes + size_bytes; ++segment) {
    if (segment->second == expected) continue;
    return "byte " + std::to_string(std::max(segment->first, offset_bytes)) + " holds " +
           Describe(segment->second) + " instead of " + Describe(expected);
  }
  return "";
}

}  // namespace ddlsim
