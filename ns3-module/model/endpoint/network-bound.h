// SPDX-License-Identifier: GPL-2.0-only
//
// What each of two networks must carry at least, where a group lies on several scale-up networks:
// the NICs what has to cross from one domain to another, whatever the algorithm does within them,
// and the scale-up ports what an algorithm sends to ranks of its own domain. Neither can help the
// other out, so that the bound of the group is the larger of the two.
#pragma once

#include <cstdint>
#include <vector>

#include "collective/schedule.h"
#include "endpoint/endpoint-config.h"
#include "endpoint/rank-map.h"

namespace ddlsim {

// Members of a group by the scale-up network that they are on.
class GroupDomains {
 public:
  struct Domain {
    std::vector<uint32_t> members;  // member numbers
    uint64_t sending_nics = 0;      // over which they reach other domains
    uint64_t receiving_nics = 0;
  };
  GroupDomains(const RankMap& ranks, const std::vector<uint32_t>& members);

  const std::vector<Domain>& Domains() const { return m_domains; }
  uint32_t DomainOf(uint32_t member) const { return m_domain_of[member]; }
  // The member's NIC, counted from 0 among those of the group.
  uint32_t NicOf(uint32_t member) const { return m_nic_of[member]; }
  uint32_t NicCount() const { return m_nic_count; }
  // Whether NICs are in planes: a message then arrives by the NIC of the sender's number.
  bool HasPlanes() const { return m_has_planes; }
  // Whether some members share a scale-up network.
  bool HasScaleUp() const { return m_domains.size() < m_domain_of.size(); }
  bool HasScaleOut() const { return m_domains.size() > 1; }

 private:
  std::vector<Domain> m_domains;
  std::vector<uint32_t> m_domain_of;
  std::vector<uint32_t> m_nic_of;
  uint32_t m_nic_count = 0;
  bool m_has_planes = false;
};

// Of a group that both networks join, with the rates of `config`. `spec.algorithm` is the one in
// use. Bytes that cross between domains count once for each domain that has to send or receive
// them, and where nobody but the ranks reduces, an all_reduce among N domains moves its data
// 2 (N - 1) times in all (Patarasuk and Yuan 2009). Those are bounds of every algorithm; for direct
// and hierarchical what they themselves send is counted.
uint64_t NetworkBoundPs(const CollectiveSpec& spec, const GroupDomains& domains,
                        const EndpointConfig& config);

}  // namespace ddlsim
