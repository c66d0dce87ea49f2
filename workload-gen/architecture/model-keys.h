// SPDX-License-Identifier: MIT
//
// A model's own keys in a file of models, and behind them those that the file states for all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/yaml-map.h"

namespace ddlsim {

class ModelKeys {
 public:
  static constexpr uint64_t kSizeMax = 1 << 24;  // of any single dimension

  ModelKeys(const YamlMap& own, const YamlMap& shared) : m_own(own), m_shared(shared) {}

  const YamlMap& Own() const { return m_own; }
  bool Has(const std::string& key) const { return m_own.Has(key) || m_shared.Has(key); }
  // The map that states `key`; the model's own where neither does.
  const YamlMap& Where(const std::string& key) const {
    return !m_own.Has(key) && m_shared.Has(key) ? m_shared : m_own;
  }
  std::string Place(const std::string& key) const { return Where(key).Place(key); }
  uint64_t Size(const std::string& key, uint64_t low = 1, uint64_t high = kSizeMax) const {
    return Where(key).Count(key, low, high);
  }
  uint64_t SizeOr(const std::string& key, uint64_t otherwise) const {
    return Has(key) ? Size(key, 0) : otherwise;
  }
  std::string Text(const std::string& key) const { return Where(key).Text(key); }
  std::string Choice(const std::string& key, const std::vector<std::string>& choices) const {
    return Where(key).Choice(key, choices);
  }
  bool Flag(const std::string& key) const { return Where(key).Flag(key); }
  bool FlagOr(const std::string& key, bool otherwise) const {
    return Has(key) ? Flag(key) : otherwise;
  }
  std::vector<uint64_t> Sizes(const std::string& key, uint64_t high = kSizeMax) const {
    return Where(key).Counts(key, 1, high);
  }

 private:
  const YamlMap& m_own;
  const YamlMap& m_shared;
};

}  // namespace ddlsim
