// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/network-bound.h"

#include <algorithm>
#include <map>
#include <set>

#include "collective/block-split.h"
#include "collective/critical-path.h"

namespace ddlsim {
namespace {

using Domain = GroupDomains::Domain;

struct CarriedBytes {
  uint64_t sent = 0;
  uint64_t received = 0;
};

// What pairs of members exchange, where the collective or the algorithm leaves them no choice: all
// pairs alike (all_reduce), by the block of the sender or of the receiver, or by a table.
class PairBytes {
 public:
  explicit PairBytes(const CollectiveSpec& spec)
      : m_spec(spec), m_blocks(spec.size_bytes, spec.rank_count) {}

  uint64_t operator()(uint32_t from, uint32_t to) const {
    if (m_spec.pair_bytes != nullptr) {
      return (*m_spec.pair_bytes)[size_t{from} * m_spec.rank_count + to];
    }
    if (m_spec.is_send_receive) {
      return to == (from + 1) % m_spec.rank_count ? m_spec.size_bytes : 0;
    }
    switch (m_spec.type) {
      case CollectiveType::kAllReduce:
        return m_spec.size_bytes;
      case CollectiveType::kAllGather:
        return m_blocks.SizeBytes(from);
      case CollectiveType::kGather:
        return to == m_spec.root ? m_blocks.SizeBytes(from) : 0;
      case CollectiveType::kScatter:
        return from == m_spec.root ? m_blocks.SizeBytes(to) : 0;
      default:
        return m_blocks.SizeBytes(to);
    }
  }

