// SPDX-License-Identifier: GPL-2.0-only
#include "results/text-table.h"

#include <algorithm>
#include <utility>

namespace ddlsim {

TextTable::TextTable(std::vector<std::string> header, size_t left_columns)
    : m_left_columns(left_columns) {
  m_rows.push_back(std::move(header));
}

void TextTable::AddRow(std::vector<std::string> cells) {
  cells.resize(m_rows.front().size());
  m_rows.push_back(std::move(cells));
}

std::string TextTable::Text(size_t indent) const {
  std::vector<size_t> widths(m_rows.front().size());
  for (const auto& row : m_rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : m_rows) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      line += i < m_left_columns ? row[i] + padding : padding + row[i];
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace ddlsim
