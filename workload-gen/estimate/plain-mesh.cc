// SPDX-License-Identifier: MIT
#include "workload-gen/estimate/plain-mesh.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ddlsim {
namespace {

// Rounds in which what one rank knows, or knows to be awaited, reaches twice as many.
double Doublings(uint32_t ranks) {
  double rounds = 0;
  for (uint64_t reached = 1; reached < ranks; reached *= 2) ++rounds;
  return rounds;
}

}  // namespace

PairLink SlowestPairLink(const Host& host) {
  const ScaleUp& scale_up = host.scale_up;
  PairLink link{0, static_cast<double>(scale_up.latency_ps) / 1000};
  if (scale_up.kind != ScaleUpKind::kMesh) return link;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> bricks;
  for (const GpuLink& each : scale_up.links) bricks[std::minmax(each.a, each.b)] += each.bricks;
  if (bricks.size() != size_t{host.gpu_count} * (host.gpu_count - 1) / 2) return link;
  uint32_t fewest = UINT32_MAX;
  for (const auto& entry : bricks) fewest = std::min(fewest, entry.second);
  const double payload_share = static_cast<double>(scale_up.framing.packet_bytes) /
                               (scale_up.framing.packet_bytes + scale_up.framing.overhead_bytes);
  link.rate = fewest * payload_share * static_cast<double>(scale_up.rate_bps) / 8e9;
  return link;
}

PlainExchange PlainCollective(CollectiveType type, uint64_t size_bytes, uint32_t ranks,
                              const PairLink& link) {
  const auto size = static_cast<double>(size_bytes);
  const double peers = ranks - 1.0, rounds = Doublings(ranks);
  // So many bytes to each of the others at once.
  const auto shot = [&](double bytes) {
    return PlainExchange{link.latency_ns + bytes / link.rate, bytes * peers};
  };
  const PlainExchange share = shot(size / ranks);
  switch (type) {
    case CollectiveType::kAllReduce: {
      const PlainExchange one = shot(size);
      const PlainExchange two{2 * share.duration_ns, 2 * share.sent_bytes};
      return one.duration_ns <= two.duration_ns ? one : two;
    }
    case CollectiveType::kBarrier:
      return {rounds * link.latency_ns, 0};
    case CollectiveType::kBroadcast:
    case CollectiveType::kReduce:
      return {rounds * (link.latency_ns + size / link.rate), rounds * size};
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
    case CollectiveType::kAllToAll:
    case CollectiveType::kGather:
    case CollectiveType::kScatter:
      break;
  }
  return share;
}

}  // namespace ddlsim
