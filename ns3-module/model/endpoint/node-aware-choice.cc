// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint/node-aware-choice.h"

#include <algorithm>
#include <vector>

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

  // Every step waits for the edges between nodes, or within the only one.
  double RingPs() const {
    const double block = m_size / m_ranks;
    return m_phases * (m_ranks - 1) * (m_nodes > 1 ? OutPs(block) : UpPs(block));
  }

  // One step: everything to everyone, over a link of its own.
  double DirectAllReducePs() const { return UpPs(m_size); }

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

  // In each phase N steps, in each of which a block crosses, where there is another node, and the
  // one before is handed on inside. Of all_reduce: two_shot.
  double ShardsPs() const {
    const double block = m_size / m_ranks;
    const double inside_ps = HasPairLinks() ? UpPs(block) : UpPs((m_local - 1) * block);
    const double across_ps = m_nodes > 1 ? OutPs(block * SharersOfNic()) : 0;
    return m_phases * m_nodes * std::max(across_ps, inside_ps);
  }

 private:
  bool HasPairLinks() const { return m_links.pair_ps_per_byte > 0; }
  // From a rank to one other of its node.
  double UpPs(double bytes) const {
    return m_links.up_latency_ps +
           bytes * (HasPairLinks() ? m_links.pair_ps_per_byte : m_links.up_ps_per_byte);
  }
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

struct Candidate {
  Algorithm algorithm;
  double time_ps;
};

// The first of those that take the least time.
Algorithm Fastest(const std::vector<Candidate>& candidates) {
  const auto is_faster = [](const Candidate& a, const Candidate& b) {
    return a.time_ps < b.time_ps;
  };
  return std::min_element(candidates.begin(), candidates.end(), is_faster)->algorithm;
}

// Each two ranks of the one node have a link for themselves.
Algorithm ChoiceOnMesh(const CollectiveSpec& spec, const NodeTimes& times) {
  switch (spec.type) {
    case CollectiveType::kAllReduce:
      return Fastest({{Algorithm::kTwoShot, times.ShardsPs()},
                      {Algorithm::kDirect, times.DirectAllReducePs()},
                      {Algorithm::kRing, times.RingPs()}});
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
      return Fastest({{Algorithm::kDirect, times.ShardsPs()}, {Algorithm::kRing, times.RingPs()}});
    default:
      return Algorithm::kAuto;
  }
}

}  // namespace

Algorithm NodeAwareChoice(const CollectiveSpec& spec, const NodeLinks& links) {
  const bool has_pair_links = links.pair_ps_per_byte > 0;
  if (spec.local_size <= 1 || spec.pair_bytes != nullptr) return Algorithm::kAuto;
  const NodeTimes times(spec, links);
  if (spec.local_size == spec.rank_count) {
    return has_pair_links ? ChoiceOnMesh(spec, times) : Algorithm::kAuto;
  }
  switch (spec.type) {
    case CollectiveType::kAllReduce: {
      std::vector<Candidate> candidates{
          {Algorithm::kHierarchical, times.HierarchicalAllReducePs()}};
      if (IsPowerOfTwo(spec.rank_count) && IsPowerOfTwo(spec.local_size)) {
        candidates.push_back({Algorithm::kHalvingDoubling, times.HalvingDoublingPs()});
      }
      candidates.push_back({Algorithm::kRing, times.RingPs()});
      if (has_pair_links) candidates.push_back({Algorithm::kTwoShot, times.ShardsPs()});
      return Fastest(candidates);
    }
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
      return Fastest(
          {{Algorithm::kHierarchical, times.ShardsPs()}, {Algorithm::kRing, times.RingPs()}});
    default:
      return Algorithm::kAuto;
  }
}

}  // namespace ddlsim
