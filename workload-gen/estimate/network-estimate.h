// SPDX-License-Identifier: MIT
//
// How long groups of ranks take to exchange data, by closed formulas, with a network to themselves:
// rings and trees with the latencies that NCCL plans with (src/graph/tuning.cc), at the rate of the
// slower of the hosts' scale-up network and NICs. Hosts that name no library run collectives
// without one: of these there are formulas for groups within a host whose GPUs all have links to
// each other, and none else. Switches and links between hosts are taken to keep up with the NICs;
// the simulator is there for when they do not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hardware/host.h"
#include "traces/trace-writer.h"
#include "workload-gen/estimate/plain-mesh.h"

namespace ddlsim {

struct ExchangeEstimate {
  uint64_t duration_ns = 0;
  // Of what a rank's scale-up links and NICs can carry in that time: what it does carry.
  double scale_up_share = 0;
  double nic_share = 0;
};

class NetworkEstimate {
 public:
  // Ranks lie on the hosts in order, so many on each. Throws InputError (places --hardware,
  // --estimate) for hosts on which some groups cannot talk, or of which there is no formula.
  NetworkEstimate(const Host& host, uint32_t ranks_per_host, const std::vector<GroupAxis>& axes);

  // Among the groups on an axis, all alike: the first group counts.
  ExchangeEstimate Collective(CollectiveType type, uint64_t size_bytes,
                              const std::string& axis) const;
  // Between member `index` of the axis' first group and the one `offset` further on.
  ExchangeEstimate Message(uint64_t size_bytes, const std::string& axis, uint32_t index,
                           uint32_t offset = 1) const;
  // The same by a copy engine (GraphNode::is_copy).
  ExchangeEstimate Copy(uint64_t size_bytes, const std::string& axis, uint32_t offset) const;

 private:
  struct Group {
    std::vector<uint32_t> ranks;
    uint32_t domains = 1;           // of scale-up that it spans
    uint32_t ranks_per_domain = 1;  // on the fullest
  };

  void CheckFormulas(const Host& host) const;
  uint32_t DomainOf(uint32_t rank) const { return rank / m_domain_gpus; }
  // Of so many bytes that each rank sends over either network.
  ExchangeEstimate Shared(double duration_ns, double scale_up_bytes, double nic_bytes) const;
  // Bytes per nanosecond of a ring through a group.
  double RingRate(const Group& group) const;

  bool m_has_library = true;
  PairLink m_pair_link;        // without a library
  uint32_t m_domain_gpus = 1;  // with a rank, of the hosts on one scale-up network
  double m_scale_up_rate = 0;  // bytes per nanosecond of one GPU, each way
  double m_scale_up_latency_ns = 0;
  double m_nic_rate = 0;   // the same, of its share of the NICs
  double m_ring_rate = 0;  // that the library's copies reach within a host; 0: unknown
  std::map<std::string, Group> m_groups;
};

}  // namespace ddlsim
