// SPDX-License-Identifier: MIT
#include "traces/import/import-fields.h"

#include "base/input-error.h"

namespace ddlsim {

ImportFields::ImportFields(const nlohmann::json& object, const std::string& place)
    : m_object(object), m_place(place) {
  if (!object.is_object()) {
    throw InputError(place, "is not a JSON object where one is expected", "record the file again");
  }
}

bool ImportFields::Has(const char* name) const {
  return m_object.contains(name);
}

const nlohmann::json& ImportFields::Value(const char* name) const {
  const auto field = m_object.find(name);
  if (field == m_object.end()) Refuse(name, "is missing");
  return *field;
}

std::string ImportFields::Text(const char* name) const {
  const nlohmann::json& value = Value(name);
  if (!value.is_string()) Refuse(name, "is no text");
  return value.get<std::string>();
}

uint64_t ImportFields::Count(const char* name) const {
  const nlohmann::json& value = Value(name);
  if (!value.is_number_unsigned()) Refuse(name, "is no whole number from 0 to 2^64 - 1");
  return value.get<uint64_t>();
}

const nlohmann::json& ImportFields::List(const char* name) const {
  const nlohmann::json& value = Value(name);
  if (!value.is_array()) Refuse(name, "is no list");
  return value;
}

ImportFields ImportFields::Object(const char* name) const {
  const nlohmann::json& value = Value(name);
  if (!value.is_object()) Refuse(name, "is no object");
  return ImportFields(value, m_place);
}

void ImportFields::Refuse(const char* name, const char* problem) const {
  throw InputError(m_place, std::string("'") + name + "' " + problem, "record the file again");
}

}  // namespace ddlsim
