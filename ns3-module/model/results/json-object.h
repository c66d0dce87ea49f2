// SPDX-License-Identifier: GPL-2.0-only
//
// A flat JSON object as text, one key a line, in the order of the calls. Numbers are exact
// decimals, which a general JSON library would pass through a double.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ddlsim {

class JsonObject {
 public:
  void AddUint(const char* key, uint64_t value);
  void AddNs(const char* key, uint64_t time_ps);             // the key ends in _ns
  void AddFixed(const char* key, double value, int digits);  // null where it is not finite
  void AddText(const char* key, std::string_view value);
  void AddRaw(const char* key, const std::string& json);  // `json` is valid JSON

  // The whole object, indented by two spaces, with a final line feed.
  std::string Text() const;

 private:
  std::string m_members;
};

}  // namespace ddlsim
