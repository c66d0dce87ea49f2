// SPDX-License-Identifier: MIT
#include "base/input-error.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

namespace ddlsim {

InputError::InputError(std::string place, std::string problem, std::string remedy)
    : std::runtime_error(place + ": " + problem + (remedy.empty() ? "" : "; " + remedy)),
      m_place(std::move(place)),
      m_problem(std::move(problem)),
      m_remedy(std::move(remedy)) {}

std::string Printable(const std::string& text, size_t size_max) {
  std::string out;
  for (unsigned char c : text) {
    if (out.size() >= size_max) return out + "...";
    if (c >= 0x20 && c < 0x7f) {
      out.push_back(static_cast<char>(c));
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", c);
      out += escaped;
    }
  }
  return out;
}

namespace {

constexpr size_t kListedMax = 32;  // more names in one line help nobody

// What may differ before a word is another word: of a single digit or letter, nothing.
size_t NearDistance(size_t size) {
  return std::min(std::max<size_t>(2, size / 3), size / 2);
}

size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Suggest(const std::string& word, const std::string* candidates, size_t count) {
  const std::string* best = nullptr;
  size_t best_distance = NearDistance(word.size()) + 1;
  if (word.size() <= 256) {
    for (size_t i = 0; i < count; ++i) {
      const size_t distance = EditDistance(word, candidates[i]);
      if (distance < best_distance) {
        best_distance = distance;
        best = &candidates[i];
      }
    }
  }
  if (best != nullptr) return "did you mean '" + *best + "'?";
  std::string list = "choose one of";
  const size_t shown = std::min(count, kListedMax);
  for (size_t i = 0; i < shown; ++i) list += (i == 0 ? " " : ", ") + candidates[i];
  if (count > shown) list += " and " + std::to_string(count - shown) + " more";
  return list;
}

}  // namespace ddlsim
