// SPDX-License-Identifier: GPL-2.0-only
#include "attribute-access.h"

#include <algorithm>
#include <charconv>

#include "base/input-error.h"
#include "base/quantity.h"
#include "ddl-attributes.h"
#include "ddl-congestion.h"
#include "ddl-switch.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

namespace ddlsim {
namespace {

// Splits the path and looks both parts up.
ns3::TypeId::AttributeInformation FindAttribute(const std::string& place, const std::string& path) {
  ns3::ddl::CongestionControls();  // makes their types known
  const size_t split = path.rfind("::");
  ns3::TypeId type;
  if (split == std::string::npos || split == 0 ||
      !ns3::TypeId::LookupByNameFailSafe(path.substr(0, split), &type)) {
    throw InputError(place, "'" + Printable(path) + "' names no ns-3 type",
                     "--PrintTypeIds lists the types");
  }
  ns3::TypeId::AttributeInformation info;
  if (!type.LookupAttributeByName(path.substr(split + 2), &info)) {
    std::vector<std::string> names;
    for (size_t i = 0; i < type.GetAttributeN(); ++i) names.push_back(type.GetAttribute(i).name);
    const std::string name = path.substr(split + 2);
    throw InputError(place, type.GetName() + " has no attribute '" + Printable(name) + "'",
                     names.empty() ? "it has none" : Suggest(name, names));
  }
  return info;
}

}  // namespace

// ns-3 prints times and numbers with six digits; a configuration has to lead to the same run.
std::string ExactText(const ns3::TypeId::AttributeInformation& info) {
  if (const auto* time = dynamic_cast<const ns3::TimeValue*>(ns3::PeekPointer(info.initialValue))) {
    return FormatDuration(static_cast<uint64_t>(time->Get().GetPicoSeconds()));
  }
  if (const auto* number =
          dynamic_cast<const ns3::DoubleValue*>(ns3::PeekPointer(info.initialValue))) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number->Get()).ptr;
    return std::string(text, end);
  }
  return info.initialValue->SerializeToString(info.checker);
}

namespace {

// "uint32_t 1:16384" -> "choose from 1 to 16384"; other types have no bounds, and say themselves.
std::string Remedy(const ns3::TypeId::AttributeInformation& info) {
  const std::string type = info.checker->GetUnderlyingTypeInformation();
  const size_t space = type.find(' ');
  const size_t colon = type.find(':', space == std::string::npos ? 0 : space);
  std::string remedy = "give a " + type;
  if (space != std::string::npos && colon != std::string::npos) {
    remedy = "choose from " + type.substr(space + 1, colon - space - 1) + " to " +
             type.substr(colon + 1);
  }
  return remedy + " (" + Printable(info.help, 160) + ")";
}

}  // namespace

void CheckAttribute(const std::string& place, const std::string& path, const std::string& text) {
  const ns3::TypeId::AttributeInformation info = FindAttribute(place, path);
  if (info.checker->GetValueTypeName() == "ns3::TimeValue") {
    // ns-3 aborts on a time that it cannot read. Its own texts have a sign.
    ParseDurationPs(place, text.rfind('+', 0) == 0 ? text.substr(1) : text);
  }
  const bool is_number = info.checker->GetValueTypeName() == "ns3::UintegerValue";
  // ns-3 reads "-5" as a huge unsigned number and "12x" as 12.
  if (is_number && (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)) {
    throw InputError(place, "'" + Printable(text) + "' is not a whole number",
                     "write one without sign or unit");
  }
  if (!info.checker->CreateValidValue(ns3::StringValue(text))) {
    throw InputError(place, "'" + Printable(text) + "' is not accepted", Remedy(info));
  }
}

std::string AttributeText(const std::string& place, const std::string& path,
                          const std::string& text) {
  const std::string type = FindAttribute(place, path).checker->GetValueTypeName();
  if (type == "ns3::TimeValue") return std::to_string(ParseDurationPs(place, text)) + "ps";
  if (type == "ns3::UintegerValue" && path.rfind("Bytes") == path.size() - 5) {
    return std::to_string(ParseSizeBytes(place, text));
  }
  // ns-3 names this one type without its namespace.
  const bool is_truth_value = type == "ns3::BooleanValue" || type == "BooleanValue";
  if (is_truth_value && text != "true" && text != "false") {
    throw InputError(place, "'" + Printable(text) + "' is no truth value", "write true or false");
  }
  return text;
}

void SetAttributeDefault(const std::string& path, const std::string& text) {
  ns3::Config::SetDefault(path, ns3::StringValue(text));
}

std::vector<std::pair<std::string, std::string>> DdlAttributes(const std::string& cc) {
  std::vector<ns3::TypeId> types{ns3::ddl::Nic::GetTypeId(), ns3::ddl::Switch::GetTypeId()};
  for (const ns3::Ptr<ns3::ddl::CongestionControl>& each : ns3::ddl::CongestionControls()) {
    if (cc == each->Algorithm().name) types.push_back(each->GetInstanceTypeId());
  }
  std::vector<std::pair<std::string, std::string>> attributes;
  for (const ns3::TypeId& type : types) {
    for (size_t i = 0; i < type.GetAttributeN(); ++i) {
      const ns3::TypeId::AttributeInformation info = type.GetAttribute(i);
      attributes.push_back({type.GetName() + "::" + info.name, ExactText(info)});
    }
  }
  std::sort(attributes.begin(), attributes.end());
  return attributes;
}

}  // namespace ddlsim
