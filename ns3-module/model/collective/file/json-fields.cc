// SPDX-License-Identifier: GPL-2.0-only
#include "collective/file/json-fields.h"

#include <algorithm>
#include <utility>

#include "base/input-error.h"

namespace ddlsim {

JsonFields::JsonFields(std::string place, const nlohmann::json& value,
                       const std::vector<std::string>& known_names)
    : m_place(std::move(place)), m_value(value) {
  if (!value.is_object()) throw InputError(m_place, "is no object", "write {...}");
  for (const auto& [name, member] : value.items()) {
    if (std::find(known_names.begin(), known_names.end(), name) == known_names.end()) {
      throw InputError(m_place, "has an unknown member '" + Printable(name) + "'",
                       Suggest(name, known_names));
    }
  }
}

const nlohmann::json& JsonFields::At(const char* name) const {
  const auto found = m_value.find(name);
  if (found == m_value.end()) {
    throw InputError(m_place, std::string("has no '") + name + "'", "add it");
  }
  return *found;
}

uint32_t JsonFields::Count(const char* name, uint32_t low, uint32_t high) const {
  const nlohmann::json& value = At(name);
  const bool fits =
      value.is_number_unsigned() && value.get<uint64_t>() >= low && value.get<uint64_t>() <= high;
  if (!fits) {
    throw InputError(
        Place(name), "is out of range",
        "use a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value.get<uint32_t>();
}

bool JsonFields::FlagOr(const char* name, bool otherwise) const {
  if (!Has(name)) return otherwise;
  if (!At(name).is_boolean()) throw InputError(Place(name), "is no flag", "use true or false");
  return At(name).get<bool>();
}

std::string JsonFields::Text(const char* name) const {
  if (!At(name).is_string()) throw InputError(Place(name), "is no text", "use \"...\"");
  return At(name).get<std::string>();
}

const nlohmann::json& JsonFields::List(const char* name) const {
  if (!At(name).is_array()) throw InputError(Place(name), "is no list", "use [...]");
  return At(name);
}

}  // namespace ddlsim
