// SPDX-License-Identifier: GPL-2.0-only
//
// A table for a terminal: columns as wide as their widest cell, two spaces between.
#pragma once

#include <string>
#include <vector>

namespace ddlsim {

class TextTable {
 public:
  // The first `left_columns` columns are aligned to the left, the others to the right.
  TextTable(std::vector<std::string> header, size_t left_columns);
  void AddRow(std::vector<std::string> cells);
  bool IsEmpty() const { return m_rows.size() == 1; }
  // Every line starts with `indent` spaces and ends with a line feed.
  std::string Text(size_t indent) const;

 private:
  std::vector<std::vector<std::string>> m_rows;  // the header first
  size_t m_left_columns;
};

}  // namespace ddlsim
