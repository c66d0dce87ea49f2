// SPDX-License-Identifier: GPL-2.0-only
#include "tcp-attributes.h"

#include <algorithm>

#include "attribute-access.h"
#include "base/input-error.h"
#include "ddl-attributes.h"
#include "ddl-congestion.h"
#include "ddl-switch.h"
#include "ns3/object-factory.h"
#include "ns3/tcp-congestion-ops.h"
#include "ns3/tcp-socket-base.h"
#include "ns3/tcp-socket-state.h"

namespace ddlsim {
namespace {

struct TcpDefault {
  const char* path;
  const char* text;
};

constexpr TcpDefault kTcpDefaults[] = {
    // ns-3's timestamps count milliseconds, and round trips here take microseconds.
    {"ns3::TcpSocketBase::Timestamp", "false"},
    {"ns3::TcpSocketBase::ClockGranularity", "1us"},
    {"ns3::TcpSocket::ConnTimeout", "1s"},  // RFC 6298, as Linux
    {"ns3::TcpSocket::DataRetries", "15"},  // Linux: tcp_retries2
    // ns-3's 4 Gb/s would hold back whatever paces.
    {"ns3::TcpSocketState::MaxPacingRate", "100000Gbps"},
};

std::string FullName(const std::string& name) {
  return name.rfind("ns3::", 0) == 0 ? name : "ns3::" + name;
}

// ns-3.37 names a wrong parent for TcpCubic's type, so of such types an object has to answer.
bool IsVariant(const ns3::TypeId& type) {
  if (!type.HasConstructor()) return false;
  if (type.GetParent() != ns3::TcpSocketBase::GetTypeId()) {
    return type.IsChildOf(ns3::TcpCongestionOps::GetTypeId());
  }
  ns3::ObjectFactory factory;
  factory.SetTypeId(type);
  return ns3::DynamicCast<ns3::TcpCongestionOps>(factory.Create<ns3::Object>()) != nullptr;
}

// Pointers, callbacks and containers are no text.
bool IsPlain(const ns3::TypeId::AttributeInformation& info) {
  static const std::vector<std::string> plain{"BooleanValue", "UintegerValue", "IntegerValue",
                                              "DoubleValue",  "TimeValue",     "EnumValue",
                                              "DataRateValue"};
  std::string type = info.checker->GetValueTypeName();  // ns-3 names some without namespace
  if (type.rfind("ns3::", 0) == 0) type = type.substr(5);
  return (info.flags & ns3::TypeId::ATTR_SET) != 0 &&
         std::find(plain.begin(), plain.end(), type) != plain.end();
}

}  // namespace

ns3::TypeId FindTcpVariant(const std::string& place, const std::string& name) {
  ns3::TypeId type;
  if (ns3::TypeId::LookupByNameFailSafe(FullName(name), &type) && IsVariant(type)) return type;
  std::vector<std::string> names;
  for (uint16_t i = 0; i < ns3::TypeId::GetRegisteredN(); ++i) {
    const ns3::TypeId each = ns3::TypeId::GetRegistered(i);
    if (IsVariant(each)) names.push_back(each.GetName().substr(5));
  }
  std::sort(names.begin(), names.end());
  throw InputError(place, "'" + Printable(name) + "' is no congestion control of ns-3's TCP",
                   Suggest(name, names));
}

void SetTcpDefaults() {
  for (const TcpDefault& each : kTcpDefaults) SetAttributeDefault(each.path, each.text);
}

std::vector<std::pair<std::string, std::string>> TcpAttributes(const std::string& variant) {
  std::vector<ns3::TypeId> types{ns3::ddl::Switch::GetTypeId(), ns3::TcpSocket::GetTypeId(),
                                 ns3::TcpSocketBase::GetTypeId(), ns3::TcpSocketState::GetTypeId()};
  ns3::TypeId type;
  if (ns3::TypeId::LookupByNameFailSafe(FullName(variant), &type)) types.push_back(type);
  std::vector<std::pair<std::string, std::string>> attributes;
  for (const ns3::TypeId& each : types) {
    for (size_t i = 0; i < each.GetAttributeN(); ++i) {
      const ns3::TypeId::AttributeInformation info = each.GetAttribute(i);
      const std::string path = each.GetName() + "::" + info.name;
      if (IsPlain(info) && !IsSetByTransport(path)) attributes.push_back({path, ExactText(info)});
    }
  }
  std::sort(attributes.begin(), attributes.end());
  return attributes;
}

bool IsRdmaAttribute(const std::string& path) {
  if (path.rfind("ns3::ddl::Nic::", 0) == 0) return true;
  for (const ns3::Ptr<ns3::ddl::CongestionControl>& each : ns3::ddl::CongestionControls()) {
    if (path.rfind(each->GetInstanceTypeId().GetName() + "::", 0) == 0) return true;
  }
  return false;
}

bool IsSetByTransport(const std::string& path) {
  return path == "ns3::TcpSocket::SndBufSize" || path == "ns3::TcpSocket::RcvBufSize" ||
         path == "ns3::TcpSocket::InitialSlowStartThreshold" ||
         path == "ns3::TcpSocketBase::MaxWindowSize" || path == "ns3::TcpSocketBase::WindowScaling";
}

}  // namespace ddlsim
