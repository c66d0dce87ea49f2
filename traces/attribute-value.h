// SPDX-License-Identifier: MIT
//
// One attribute of a node or of a file's metadata, as it stands on the wire. Writers disagree about
// the types of the same attribute (int32, uint64, bool ...), so a value keeps what it is and is
// asked for what the caller needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traces/wire-cursor.h"

namespace ddlsim {

class AttributeValue {
 public:
  // Reads the value out of the bytes of an Attribute message. Views into the record's bytes: valid
  // as long as they are. Throws RecordError for a malformed message.
  static AttributeValue Parse(std::string_view message, std::string_view& name);

  bool IsPresent() const { return m_kind != Kind::kAbsent; }

  // Each throws RecordError, naming the attribute, where the value is of no fitting type or out of
  // range. A float that holds a whole number counts as an integer, a bool as 0 or 1.
  uint64_t Unsigned(const char* name, uint64_t high) const;
  int64_t Signed(const char* name, int64_t magnitude_max) const;
  std::string Text(const char* name) const;  // strings and bytes; integers in decimal
  // Of a list of signed or unsigned integers without zigzag, none of which is negative.
  std::vector<uint64_t> UnsignedList(const char* name) const;
  // Of a list of bools: whether none is false.
  bool AllTrue(const char* name) const;

 private:
  enum class Kind : uint8_t { kAbsent, kInteger, kReal, kText, kBoolList, kVarintList, kOtherList };

  void ReadValue(WireCursor& cursor);
  void SetSigned(int64_t value);

  Kind m_kind = Kind::kAbsent;
  bool m_is_negative = false;
  uint64_t m_magnitude = 0;
  double m_real = 0;
  std::string_view m_bytes;
};

}  // namespace ddlsim
