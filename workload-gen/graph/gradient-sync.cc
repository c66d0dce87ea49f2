// SPDX-License-Identifier: MIT
#include "workload-gen/graph/gradient-sync.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "workload-gen/parallel/axes.h"
namespace ddlsim {

BucketQueue::BucketQueue(const LayerModel& model, std::vector<GradientBucket> buckets,
                         std::string axis, std::string name, CollectiveType reduction)
    : m_axis(std::move(axis)),
      m_name(std::move(name)),
      m_reduction(reduction),
      m_buckets(std::move(buckets)),
      m_gradients(m_buckets.size()),
      m_buckets_of(model.operations.size()) {
  for (size_t i = 0; i < m_buckets.size(); ++i) {
    for (size_t producer : m_buckets[i].producers) m_buckets_of[producer].push_back(i);
  }
}

void BucketQueue::Reset() {
  for (NodeIds& gradients : m_gradients) gradients.clear();
  m_reduced.clear();
  m_next = 0;
}

void BucketQueue::OnGradient(size_t operation, uint64_t node, const std::string& prefix,
                             NodeStream& nodes) {
  for (size_t bucket : m_buckets_of[operation]) m_gradients[bucket].push_back(node);
  while (m_next < m_buckets.size() &&
         m_gradients[m_next].size() == m_buckets[m_next].producers.size()) {
    m_reduced.push_back(
        nodes.Collective(absl::StrCat(prefix, CollectiveName(m_reduction), "/", m_name, m_next),
                         m_axis, m_reduction, m_buckets[m_next].size_bytes, m_gradients[m_next]));
    ++m_next;
  }
}

void BucketQueue::Gather(uint64_t after, const DataParallelPlan& plan, NodeStream& nodes,
                         NodeIds& gathered) const {
  for (size_t i = 0; i < m_buckets.size(); ++i) {
    const uint64_t bytes = m_buckets[i].size_bytes / plan.gradient_bytes * plan.parameter_bytes;
    gathered.push_back(nodes.Collective(absl::StrCat("all_gather/", m_name, i), m_axis,
                                        CollectiveType::kAllGather, bytes, {after}));
  }
}

GradientSync::GradientSync(const LayerModel& model, const DataParallelPlan& plan,
                           const std::string& name)
    : m_plan(plan) {
  const CollectiveType reduction =
      plan.zero == ZeroStage::kNone ? CollectiveType::kAllReduce : CollectiveType::kReduceScatter;
  auto add = [&](uint32_t ranks, BucketContents contents, const char* axis, const char* kind) {
    if (ranks == 1) return;
    auto buckets = FormBuckets(model, plan.gradient_bytes, plan.buckets, contents);
    if (buckets.empty()) return;
    m_queues.emplace_back(model, std::move(buckets), axis, absl::StrCat(name, kind), reduction);
  };
  if (!plan.divides_experts) {
    add(plan.ranks, BucketContents::kAll, kDataParallelAxis, "bucket");
  } else {
    add(plan.ranks, BucketContents::kDense, kDataParallelAxis, "bucket");
    add(plan.expert_ranks, BucketContents::kExperts, kExpertDataAxis, "expert_bucket");
  }
}

void GradientSync::Reset() {
  for (BucketQueue& queue : m_queues) queue.Reset();
}

void GradientSync::OnGradient(size_t operation, uint64_t node, const std::string& prefix,
                              NodeStream& nodes) {
  for (BucketQueue& queue : m_queues) queue.OnGradient(operation, node, prefix, nodes);
}

void GradientSync::AddReduced(NodeIds& ids) const {
  for (const BucketQueue& queue : m_queues) {
    ids.insert(ids.end(), queue.Reduced().begin(), queue.Reduced().end());
  }
}

void GradientSync::GatherParameters(uint64_t optimizer, NodeStream& nodes,
                                    NodeIds& gathered) const {
  if (m_plan.zero == ZeroStage::kNone) return;
  for (const BucketQueue& queue : m_queues) queue.Gather(optimizer, m_plan, nodes, gathered);
}

}  // namespace ddlsim
