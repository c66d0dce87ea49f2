// SPDX-License-Identifier: GPL-2.0-only
//
// What of ns-3's TCP a run may set: variants of congestion control, attributes, their defaults
// here.
#ifndef DDL_TCP_ATTRIBUTES_H
#define DDL_TCP_ATTRIBUTES_H

#include <string>
#include <utility>
#include <vector>

#include "ns3/type-id.h"

namespace ddlsim {

// The type "TcpCubic" or "ns3::TcpCubic". Throws InputError (at `place`).
ns3::TypeId FindTcpVariant(const std::string& place, const std::string& name);

// Defaults of ns-3's attributes that suit today's clusters better than ns-3's own;
// docs/ns3-coexistence.md has the reasons.
void SetTcpDefaults();

// All attributes of switches, TCP sockets and the variant with the values that new objects have.
// An unknown variant has none.
std::vector<std::pair<std::string, std::string>> TcpAttributes(const std::string& variant);

// Attributes that only --transport=rdma reads.
bool IsRdmaAttribute(const std::string& path);
// Attributes that TcpTransport sets for each socket.
bool IsSetByTransport(const std::string& path);

}  // namespace ddlsim

#endif /* DDL_TCP_ATTRIBUTES_H */
