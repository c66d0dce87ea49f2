// SPDX-License-Identifier: MIT
#include "hardware/yaml-map.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"

namespace ddlsim {
namespace {

constexpr size_t kTextSizeMax = 1000;

std::string PlaceOf(const std::string& file, const YAML::Node& node) {
  return node.Mark().line < 0 ? file : file + ":" + std::to_string(node.Mark().line + 1);
}

}  // namespace

YamlMap::YamlMap(const YAML::Node& node, std::string file, std::string what)
    : m_node(node), m_file(std::move(file)), m_what(std::move(what)) {
  if (!m_node.IsMap()) {
    throw InputError(Place(), "expected " + m_what + " as 'key: value' lines",
                     "see its documentation for the layout");
  }
  std::set<std::string> seen;
  for (const auto& entry : m_node) {
    if (!entry.first.IsScalar()) {
      throw InputError(PlaceOf(m_file, entry.first), "a key is not a plain word",
                       "see its documentation for the layout");
    }
    if (!seen.insert(entry.first.Scalar()).second) {
      throw InputError(PlaceOf(m_file, entry.first),
                       "'" + Printable(entry.first.Scalar()) + "' is given twice", "keep one");
    }
  }
}

bool YamlMap::Has(const std::string& key) const {
  for (const auto& entry : m_node) {
    if (entry.first.Scalar() == key) return true;
  }
  return false;
}

std::vector<std::string> YamlMap::Keys() const {
  std::vector<std::string> keys;
  for (const auto& entry : m_node) keys.push_back(entry.first.Scalar());
  return keys;
}

std::string YamlMap::Place() const {
  return PlaceOf(m_file, m_node);
}

std::string YamlMap::Place(const std::string& key) const {
  for (const auto& entry : m_node) {
    if (entry.first.Scalar() == key) return PlaceOf(m_file, entry.first);
  }
  return Place();
}

void YamlMap::AllowOnly(const std::vector<std::string>& known) const {
  for (const std::string& key : Keys()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw InputError(Place(key), "'" + Printable(key) + "' is no key of " + m_what,
                     Suggest(key, known));
  }
}

YAML::Node YamlMap::Required(const std::string& key) const {
  for (const auto& entry : m_node) {
    if (entry.first.Scalar() == key) return entry.second;
  }
  throw InputError(Place(), m_what + " lacks '" + key + "'", "add '" + key + ": ...'");
}

std::string YamlMap::Scalar(const std::string& key, const YAML::Node& node) const {
  if (!node.IsScalar() || node.Scalar().empty()) {
    throw InputError(PlaceOf(m_file, node.IsDefined() && !node.IsNull() ? node : m_node),
                     "'" + key + "' has no plain value", "write '" + key + ": VALUE'");
  }
  if (node.Scalar().size() > kTextSizeMax) {
    throw InputError(PlaceOf(m_file, node), "'" + key + "' is too long", "shorten it");
  }
  return node.Scalar();
}

std::string YamlMap::Text(const std::string& key) const {
  return Scalar(key, Required(key));
}

std::string YamlMap::Choice(const std::string& key, const std::vector<std::string>& choices) const {
  std::string text = Text(key);
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
    throw InputError(Place(key), "'" + Printable(text) + "' is no value of '" + key + "'",
                     Suggest(text, choices));
  }
  return text;
}

std::vector<std::string> YamlMap::Texts(const std::string& key) const {
  const YAML::Node list = Required(key);
  if (!list.IsSequence()) {
    throw InputError(Place(key), "'" + key + "' is not a list", "write '" + key + ": [a, b]'");
  }
  std::vector<std::string> texts;
  for (const auto& item : list) texts.push_back(Scalar(key, item));
  return texts;
}

std::vector<uint64_t> YamlMap::Counts(const std::string& key, uint64_t low, uint64_t high) const {
  std::vector<uint64_t> counts;
  for (const std::string& text : Texts(key)) {
    counts.push_back(ParseCount(Place(key) + " (" + key + ")", text, low, high));
  }
  return counts;
}

uint64_t YamlMap::Count(const std::string& key, uint64_t low, uint64_t high) const {
  return ParseCount(Place(key) + " (" + key + ")", Text(key), low, high);
}

double YamlMap::Number(const std::string& key, double low, double high) const {
  const std::string text = Text(key);
  double value = 0;
  // from_chars, unlike strtod, does not depend on the locale.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw InputError(Place(key), "'" + Printable(text) + "' is not a number",
                     "write '" + key + "' as a number such as 1.5e12");
  }
  if (!(value >= low && value <= high)) {
    std::ostringstream range;
    range << "write a number from " << low << " to " << high;
    throw InputError(Place(key), "'" + key + "' of " + Printable(text) + " is out of range",
                     range.str());
  }
  return value;
}

bool YamlMap::Flag(const std::string& key) const {
  return Choice(key, {"true", "false"}) == "true";
}

YamlMap YamlMap::Map(const std::string& key) const {
  return YamlMap(Required(key), m_file, "'" + key + "'");
}

std::vector<YamlMap> YamlMap::Maps(const std::string& key, const std::string& what) const {
  const YAML::Node list = Required(key);
  if (!list.IsSequence()) {
    throw InputError(Place(key), "'" + key + "' is not a list",
                     "write each entry on a line that begins with '- '");
  }
  std::vector<YamlMap> maps;
  for (const auto& item : list) maps.emplace_back(item, m_file, what);
  return maps;
}

}  // namespace ddlsim
