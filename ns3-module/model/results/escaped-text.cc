// SPDX-License-Identifier: GPL-2.0-only
#include "results/escaped-text.h"

#include <cstddef>
#include <cstdint>

namespace ddlsim {
namespace {

constexpr const char* kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool IsContinuation(unsigned char byte) {
  return (byte & 0xc0) == 0x80;
}

// Bytes of the well-formed UTF-8 sequence that starts at `position`, 0 where there is none
// (The Unicode Standard, table 3-7).
size_t SequenceLength(std::string_view text, size_t position) {
  const auto byte = [&](size_t offset) -> unsigned char {
    const size_t index = position + offset;
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
  };
  const unsigned char lead = byte(0);
  const unsigned char second = byte(1);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return IsContinuation(second) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned char low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : 0xbf;  // no surrogates
    return second >= low && second <= high && IsContinuation(byte(2)) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned char low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xf4 ? 0x8f : 0xbf;  // up to U+10FFFF
    const bool is_whole = second >= low && second <= high && IsContinuation(byte(2));
    return is_whole && IsContinuation(byte(3)) ? 4 : 0;
  }
  return 0;
}

bool IsUnwantedControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x7f || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

}  // namespace

bool IsPlainText(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == ',' || c == '"' || c == '\\') return false;
  }
  return true;
}

std::string CleanText(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t length = SequenceLength(text, i);
    if (length == 0 || IsUnwantedControl(text[i])) {
      clean += kReplacement;
      ++i;
    } else {
      clean.append(text, i, length);
      i += length;
    }
  }
  return clean;
}

std::string CsvField(std::string_view text) {
  if (IsPlainText(text)) return std::string(text);
  std::string clean = CleanText(text);
  const bool has_outer_space = clean.front() == ' ' || clean.back() == ' ';
  if (!has_outer_space && clean.find_first_of(",\"\r\n\t") == std::string::npos) return clean;
  std::string field = "\"";
  for (const char c : clean) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (const char c : IsPlainText(text) ? std::string(text) : CleanText(text)) {
    switch (c) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\t':
        json += "\\t";
        break;
      case '\n':
        json += "\\n";
        break;
      case '\r':
        json += "\\r";
        break;
      default:
        json += c;
    }
  }
  return json + '"';
}

}  // namespace ddlsim
