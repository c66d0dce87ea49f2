// SPDX-License-Identifier: MIT
//
// A YAML map read strictly: a missing key, an unknown key, a key given twice or a value of the
// wrong kind is an InputError whose place is FILE:LINE.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

class YamlMap {
 public:
  // `what` names the map in messages ("a GPU preset").
  YamlMap(const YAML::Node& node, std::string file, std::string what);

  bool Has(const std::string& key) const;
  std::vector<std::string> Keys() const;  // in the order of the file
  std::string Place() const;              // FILE:LINE of the map
  std::string Place(const std::string& key) const;
  const std::string& File() const { return m_file; }

  // Refuses keys that are not among `known`.
  void AllowOnly(const std::vector<std::string>& known) const;

  // Each refuses a missing key. Texts are not empty and at most 1,000 characters long.
  std::string Text(const std::string& key) const;
  std::string Choice(const std::string& key, const std::vector<std::string>& choices) const;
  std::vector<std::string> Texts(const std::string& key) const;
  std::vector<uint64_t> Counts(const std::string& key, uint64_t low, uint64_t high) const;
  uint64_t Count(const std::string& key, uint64_t low, uint64_t high) const;
  double Number(const std::string& key, double low, double high) const;
  bool Flag(const std::string& key) const;
  YamlMap Map(const std::string& key) const;
  // A list of maps, each of which `what` names.
  std::vector<YamlMap> Maps(const std::string& key, const std::string& what) const;

 private:
  YAML::Node Required(const std::string& key) const;
  std::string Scalar(const std::string& key, const YAML::Node& node) const;

  YAML::Node m_node;
  std::string m_file;
  std::string m_what;
};

}  // namespace ddlsim
