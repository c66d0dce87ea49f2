// SPDX-License-Identifier: MIT
#include "traces/rank-list.h"

#include <algorithm>

#include "base/input-error.h"

namespace ddlsim {
namespace {

// Reads numbers and signs off the front of a text.
class Scanner {
 public:
  Scanner(const std::string& place, const std::string& text) : m_place(place), m_text(text) {}

  bool AtEnd() const { return m_position == m_text.size(); }

  bool Accept(char sign) {
    if (AtEnd() || m_text[m_position] != sign) return false;
    ++m_position;
    return true;
  }

  uint64_t Number() {
    const size_t begin = m_position;
    uint64_t value = 0;
    while (!AtEnd() && m_text[m_position] >= '0' && m_text[m_position] <= '9') {
      value = value * 10 + static_cast<uint64_t>(m_text[m_position++] - '0');
      if (m_position - begin > 9) Refuse();
    }
    if (m_position == begin) Refuse();
    return value;
  }

  [[noreturn]] void Refuse() const {
    throw InputError(m_place, "'" + Printable(m_text) + "' is no list of ranks",
                     "write lists such as 0-3,8 or 0-12:4, groups such as 0-3*2+4");
  }

 private:
  const std::string& m_place;
  const std::string& m_text;
  size_t m_position = 0;
};

struct Range {
  uint64_t first;
  uint64_t last;
  uint64_t stride;
};

std::vector<Range> ReadList(Scanner& scanner) {
  std::vector<Range> ranges;
  do {
    Range range = {scanner.Number(), 0, 1};
    range.last = range.first;
    if (scanner.Accept('-')) {
      range.last = scanner.Number();
      if (scanner.Accept(':')) range.stride = scanner.Number();
    }
    if (range.last < range.first || range.stride == 0) scanner.Refuse();
    ranges.push_back(range);
  } while (scanner.Accept(','));
  return ranges;
}

bool IsShifted(const std::vector<uint32_t>& from, const std::vector<uint32_t>& to, uint32_t step) {
  if (from.size() != to.size()) return false;
  for (size_t i = 0; i < from.size(); ++i) {
    if (to[i] != from[i] + step) return false;
  }
  return true;
}

}  // namespace

std::string FormatRankList(const std::vector<uint32_t>& ranks) {
  std::string text;
  size_t i = 0;
  while (i < ranks.size()) {
    size_t end = i + 1;
    const bool has_next = end < ranks.size() && ranks[end] > ranks[i];
    const uint32_t stride = has_next ? ranks[end] - ranks[i] : 1;
    if (has_next) {
      while (end < ranks.size() && ranks[end] - ranks[end - 1] == stride) ++end;
    }
    if (end - i == 2 && stride > 1) end = i + 1;  // "0,8" rather than "0-8:8"
    if (!text.empty()) text += ',';
    text += std::to_string(ranks[i]);
    if (end - i > 1) text += "-" + std::to_string(ranks[end - 1]);
    if (end - i > 1 && stride > 1) text += ":" + std::to_string(stride);
    i = end;
  }
  return text;
}

std::vector<std::string> FormatGroups(const std::vector<std::vector<uint32_t>>& groups) {
  std::vector<std::string> texts;
  size_t i = 0;
  while (i < groups.size()) {
    size_t end = i + 1;
    uint32_t step = 0;
    if (end < groups.size() && !groups[i].empty() && !groups[end].empty() &&
        groups[end][0] > groups[i][0]) {
      step = groups[end][0] - groups[i][0];
      while (end < groups.size() && IsShifted(groups[end - 1], groups[end], step)) ++end;
    }
    std::string text = FormatRankList(groups[i]);
    if (end - i > 1) text += "*" + std::to_string(end - i) + "+" + std::to_string(step);
    texts.push_back(std::move(text));
    i = end;
  }
  return texts;
}

void RankListParser::Take(const std::string& place, uint64_t rank) {
  if (rank >= m_is_taken.size()) {
    throw InputError(place, "rank " + std::to_string(rank) + " is outside the set",
                     "the set has ranks 0 to " + std::to_string(m_is_taken.size() - 1));
  }
  if (m_is_taken[rank]) {
    throw InputError(place, "rank " + std::to_string(rank) + " stands twice",
                     "name each rank in one list only");
  }
  m_is_taken[rank] = true;
}

std::vector<uint32_t> RankListParser::ParseList(const std::string& place, const std::string& text) {
  Scanner scanner(place, text);
  const std::vector<Range> ranges = ReadList(scanner);
  if (!scanner.AtEnd()) scanner.Refuse();
  std::vector<uint32_t> ranks;
  for (const Range& range : ranges) {
    for (uint64_t rank = range.first; rank <= range.last; rank += range.stride) {
      Take(place, rank);
      ranks.push_back(static_cast<uint32_t>(rank));
    }
  }
  return ranks;
}

void RankListParser::ParseGroups(const std::string& place, const std::string& text,
                                 std::vector<std::vector<uint32_t>>& groups) {
  Scanner scanner(place, text);
  const std::vector<Range> ranges = ReadList(scanner);
  uint64_t count = 1;
  uint64_t step = 0;
  if (scanner.Accept('*')) {
    count = scanner.Number();
    if (!scanner.Accept('+')) scanner.Refuse();
    step = scanner.Number();
  }
  if (!scanner.AtEnd() || count == 0) scanner.Refuse();
  for (uint64_t i = 0; i < count; ++i) {
    std::vector<uint32_t> group;
    for (const Range& range : ranges) {
      for (uint64_t rank = range.first; rank <= range.last; rank += range.stride) {
        Take(place, rank + i * step);
        group.push_back(static_cast<uint32_t>(rank + i * step));
      }
    }
    groups.push_back(std::move(group));
  }
}

uint32_t RankListParser::FirstMissing() const {
  const auto missing = std::find(m_is_taken.begin(), m_is_taken.end(), false);
  return static_cast<uint32_t>(missing - m_is_taken.begin());
}

}  // namespace ddlsim
