// SPDX-License-Identifier: MIT
#include "traces/attribute-value.h"

#include <cstring>

#include "base/input-error.h"

namespace ddlsim {
namespace {

int64_t ZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

double RealOf(uint64_t bits) {
  double real;
  std::memcpy(&real, &bits, sizeof real);
  return real;
}

float RealOf(uint32_t bits) {
  float real;
  std::memcpy(&real, &bits, sizeof real);
  return real;
}

[[noreturn]] void Refuse(const char* name, const std::string& why) {
  throw RecordError(std::string("attribute ") + name + " " + why, "correct the tool that wrote it");
}

// The values of a list of bools or integers, packed or not.
template <typename Each>
void ForVarints(std::string_view list, Each each) {
  WireCursor cursor(list);
  while (!cursor.AtEnd()) {
    cursor.ReadTag();
    if (cursor.Field() != 1) {
      cursor.Skip();
    } else if (cursor.Type() == WireType::kVarint) {  // not packed
      each(cursor.ReadVarint());
    } else {
      WireCursor packed(cursor.ReadBytes());
      while (!packed.AtEnd()) each(packed.ReadBareVarint());
    }
  }
}

}  // namespace

AttributeValue AttributeValue::Parse(std::string_view message, std::string_view& name) {
  AttributeValue value;
  WireCursor cursor(message);
  name = {};
  while (!cursor.AtEnd()) {
    cursor.ReadTag();
    if (cursor.Field() == 1) {
      name = cursor.ReadBytes();
    } else if (cursor.Field() >= 3 && cursor.Field() <= 32) {
      value = AttributeValue();  // of a oneof the last one counts
      value.ReadValue(cursor);
    } else {
      cursor.Skip();
    }
  }
  return value;
}

void AttributeValue::SetSigned(int64_t value) {
  m_kind = Kind::kInteger;
  m_is_negative = value < 0;
  m_magnitude =
      m_is_negative ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

// Field numbers as in execution-trace.proto: odd ones are single values, even ones lists.
void AttributeValue::ReadValue(WireCursor& cursor) {
  switch (cursor.Field()) {
    case 3:
      m_kind = Kind::kReal;
      m_real = RealOf(cursor.ReadFixed64());
      return;
    case 5:
      m_kind = Kind::kReal;
      m_real = static_cast<double>(RealOf(cursor.ReadFixed32()));
      return;
    case 7:
      return SetSigned(static_cast<int32_t>(cursor.ReadVarint()));
    case 9:
      return SetSigned(static_cast<int64_t>(cursor.ReadVarint()));
    case 15:
      return SetSigned(ZigZag(static_cast<uint32_t>(cursor.ReadVarint())));
    case 17:
      return SetSigned(ZigZag(cursor.ReadVarint()));
    case 23:
      return SetSigned(static_cast<int32_t>(cursor.ReadFixed32()));
    case 25:
      return SetSigned(static_cast<int64_t>(cursor.ReadFixed64()));
    case 11:
      m_magnitude = static_cast<uint32_t>(cursor.ReadVarint());
      break;
    case 13:
      m_magnitude = cursor.ReadVarint();
      break;
    case 19:
      m_magnitude = cursor.ReadFixed32();
      break;
    case 21:
      m_magnitude = cursor.ReadFixed64();
      break;
    case 27:
      m_magnitude = cursor.ReadVarint() != 0 ? 1 : 0;
      break;
    case 29:
    case 31:
      m_kind = Kind::kText;
      m_bytes = cursor.ReadBytes();
      return;
    case 8:
    case 10:
    case 12:
    case 14:
      m_kind = Kind::kVarintList;
      m_bytes = cursor.ReadBytes();
      return;
    default:
      m_kind = cursor.Field() == 28 ? Kind::kBoolList : Kind::kOtherList;
      m_bytes = cursor.ReadBytes();
      return;
  }
  m_kind = Kind::kInteger;
}

uint64_t AttributeValue::Unsigned(const char* name, uint64_t high) const {
  uint64_t value = m_magnitude;
  if (m_kind == Kind::kReal) {
    // The comparison refuses NaN too; 2^63 is exact as a double.
    if (!(m_real >= 0 && m_real < 9223372036854775808.0)) Refuse(name, "is out of range");
    value = static_cast<uint64_t>(m_real);
    if (static_cast<double>(value) != m_real) Refuse(name, "is not a whole number");
  } else if (m_kind != Kind::kInteger) {
    Refuse(name, "is not a number");
  } else if (m_is_negative) {
    Refuse(name, "is negative (-" + std::to_string(m_magnitude) + ")");
  }
  if (value > high) {
    Refuse(name, "is out of range (" + std::to_string(value) + ", at most " + std::to_string(high) +
                     " is possible)");
  }
  return value;
}

int64_t AttributeValue::Signed(const char* name, int64_t magnitude_max) const {
  if (m_kind != Kind::kInteger) Refuse(name, "is not an integer");
  if (m_magnitude > static_cast<uint64_t>(magnitude_max)) Refuse(name, "is out of range");
  const auto value = static_cast<int64_t>(m_magnitude);
  return m_is_negative ? -value : value;
}

std::string AttributeValue::Text(const char* name) const {
  if (m_kind == Kind::kInteger) return (m_is_negative ? "-" : "") + std::to_string(m_magnitude);
  if (m_kind != Kind::kText) Refuse(name, "is not a string");
  if (!IsUtf8(m_bytes)) Refuse(name, "is not UTF-8 text");
  return std::string(m_bytes);
}

bool AttributeValue::AllTrue(const char* name) const {
  if (m_kind != Kind::kBoolList) Refuse(name, "is not a list of bools");
  bool all_true = true;
  ForVarints(m_bytes, [&all_true](uint64_t value) { all_true &= value != 0; });
  return all_true;
}

std::vector<uint64_t> AttributeValue::UnsignedList(const char* name) const {
  if (m_kind != Kind::kVarintList) Refuse(name, "is not a list of integers");
  std::vector<uint64_t> values;
  ForVarints(m_bytes, [&](uint64_t value) {
    if (value > INT64_MAX) Refuse(name, "has a negative number, or one above 2^63");
    values.push_back(value);
  });
  return values;
}

}  // namespace ddlsim
