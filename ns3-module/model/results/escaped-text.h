// SPDX-License-Identifier: GPL-2.0-only
//
// Names come from traces and may hold any bytes. What reaches a result file is always valid UTF-8
// and always one field.
#pragma once

#include <string>
#include <string_view>

namespace ddlsim {

// Printable ASCII without comma, quote and backslash: stands for itself in CSV and in JSON.
bool IsPlainText(std::string_view text);

// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD (one per byte).
// Control characters other than tab, line feed and carriage return are replaced too: readers of
// CSV choke on NUL, terminals obey ESC.
std::string CleanText(std::string_view text);

// A CSV field by RFC 4180: cleaned, and quoted where it holds a comma, quote, line break or space
// at an end.
std::string CsvField(std::string_view text);

// A JSON string, quotes included: cleaned and escaped.
std::string JsonString(std::string_view text);

}  // namespace ddlsim