 private:
  const CollectiveSpec& m_spec;
  const BlockSplit m_blocks;
};

// Long sums stay bounds when they are cut.
void Add(uint64_t bytes, uint64_t& sum) {
  sum = std::min(sum + bytes, kPathBytesMax);
}

// Pairs in all_to_all, and in any collective by the direct algorithm, have their own messages.
bool IsByPairs(const CollectiveSpec& spec) {
  return spec.type == CollectiveType::kAllToAll || spec.algorithm == Algorithm::kDirect;
}

struct PairTraffic {
  std::vector<CarriedBytes> crossing;  // by domain, over all its NICs
  std::vector<CarriedBytes> by_nic;    // the same, by the NIC of the member at either end
  std::vector<CarriedBytes> inside;    // by member, over its scale-up port
};

PairTraffic TrafficByPairs(const CollectiveSpec& spec, const GroupDomains& domains) {
  PairTraffic traffic;
  traffic.crossing.resize(domains.Domains().size());
  traffic.by_nic.resize(domains.NicCount());
  traffic.inside.resize(spec.rank_count);
  const PairBytes bytes_of(spec);
  for (uint32_t from = 0; from < spec.rank_count; ++from) {
    for (uint32_t to = 0; to < spec.rank_count; ++to) {
      if (from == to) continue;
      const uint64_t bytes = bytes_of(from, to);
      const uint32_t source = domains.DomainOf(from), sink = domains.DomainOf(to);
      if (source == sink) {
        Add(bytes, traffic.inside[from].sent);
        Add(bytes, traffic.inside[to].received);
        continue;
      }
      Add(bytes, traffic.crossing[source].sent);
      Add(bytes, traffic.crossing[sink].received);
      Add(bytes, traffic.by_nic[domains.NicOf(from)].sent);
      Add(bytes, traffic.by_nic[domains.NicOf(to)].received);
    }
  }
  return traffic;
}

// What a domain has to tell the others and to learn from them, once each.
CarriedBytes LeastCrossing(const CollectiveSpec& spec, const Domain& domain) {
  const BlockSplit blocks(spec.size_bytes, spec.rank_count);
  uint64_t own_bytes = 0;
  bool has_root = false;
  for (const uint32_t member : domain.members) {
    own_bytes += blocks.SizeBytes(member);
    has_root = has_root || member == spec.root;
  }
  const uint64_t all_bytes = spec.size_bytes, other_bytes = all_bytes - own_bytes;
  switch (spec.type) {
    case CollectiveType::kAllReduce:
      return {all_bytes, all_bytes};
    case CollectiveType::kAllGather:
      return {own_bytes, other_bytes};
    case CollectiveType::kReduceScatter:
      return {other_bytes, own_bytes};
    case CollectiveType::kBroadcast:
      return has_root ? CarriedBytes{all_bytes, 0} : CarriedBytes{0, all_bytes};
    case CollectiveType::kReduce:
      return has_root ? CarriedBytes{0, all_bytes} : CarriedBytes{all_bytes, 0};
    case CollectiveType::kGather:
      return has_root ? CarriedBytes{0, other_bytes} : CarriedBytes{own_bytes, 0};
    case CollectiveType::kScatter:
      return has_root ? CarriedBytes{other_bytes, 0} : CarriedBytes{0, own_bytes};
    case CollectiveType::kAllToAll:
    case CollectiveType::kBarrier:
      break;
  }
  return {};
}

std::vector<CarriedBytes> Crossing(const CollectiveSpec& spec, const GroupDomains& domains) {
  std::vector<CarriedBytes> crossing;
  for (const Domain& domain : domains.Domains()) crossing.push_back(LeastCrossing(spec, domain));
  return crossing;
}

// What every rank of an algorithm that knows nodes sends to those of its own: in each phase all
// blocks but the share that stays on its own rail. The smallest block is no larger than this.
uint64_t HierarchicalInsideBytes(const CollectiveSpec& spec) {
  const bool has_rails =
      spec.algorithm == Algorithm::kHierarchical || spec.algorithm == Algorithm::kTwoShot;
  if (!has_rails || spec.local_size <= 1) return 0;
  const uint64_t phases = spec.type == CollectiveType::kAllReduce ? 2 : 1;
  const uint64_t nodes = spec.rank_count / spec.local_size;
  return phases * (spec.local_size - 1) * nodes * (spec.size_bytes / spec.rank_count);
}

}  // namespace

GroupDomains::GroupDomains(const RankMap& ranks, const std::vector<uint32_t>& members)
    : m_has_planes(ranks.NicsOfRank() > 1) {
  std::map<uint32_t, uint32_t> numbers, nic_numbers;
  for (uint32_t member = 0; member < members.size(); ++member) {
    const uint32_t rank = members[member];
    const auto next = static_cast<uint32_t>(m_domains.size());
    // Without a scale-up network a rank is alone.
    uint32_t number = next;
    if (ranks.ScaleUpOf(rank) != kNoEndpoint) {
      number = numbers.emplace(ranks.DomainOf(rank), next).first->second;
    }
    if (number == next) m_domains.emplace_back();
    m_domains[number].members.push_back(member);
    m_domain_of.push_back(number);
    const auto next_nic = static_cast<uint32_t>(nic_numbers.size());
    m_nic_of.push_back(nic_numbers.emplace(ranks.EndpointOf(rank), next_nic).first->second);
  }
  m_nic_count = static_cast<uint32_t>(nic_numbers.size());
  for (Domain& domain : m_domains) {
    std::set<uint32_t> nics, hosts;
    for (const uint32_t member : domain.members) {
      nics.insert(m_nic_of[member]);
      hosts.insert(ranks.HostOf(members[member]));
    }
    domain.sending_nics = domain.receiving_nics = nics.size();
    // In planes a host receives by the NICs of the senders' numbers, whoever the data is for.
    if (m_has_planes) domain.receiving_nics = hosts.size() * ranks.NicsOfRank();
  }
}

uint64_t NetworkBoundPs(const CollectiveSpec& spec, const GroupDomains& domains,
                        const EndpointConfig& config) {
  const uint64_t nic_bps = config.bound_rate_bps;
  uint64_t bound_ps = 0;
  const auto inside = [&](uint64_t bytes) {
    const double factor = config.scale_up_wire_factor;
    bound_ps = std::max(bound_ps, LinePs(bytes, config.scale_up_rate_bps, factor));
  };
  const auto across = [&](uint64_t bytes, uint64_t nics) {
    if (bytes == 0 || nic_bps == 0) return;
    const uint64_t line_ps = LinePs(bytes, nics * nic_bps, config.bound_wire_factor);
    bound_ps = std::max(bound_ps, line_ps + config.bound_latency_ps);
  };
  PairTraffic traffic;
  if (IsByPairs(spec)) {
    traffic = TrafficByPairs(spec, domains);
  } else {
    traffic.crossing = Crossing(spec, domains);
  }
  uint64_t nics = 0;
  for (size_t i = 0; i < traffic.crossing.size(); ++i) {
    const Domain& domain = domains.Domains()[i];
    across(traffic.crossing[i].sent, domain.sending_nics);
    across(traffic.crossing[i].received, domain.receiving_nics);
    nics += domain.sending_nics;
  }
  if (spec.type == CollectiveType::kAllReduce && spec.algorithm != Algorithm::kInNetwork) {
    across(PathBytes(2 * (domains.Domains().size() - 1), spec.size_bytes), nics);
  }
  if (spec.pair_bytes == nullptr) inside(HierarchicalInsideBytes(spec));
  if (spec.algorithm != Algorithm::kDirect) return bound_ps;
  for (const CarriedBytes& bytes : traffic.inside) inside(std::max(bytes.sent, bytes.received));
  for (const CarriedBytes& bytes : traffic.by_nic) {
    // A library lets any GPU of the host send by the NIC on the receiver's rail.
    if (config.library == nullptr) across(bytes.sent, 1);
    if (!domains.HasPlanes()) across(bytes.received, 1);
  }
  return bound_ps;
}

}  // namespace ddlsim
