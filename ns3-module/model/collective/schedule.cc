// SPDX-License-Identifier: GPL-2.0-only
#include "collective/schedule.h"

namespace ddlsim {

double BusBandwidthFactor(CollectiveType type, uint32_t rank_count) {
  const double n = rank_count;
  switch (type) {
    case CollectiveType::kAllReduce:
      return 2 * (n - 1) / n;
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
    case CollectiveType::kAllToAll:
    case CollectiveType::kGather:
    case CollectiveType::kScatter:
      return (n - 1) / n;
    case CollectiveType::kBroadcast:
    case CollectiveType::kReduce:
      return 1;
    case CollectiveType::kBarrier:
      break;
  }
  return 0;
}

double BusBandwidthFactor(const CollectiveSpec& spec) {
  return spec.is_send_receive ? 1 : BusBandwidthFactor(spec.type, spec.rank_count);
}

const char* OperationName(const CollectiveSpec& spec) {
  return spec.is_send_receive ? "sendrecv" : CollectiveName(spec.type);
}

}  // namespace ddlsim
