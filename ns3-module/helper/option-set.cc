// SPDX-License-Identifier: GPL-2.0-only
#include "option-set.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <yaml-cpp/yaml.h>

#include "attribute-access.h"
#include "base/input-error.h"
#include "scenario-cluster.h"
#include "tcp-attributes.h"
#include "traffic-names.h"

namespace ddlsim {
namespace {

constexpr size_t kConfigSizeMaxBytes = 1u << 20;
constexpr const char* kSizedCollective = "sized-collective";

const OptionSpec* FindSpec(const std::string& name) {
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const OptionSpec* FindSpecOfAttribute(const std::string& path) {
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    if (!spec.attribute.empty() && spec.attribute == path) return &spec;
  }
  return nullptr;
}

std::vector<std::string> OptionNames(const std::string& prefix) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : ScenarioOptionTable()) names.push_back(prefix + spec.name);
  return names;
}

// Options of ns-3's CommandLine itself; they print something and end the program.
bool IsPrinting(const std::string& name) {
  static const std::vector<std::string> names{"PrintHelp",    "help",         "PrintGroups",
                                              "PrintGroup",   "PrintTypeIds", "PrintAttributes",
                                              "PrintGlobals", "version",      "PrintVersion"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Of a word with `prefix` before each name.
std::string NearestOption(const std::string& word, const std::string& prefix) {
  const std::string suggestion = Suggest(word, OptionNames(prefix));
  return suggestion.rfind("did you mean", 0) == 0 ? suggestion : "--PrintHelp lists the options";
}

}  // namespace

OptionSet::OptionSet() {
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    m_values[spec.name] = {spec.default_value, "--" + spec.name, false};
  }
}

bool OptionSet::Parse(int argc, char** argv) {
  bool is_printing = false;
  std::vector<std::pair<std::string, std::string>> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t dashes = argument.rfind("--", 0) == 0 ? 2 : argument.rfind('-', 0) == 0 ? 1 : 0;
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(dashes, equals - dashes);
    if (dashes == 0 || name.empty()) {
      throw InputError(Printable(argument), "is not an option", "write options as --name=value");
    }
    if (IsPrinting(name) || (dashes == 1 && (name == "h" || name == "v"))) {
      is_printing = true;
    } else if (name.rfind("ns3::", 0) != 0 && FindSpec(name) == nullptr) {
      throw InputError(Printable(argument.substr(0, equals)), "is no option of ddl-scenario",
                       NearestOption("--" + name, "--"));
    } else if (equals == std::string::npos || equals + 1 == argument.size()) {
      throw InputError("--" + Printable(name), "has no value",
                       "write --" + Printable(name) + "=VALUE");
    } else {
      arguments.push_back({name, argument.substr(equals + 1)});
    }
  }
  if (is_printing) return true;
  for (const auto& [name, text] : arguments) {
    if (name == "config") ReadConfig(text);
  }
  std::set<std::string> seen;
  for (const auto& [name, text] : arguments) {
    if (!seen.insert(name).second) {
      throw InputError("--" + Printable(name), "is given twice", "leave one of the two out");
    }
    if (name.rfind("ns3::", 0) == 0) {
      AssignAttribute(name, text, "--" + name);
    } else {
      Assign(name, text, "--" + name);
    }
  }
  if (!IsSet("topology")) Resolve("topology", DefaultTopology(*this));
  CheckRelevance();
  ApplyAttributes();
  return false;
}

bool OptionSet::IsRelevant(const OptionSpec& spec) const {
  if (spec.goes_with.empty()) return true;
  const size_t equals = spec.goes_with.find('=');
  if (equals != std::string::npos) {
    const std::string& text = Get(spec.goes_with.substr(0, equals));
    std::istringstream values(spec.goes_with.substr(equals + 1));
    for (std::string value; std::getline(values, value, ',');) {
      if (text.substr(0, text.find(':')) == value) return true;
    }
    return false;
  }
  const bool is_model = Get("workload").empty() && Get("collective").empty() &&
                        Get("collective-bench").empty() && Get("traffic").empty();
  std::istringstream names(spec.goes_with);
  for (std::string name; std::getline(names, name, '|');) {
    if (name.rfind("traffic:", 0) == 0) {
      for (const char* option : {"traffic", "background"}) {
        const TrafficNames traffic = ParseTrafficNames(Place(option), Get(option));
        if (MeetsTrafficCondition(traffic, name)) return true;
      }
    } else if (name == "host") {
      if (IsHostHardware(*this)) return true;
    } else if (name == kSizedCollective) {
      if (IsSizedCollective()) return true;
    } else if (name == "model" ? is_model : !Get(name).empty()) {
      return true;
    }
  }
  return false;
}

bool OptionSet::IsSizedCollective() const {
  const std::string& name = Get("collective");
  const bool has_own_sizes = name == "all_to_all" && !Get("alltoallv").empty();
  return !name.empty() && name != "barrier" && !has_own_sizes;
}

void OptionSet::CheckRelevance() const {
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    if (!IsSet(spec.name) || IsRelevant(spec)) continue;
    std::string others;
    std::istringstream names(spec.goes_with);
    for (std::string name; std::getline(names, name, '|');) {
      if (name == "host") continue;  // is meant by the value, not by another option
      if (name.rfind("traffic:", 0) == 0) name = DescribeTrafficCondition(name);
      if (name == kSizedCollective) {
        name = "collective";
        if (!Get(name).empty()) name += " of a size (neither barrier nor --alltoallv)";
      }
      others += (others.empty() ? "--" : " or --") + name;
    }
    throw InputError(Place(spec.name), "--" + spec.name + " only goes with " + others,
                     "leave it out, or add the other");
  }
  for (const auto& [path, value] : m_attributes) CheckAttributeOfTransport(path, value.place);
}

