// SPDX-License-Identifier: MIT
//
// Walks the bytes of one Protobuf message without copying or allocating. Records come from
// untrusted files: the generated parser would build every attribute and list of a record first, up
// to 30 times its bytes, where a walk costs nothing and takes only the fields that are wanted.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ddlsim {

// What is wrong within a record; the reader adds file, record and byte.
struct RecordError : std::runtime_error {
  explicit RecordError(const std::string& problem, const std::string& hint = "")
      : std::runtime_error(problem), remedy(hint) {}
  std::string remedy;  // empty: the file is damaged
};

// Protobuf's wire types; the deprecated groups (3, 4) are refused.
enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

class WireCursor {
 public:
  explicit WireCursor(std::string_view bytes) : m_rest(bytes) {}

  bool AtEnd() const { return m_rest.empty(); }

  // Reads the next tag. The value must be read or skipped before the next tag. Throws RecordError.
  void ReadTag();
  uint32_t Field() const { return m_field; }
  WireType Type() const { return m_type; }

  // The value of the current field. Throw RecordError where it is of another wire type or cut off.
  uint64_t ReadVarint();
  uint64_t ReadFixed64();
  uint32_t ReadFixed32();
  std::string_view ReadBytes();
  void Skip();

  // Reads a varint that has no tag (an element of a packed list).
  uint64_t ReadBareVarint();

 private:
  void Expect(WireType type) const;

  std::string_view m_rest;
  uint32_t m_field = 0;
  WireType m_type = WireType::kVarint;
};

// Protobuf strings are UTF-8; anything else would break JSON and other readers downstream.
bool IsUtf8(std::string_view text);

}  // namespace ddlsim
