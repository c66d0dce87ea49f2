// SPDX-License-Identifier: GPL-2.0-only
#include "library/protocol.h"

#include <algorithm>
#include <array>

#include "base/input-error.h"

namespace ddlsim {
namespace {

const std::array<std::string, kProtocolCount> kProtocols{"auto", "ll", "ll128", "simple"};
const std::array<std::string, 3> kStyles{"process-per-gpu", "single-process", "synchronized"};

template <typename Names>
size_t IndexOf(const std::string& place, const std::string& text, const Names& names,
               const std::string& kind) {
  std::string lower = text;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto found = std::find(names.begin(), names.end(), lower);
  if (found == names.end()) {
    throw InputError(place, "'" + Printable(text) + "' is no " + kind, Suggest(lower, names));
  }
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

const char* ProtocolName(Protocol protocol) {
  return kProtocols[static_cast<size_t>(protocol)].c_str();
}

Protocol ParseProtocol(const std::string& place, const std::string& name) {
  return static_cast<Protocol>(IndexOf(place, name, kProtocols, "protocol"));
}

const char* LaunchStyleName(LaunchStyle style) {
  return kStyles[static_cast<size_t>(style)].c_str();
}

LaunchStyle ParseLaunchStyle(const std::string& place, const std::string& name) {
  return static_cast<LaunchStyle>(IndexOf(place, name, kStyles, "launch style"));
}

}  // namespace ddlsim
