// SPDX-License-Identifier: MIT
#include "workload-gen/describe/memory-course.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace ddlsim {
namespace {

char KindOf(PassStep::Kind kind) {
  if (kind == PassStep::Kind::kForward) return 'F';
  return kind == PassStep::Kind::kBackwardWeights ? 'W' : 'B';
}

// A stage's passes of the first iteration by kind and micro-batch, in the order in which they run:
// with several chunks a micro-batch has several of a kind.
class StagePasses {
 public:
  StagePasses(const std::vector<PassSpan>& passes, uint32_t stage) {
    for (const PassSpan& span : passes) {
      if (span.stage != stage || span.pass.iteration != 0) continue;
      m_spans[{span.pass.kind, span.pass.micro_batch}].push_back(&span);
      m_end_ns = std::max(m_end_ns, span.end_ns);
      if (span.pass.kind == 'O') m_optimizer_ns = span.begin_ns;
    }
  }

  // Null for a pass without kernels.
  const PassSpan* Next(const PassStep& step) {
    const auto key = std::make_pair(KindOf(step.kind), step.micro_batch);
    const auto& spans = m_spans[key];
    size_t& taken = m_taken[key];
    return taken < spans.size() ? spans[taken++] : nullptr;
  }

  // When all passes are over.
  uint64_t OptimizerNs() const { return m_optimizer_ns; }
  uint64_t EndNs() const { return m_end_ns; }

 private:
  std::map<std::pair<char, uint32_t>, std::vector<const PassSpan*>> m_spans;
  std::map<std::pair<char, uint32_t>, size_t> m_taken;
  uint64_t m_optimizer_ns = 0;
  uint64_t m_end_ns = 0;
};

}  // namespace

std::vector<MemoryMoment> MemoryCourse(const Workload& workload, const MemoryVerdict& verdict,
                                       const std::vector<PassSpan>& passes) {
  std::map<uint32_t, MemoryModel> models;  // by member
  for (uint32_t member : verdict.members) {
    if (models.count(member) == 0) models.emplace(member, MemoryOf(workload, member));
  }
  std::vector<MemoryMoment> course;
  for (uint32_t stage = 0; stage < workload.StageCount(); ++stage) {
    const MemoryModel& model = models.at(verdict.members[stage]);
    StagePasses own(passes, stage);
    const std::vector<PassStep> order = StageOrder(workload.plan.pipeline, stage);
    const size_t first = course.size();
    const auto add = [&](uint64_t time_ns, const MemoryUse& use) {
      if (course.size() > first && course.back().use == use) return;
      course.push_back({stage, time_ns, use});
    };
    add(0, model.Measure(stage).resident);
    size_t step_under_way = SIZE_MAX;
    const PassSpan* span = nullptr;
    uint64_t now_ns = 0;
    const MemoryUse end = model.Walk(stage, [&](size_t step, size_t kernel, const MemoryUse& use) {
      if (step != step_under_way) {
        step_under_way = step;
        span = own.Next(order[step]);
      }
      if (span != nullptr) {
        now_ns = span->kernel_begin_ns[std::min(kernel, span->kernel_begin_ns.size() - 1)];
      }
      add(now_ns, use);
    });
    add(own.OptimizerNs(), end);
    course.push_back({stage, own.EndNs(), end});
  }
  return course;
}

}  // namespace ddlsim