// Attributes that the transport in use does not read, or sets itself.
void OptionSet::CheckAttributeOfTransport(const std::string& path, const std::string& place) const {
  const bool is_tcp = Get("transport") == "tcp";
  if (is_tcp && IsRdmaAttribute(path)) {
    throw InputError(place, path + " has no effect with --transport=tcp",
                     "leave it out, or use --transport=rdma");
  }
  if (!is_tcp && path.rfind("ns3::Tcp", 0) == 0) {
    throw InputError(place, path + " has no effect with --transport=rdma",
                     "leave it out, or use --transport=tcp");
  }
  if (is_tcp && IsSetByTransport(path)) {
    throw InputError(place, path + " is set by the transport", "use --tcp-buffer or --tcp-variant");
  }
}

void OptionSet::Assign(const std::string& name, const std::string& text, const std::string& place) {
  m_values[name] = {text, place, true};
}

void OptionSet::AssignAttribute(const std::string& path, const std::string& text,
                                const std::string& place) {
  CheckAttribute(place, path, text);
  if (const OptionSpec* spec = FindSpecOfAttribute(path)) {
    Assign(spec->name, text, place);
  } else {
    m_attributes[path] = {text, place, true};
  }
}

// One flat map of scalars, and `attributes` with another: nothing to recurse into.
void OptionSet::ReadConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kConfigSizeMaxBytes + 1, '\0');
  if (file) file.read(&text[0], static_cast<std::streamsize>(text.size()));
  const std::string place = Printable(path);
  if (!file.is_open() || file.bad()) {
    throw InputError(place, "cannot be read", "name a YAML or JSON file with --config");
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kConfigSizeMaxBytes) {
    throw InputError(place, "is longer than 1 MiB", "name a configuration file");
  }
  YAML::Node root;
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw InputError(place + ":" + std::to_string(error.mark.line + 1), Printable(error.msg),
                     "correct the YAML or JSON");
  }
  if (!root.IsMap())
    throw InputError(place, "is no map of options", "write lines such as 'hosts: 16'");
  std::set<std::string> seen;
  for (const auto& entry : root) {
    const std::string line = place + ":" + std::to_string(entry.first.Mark().line + 1);
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (name == "attributes" && entry.second.IsMap()) {
      for (const auto& attribute : entry.second) {
        if (!attribute.first.IsScalar() || !attribute.second.IsScalar()) {
          throw InputError(line, "an attribute is no scalar", "write ns3::ddl::Type::Name: value");
        }
        AssignAttribute(attribute.first.Scalar(), attribute.second.Scalar(), line);
      }
      continue;
    }
    if (!seen.insert(name).second) {
      throw InputError(line, "'" + Printable(name) + "' stands there twice",
                       "leave one of the two out");
    }
    if (FindSpec(name) == nullptr || name == "config" || name == "out") {
      throw InputError(line, "unknown key '" + Printable(name) + "'", NearestOption(name, ""));
    }
    if (!entry.second.IsScalar()) {
      throw InputError(line, "the value of '" + name + "' is no scalar",
                       "write '" + name + ": VALUE'");
    }
    Assign(name, entry.second.Scalar(), line + ": " + name);
  }
}

void OptionSet::ApplyAttributes() {
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    if (spec.attribute.empty()) continue;
    Value& value = m_values[spec.name];
    const std::string text = AttributeText(value.place, spec.attribute, value.text);
    CheckAttribute(value.place, spec.attribute, text);
    SetAttributeDefault(spec.attribute, text);
  }
  if (Get("transport") == "tcp") SetTcpDefaults();
  for (const auto& [path, value] : m_attributes) SetAttributeDefault(path, value.text);
}

bool OptionSet::IsSet(const std::string& name) const {
  return m_values.at(name).is_set;
}
const std::string& OptionSet::Get(const std::string& name) const {
  return m_values.at(name).text;
}
std::string OptionSet::Place(const std::string& name) const {
  return m_values.at(name).place;
}

void OptionSet::Resolve(const std::string& name, const std::string& value) {
  m_values.at(name).text = value;
}

std::string OptionSet::ToYaml() const {
  YAML::Emitter yaml;
  yaml << YAML::BeginMap;
  for (const OptionSpec& spec : ScenarioOptionTable()) {
    const std::string& text = m_values.at(spec.name).text;
    if (text.empty() || spec.name == "out" || spec.name == "config") continue;
    if (!IsRelevant(spec)) continue;
    yaml << YAML::Key << spec.name << YAML::Value << text;
  }
  yaml << YAML::Key << "attributes" << YAML::Value << YAML::BeginMap;
  const auto attributes = m_values.at("transport").text == "tcp"
                              ? TcpAttributes(m_values.at("tcp-variant").text)
                              : DdlAttributes(m_values.at("cc").text);
  for (const auto& [path, text] : attributes) {
    if (FindSpecOfAttribute(path) == nullptr) yaml << YAML::Key << path << YAML::Value << text;
  }
  yaml << YAML::EndMap << YAML::EndMap;
  return std::string(yaml.c_str()) + "\n";
}

}  // namespace ddlsim
