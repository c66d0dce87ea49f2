// SPDX-License-Identifier: MIT
#include "traces/wire-cursor.h"

namespace ddlsim {

uint64_t WireCursor::ReadBareVarint() {
  uint64_t value = 0;
  for (size_t i = 0; i < 10; ++i) {
    if (i >= m_rest.size()) throw RecordError("a number is cut off");
    const auto byte = static_cast<uint8_t>(m_rest[i]);
    if (i == 9 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      m_rest.remove_prefix(i + 1);
      return value;
    }
  }
  throw RecordError("a number is longer than 64 bits");
}

void WireCursor::ReadTag() {
  const uint64_t tag = ReadBareVarint();
  const uint64_t field = tag >> 3;
  if (field == 0 || field > 536870911) throw RecordError("a field number is out of range");
  m_field = static_cast<uint32_t>(field);
  switch (tag & 7) {
    case 0:
      m_type = WireType::kVarint;
      return;
    case 1:
      m_type = WireType::kFixed64;
      return;
    case 2:
      m_type = WireType::kBytes;
      return;
    case 5:
      m_type = WireType::kFixed32;
      return;
    default:
      throw RecordError("field " + std::to_string(field) + " has an unknown wire type");
  }
}

void WireCursor::Expect(WireType type) const {
  if (m_type != type) {
    throw RecordError("field " + std::to_string(m_field) + " has wire type " +
                      std::to_string(static_cast<int>(m_type)) + " where " +
                      std::to_string(static_cast<int>(type)) + " is expected");
  }
}

uint64_t WireCursor::ReadVarint() {
  Expect(WireType::kVarint);
  return ReadBareVarint();
}

uint64_t WireCursor::ReadFixed64() {
  Expect(WireType::kFixed64);
  if (m_rest.size() < 8) throw RecordError("a number is cut off");
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) {
    value |= static_cast<uint64_t>(static_cast<uint8_t>(m_rest[i])) << (8 * i);
  }
  m_rest.remove_prefix(8);
  return value;
}

uint32_t WireCursor::ReadFixed32() {
  Expect(WireType::kFixed32);
  if (m_rest.size() < 4) throw RecordError("a number is cut off");
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(m_rest[i])) << (8 * i);
  }
  m_rest.remove_prefix(4);
  return value;
}

std::string_view WireCursor::ReadBytes() {
  Expect(WireType::kBytes);
  const uint64_t size_bytes = ReadBareVarint();
  if (size_bytes > m_rest.size()) {
    throw RecordError("field " + std::to_string(m_field) + " is longer than its record");
  }
  const std::string_view bytes = m_rest.substr(0, size_bytes);
  m_rest.remove_prefix(size_bytes);
  return bytes;
}

void WireCursor::Skip() {
  switch (m_type) {
    case WireType::kVarint:
      ReadVarint();
      return;
    case WireType::kFixed64:
      ReadFixed64();
      return;
    case WireType::kBytes:
      ReadBytes();
      return;
    case WireType::kFixed32:
      ReadFixed32();
      return;
  }
}

bool IsUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<uint8_t>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return false;
    uint32_t code = lead & (0x7fu >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + k]);
      if ((byte & 0xc0) != 0x80) return false;
      code = code << 6 | (byte & 0x3fu);
    }
    // Overlong forms, surrogates, and beyond the last code point.
    if (length == 3 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))) return false;
    if (length == 4 && (code < 0x10000 || code > 0x10ffff)) return false;
    i += length;
  }
  return true;
}

}  // namespace ddlsim
