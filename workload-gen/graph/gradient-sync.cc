// SPDX-License-Identifier: MIT
#include "workload-gen/graph/gradient-sync.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "workload-gen/layers/axes.h"
namespace ddlsim {

BucketQueue::BucketQueue(const LayerModel& model, std::vector<GradientBucket> buckets,
                         std::string axis, std::string name, uint64_t gradient_bytes,
                         std::unique_ptr<GradientReduction> reduction)
    : m_axis(std::move(axis)),
      m_name(std::move(name)),
      m_gradient_bytes(gradient_bytes),
      m_reduction(std::move(reduction)),
      m_buckets(std::move(buckets)),
      m_buckets_of(model.operations.size()) {
  for (size_t i = 0; i < m_buckets.size(); ++i) {
    for (size_t producer : m_buckets[i].producers) m_buckets_of[producer].push_back(i);
  }
}

void BucketQueue::Reset() {
  m_progress.clear();
  m_reduced.clear();
}

void BucketQueue::OnGradient(uint32_t micro_batch, size_t operation, uint64_t node,
                             const std::string& prefix, NodeStream& nodes) {
  Progress& progress = m_progress[micro_batch];
  progress.gradients.resize(m_buckets.size());
  for (size_t bucket : m_buckets_of[operation]) progress.gradients[bucket].push_back(node);
  size_t& next = progress.next;
  while (next < m_buckets.size() &&
         progress.gradients[next].size() == m_buckets[next].producers.size()) {
    m_reduced.push_back(m_reduction->Reduce(m_buckets[next], next, prefix,
                                            absl::StrCat(m_name, next), progress.gradients[next],
                                            nodes));
    ++next;
  }
  if (next == m_buckets.size()) m_progress.erase(micro_batch);
}

void BucketQueue::Exchange(CollectiveType type, uint64_t after, uint64_t value_bytes,
                           NodeStream& nodes, NodeIds& exchanged) const {
  for (size_t i = 0; i < m_buckets.size(); ++i) {
    exchanged.push_back(ExchangeBucket(i, type, {after}, {}, value_bytes, nodes));
  }
}

uint64_t BucketQueue::ExchangeBucket(size_t bucket, CollectiveType type, NodeIds data,
                                     NodeIds control, uint64_t value_bytes,
                                     NodeStream& nodes) const {
  const uint64_t bytes = m_buckets[bucket].size_bytes / m_gradient_bytes * value_bytes;
  return nodes.Collective(absl::StrCat(CollectiveName(type), "/", m_name, bucket), m_axis, type,
                          bytes, std::move(data), std::move(control));
}

GradientSync::GradientSync(const LayerModel& model, const DataParallelPlan& plan,
                           const std::string& name)
    : m_plan(plan) {
  auto add = [&](uint32_t ranks, BucketContents contents, const char* axis, const char* kind) {
    if (plan.inner_ranks > 0) axis = kInnerDataAxis;
    if (ranks == 1 && plan.servers == 0) return;
    auto buckets = FormBuckets(model, plan.gradient_bytes, plan.buckets, contents);
    if (buckets.empty()) return;
    m_queues.emplace_back(model, std::move(buckets), axis, absl::StrCat(name, kind),
                          plan.gradient_bytes, MakeReduction(plan, axis, ranks));
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

void GradientSync::OnGradient(uint32_t micro_batch, size_t operation, uint64_t node,
                              const std::string& prefix, NodeStream& nodes) {
  for (BucketQueue& queue : m_queues) {
    queue.OnGradient(micro_batch, operation, node, prefix, nodes);
  }
}

void GradientSync::AddReduced(NodeIds& ids) const {
  for (const BucketQueue& queue : m_queues) {
    ids.insert(ids.end(), queue.Reduced().begin(), queue.Reduced().end());
  }
}

void GradientSync::GatherParameters(uint64_t optimizer, NodeStream& nodes,
                                    NodeIds& gathered) const {
  if (m_plan.zero == ZeroStage::kNone || m_plan.gathers_beside_forward) return;
  for (const BucketQueue& queue : m_queues) {
    queue.Exchange(CollectiveType::kAllGather, optimizer, m_plan.parameter_bytes, nodes, gathered);
  }
}

void GradientSync::AverageParameters(uint64_t optimizer, NodeStream& nodes,
                                     NodeIds& averaged) const {
  for (const BucketQueue& queue : m_queues) {
    queue.Exchange(CollectiveType::kAllReduce, optimizer, m_plan.stored_bytes, nodes, averaged);
  }
}

void GradientSync::PullParameters(NodeStream& nodes, NodeIds& received) const {
  for (const BucketQueue& queue : m_queues) {
    for (size_t i = 0; i < queue.Buckets().size(); ++i) {
      const uint64_t bytes =
          queue.Buckets()[i].size_bytes / m_plan.gradient_bytes * m_plan.stored_bytes;
      received.push_back(nodes.ReceiveFrom(absl::StrCat("pull/bucket", i), m_plan.ServerOf(i),
                                           bytes, static_cast<uint32_t>(i), {nodes.LastCompute()}));
    }
  }
}

}  // namespace ddlsim
