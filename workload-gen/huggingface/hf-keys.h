// SPDX-License-Identifier: MIT
//
// The keys of a config.json, read strictly: whoever reads a key knows it, and what nobody has read
// and does not belong to a list of harmless keys is an error.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace ddlsim {

class HfKeys {
 public:
  explicit HfKeys(const std::string& path);

  const std::string& Path() const { return m_path; }
  std::string Place(const std::string& key) const;  // PATH:LINE, PATH where it is not there

  // A key with the value null counts as absent. Each throws InputError on a value of another kind.
  bool Has(const std::string& key);
  bool IsStated(const std::string& key) const { return m_json.contains(key); }  // also as null
  uint64_t Size(const std::string& key, uint64_t high = uint64_t{1} << 24);     // 1 to high
  uint64_t SizeOr(const std::string& key, uint64_t otherwise);                  // 0 allowed
  bool FlagOr(const std::string& key, bool otherwise);
  std::string TextOr(const std::string& key, const std::string& otherwise);
  const nlohmann::json* Find(const std::string& key);  // null where absent

  // Refuses any value but these; absent is fine. `remedy` says what to do instead.
  void AllowFlag(const std::string& key, bool value, const std::string& remedy);
  void AllowSize(const std::string& key, uint64_t value, const std::string& remedy);
  void AllowText(const std::string& key, const std::vector<std::string>& values);
  // A text or a list of texts, all of which must be among `values`.
  void AllowTexts(const std::string& key, const std::vector<std::string>& values);

  // Refuses keys that were neither read nor are known not to change the work of a training step.
  void RefuseUnknown() const;

 private:
  [[noreturn]] void Refuse(const std::string& key, const std::string& problem,
                           const std::string& remedy) const;

  std::string m_path;
  std::string m_text;
  nlohmann::json m_json;
  std::set<std::string> m_read;
};

}  // namespace ddlsim
