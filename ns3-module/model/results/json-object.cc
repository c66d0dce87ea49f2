// SPDX-License-Identifier: GPL-2.0-only
#include "results/json-object.h"

#include "results/decimal-text.h"
#include "results/escaped-text.h"

namespace ddlsim {

void JsonObject::AddRaw(const char* key, const std::string& json) {
  if (!m_members.empty()) m_members += ",\n";
  m_members += "  " + JsonString(key) + ": " + json;
}

void JsonObject::AddUint(const char* key, uint64_t value) {
  AddRaw(key, std::to_string(value));
}

void JsonObject::AddNs(const char* key, uint64_t time_ps) {
  AddRaw(key, NsText(time_ps));
}

void JsonObject::AddFixed(const char* key, double value, int digits) {
  const std::string text = FixedText(value, digits);
  AddRaw(key, text.empty() ? "null" : text);
}

void JsonObject::AddText(const char* key, std::string_view value) {
  AddRaw(key, JsonString(value));
}

std::string JsonObject::Text() const {
  return "{\n" + m_members + "\n}\n";
}

}  // namespace ddlsim
