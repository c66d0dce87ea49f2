// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/node-aware-choice.h"

#include <algorithm>

namespace ddlsim {
namespace {

// Times of the algorithms in their steps, in picoseconds. S bytes, n ranks, nodes of L ranks, N
// nodes.
class NodeTimes {
 public:
  NodeTimes(const CollectiveSpec& spec, const NodeLinks& links)
      : m_links(links),
        m_size(static_cast<double>(spec.size_bytes)),
        m_ranks(spec.rank_count),
        m_local(spec.local_size),
        m_nodes(m_ranks / m_local),
        m_phases(spec.type == CollectiveType::kAllReduce ? 2 : 1) {}

  // Every step waits for the edges between nodes.
  double RingPs() const { return m_phases * (m_ranks - 1) * OutPs(m_size / m_ranks); }

  // The halves that are exchanged across nodes; those inside a node before them, or after.
  double HalvingDoublingPs() const {
    double ps = 0, bytes = m_size;
    for (double distance = 1; 2 * distance <= m_ranks; distance *= 2) {
      bytes /= 2;
      ps += m_phases * (distance < m_local ? UpPs(bytes) : OutPs(bytes * SharersOfNic()));
    }
    return ps;
  }

  // Rings inside the nodes, then, on each rail, a ring across; or the other way round.
  double HierarchicalAllReducePs() const {
    const double share = m_size / m_local;
    const double across_ps = std::min(2 * (m_nodes - 1) * OutPs(share / m_nodes * SharersOfNic()),
                                      AcrossHalvingPs(share));
    return 2 * (m_local - 1) * UpPs(share) + across_ps;
  }

  // N steps, in each of which a block crosses and the one before is handed on inside.
  double HierarchicalShardsPs() const {
    const double block = m_size / m_ranks;
    return m_nodes *
           std::max(OutPs(block * SharersOfNic()),
                    (m_local - 1) * block * m_links.up_ps_per_byte + m_links.up_latency_ps);
  }

 private:
  double UpPs(double bytes) const { return m_links.up_latency_ps + bytes * m_links.up_ps_per_byte; }
  double OutPs(double bytes) const {
    return m_links.out_latency_ps + bytes * m_links.out_ps_per_byte;
  }
  double SharersOfNic() const { return std::max(1.0, m_local / m_links.nics_per_node); }
  double AcrossHalvingPs(double bytes) const {
    double ps = 0;
    for (double nodes = m_nodes; nodes > 1; nodes /= 2) {
      bytes /= 2;
      ps += 2 * OutPs(bytes * SharersOfNic());
    }
    return ps;
  }

  const NodeLinks& m_links;
  const double m_size;
  const double m_ranks;
  const double m_local;
  const double m_nodes;
  const double m_phases;
};

bool IsPowerOfTwo(uint32_t value) {
  return (value & (value - 1)) == 0;
}

}  // namespace

Algorithm NodeAwareChoice(const CollectiveSpec& spec, const NodeLinks& links) {
  if (spec.local_size <= 1 || spec.local_size == spec.rank_count || spec.pair_bytes != nullptr) {
    return Algorithm::kAuto;
  }
  const NodeTimes times(spec, links);
  switch (spec.type) {
    case CollectiveType::kAllReduce: {
      Algorithm choice = Algorithm::kHierarchical;
      double least_ps = times.HierarchicalAllReducePs();
      if (IsPowerOfTwo(spec.rank_count) && IsPowerOfTwo(spec.local_size) &&
          times.HalvingDoublingPs() < least_ps) {
        choice = Algorithm::kHalvingDoubling;
        least_ps = times.HalvingDoublingPs();
      }
      return times.RingPs() < least_ps ? Algorithm::kRing : choice;
    }
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
      return times.RingPs() < times.HierarchicalShardsPs() ? Algorithm::kRing
                                                           : Algorithm::kHierarchical;
    default:
      return Algorithm::kAuto;
  }
}

}  // namespace ddlsim
