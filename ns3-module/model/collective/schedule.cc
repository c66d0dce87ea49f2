// SPDX-License-Identifier: GPL-2.0-only
#include "collective/schedule.h"

#include <stdexcept>

#include "collective/algorithm-choice.h"
#include "collective/binomial-tree.h"
#include "collective/direct-all-to-all.h"
#include "collective/dissemination-barrier.h"
#include "collective/halving-doubling.h"
#include "collective/ring-broadcast.h"
#include "collective/ring-schedule.h"

namespace ddlsim {
namespace {

class NoSteps : public BoundedSchedule {
 public:
  uint32_t StepCount() const override { return 0; }
  void Step(uint32_t /*rank*/, uint32_t /*step*/, StepActions& /*actions*/) const override {
    throw std::logic_error("a step of a schedule that has none");
  }
  CriticalPath Path() const override { return {}; }
};

}  // namespace

std::unique_ptr<BoundedSchedule> MakeBoundedSchedule(const CollectiveSpec& spec) {
  const CollectiveSpec checked = CheckedSpec(spec);
  if (HasNoSteps(checked)) return std::make_unique<NoSteps>();
  const uint32_t n = checked.rank_count;
  const uint64_t size_bytes = checked.size_bytes;
  switch (checked.type) {
    case CollectiveType::kAllReduce:
      if (checked.algorithm == Algorithm::kHalvingDoubling) {
        return std::make_unique<HalvingDoubling>(n, size_bytes);
      }
      return std::make_unique<RingSchedule>(n, size_bytes, RingPhases::kReduceThenGather);
    case CollectiveType::kAllGather:
      return std::make_unique<RingSchedule>(n, size_bytes, RingPhases::kGather);
    case CollectiveType::kReduceScatter:
      return std::make_unique<RingSchedule>(n, size_bytes, RingPhases::kReduce);
    case CollectiveType::kBroadcast:
      if (checked.algorithm == Algorithm::kRing) {
        return std::make_unique<RingBroadcast>(n, size_bytes, checked.root);
      }
      return std::make_unique<BinomialTree>(n, size_bytes, checked.root);
    case CollectiveType::kAllToAll:
      return std::make_unique<DirectAllToAll>(n, size_bytes);
    case CollectiveType::kBarrier:
      return std::make_unique<DisseminationBarrier>(n);
    case CollectiveType::kReduce:
    case CollectiveType::kGather:
    case CollectiveType::kScatter:
      break;
  }
  throw std::logic_error("a collective without schedule passed the check");
}

std::unique_ptr<Schedule> MakeSchedule(const CollectiveSpec& spec) {
  return MakeBoundedSchedule(spec);
}

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

}  // namespace ddlsim
