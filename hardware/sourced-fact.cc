// SPDX-License-Identifier: MIT
#include "hardware/sourced-fact.h"

namespace ddlsim {
namespace {

YamlMap Fact(const YamlMap& parent, const std::string& key) {
  YamlMap fact = parent.Map(key);
  fact.AllowOnly({"value", "source", "confidence"});
  fact.Text("source");
  fact.Choice("confidence", {"verified", "memory", "assumed", "fitted"});
  return fact;
}

}  // namespace

double SourcedNumber(const YamlMap& parent, const std::string& key, double low, double high) {
  return Fact(parent, key).Number("value", low, high);
}

uint64_t SourcedCount(const YamlMap& parent, const std::string& key, uint64_t low, uint64_t high) {
  return Fact(parent, key).Count("value", low, high);
}

std::vector<uint64_t> SourcedCounts(const YamlMap& parent, const std::string& key, uint64_t low,
                                    uint64_t high) {
  return Fact(parent, key).Counts("value", low, high);
}

std::vector<std::string> SourcedTexts(const YamlMap& parent, const std::string& key) {
  return Fact(parent, key).Texts("value");
}

bool SourcedFlag(const YamlMap& parent, const std::string& key) {
  return Fact(parent, key).Flag("value");
}

}  // namespace ddlsim
