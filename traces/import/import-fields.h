// SPDX-License-Identifier: MIT
//
// Fields of a JSON object from an untrusted file, with errors that name the place and the field.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace ddlsim {

// Keeps references to both; all throw InputError (place `place`) for what is missing or of another
// type.
class ImportFields {
 public:
  ImportFields(const nlohmann::json& object, const std::string& place);

  bool Has(const char* name) const;
  const nlohmann::json& Value(const char* name) const;
  std::string Text(const char* name) const;
  uint64_t Count(const char* name) const;
  const nlohmann::json& List(const char* name) const;
  ImportFields Object(const char* name) const;
  const std::string& Place() const { return m_place; }

 private:
  [[noreturn]] void Refuse(const char* name, const char* problem) const;

  const nlohmann::json& m_object;
  const std::string& m_place;
};

}  // namespace ddlsim
