// SPDX-License-Identifier: GPL-2.0-only
//
// The members of a JSON object of a user: known names, of the right kind, within their ranges.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ddlsim {

class JsonFields {
 public:
  // All methods throw InputError; the place is `place` and the member's name. `value` outlives
  // this.
  JsonFields(std::string place, const nlohmann::json& value,
             const std::vector<std::string>& known_names);

  bool Has(const char* name) const { return m_value.contains(name); }
  uint32_t Count(const char* name, uint32_t low, uint32_t high) const;
  uint32_t CountOr(const char* name, uint32_t otherwise, uint32_t low, uint32_t high) const {
    return Has(name) ? Count(name, low, high) : otherwise;
  }
  bool FlagOr(const char* name, bool otherwise) const;
  std::string Text(const char* name) const;
  const nlohmann::json& List(const char* name) const;
  std::string Place(const char* name) const { return m_place + ": " + name; }

 private:
  const nlohmann::json& At(const char* name) const;

  std::string m_place;
  const nlohmann::json& m_value;
};

}  // namespace ddlsim
