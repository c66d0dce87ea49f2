// SPDX-License-Identifier: MIT
#include "workload-gen/graph/gradient-reduction.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "workload-gen/layers/axes.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint64_t kFp16Bytes = 2, kInt8Bytes = 1, kFp32Bytes = 4, kIndexBytes = 4;

class PlainReduction : public GradientReduction {
 public:
  PlainReduction(std::string axis, CollectiveType type) : m_axis(std::move(axis)), m_type(type) {}

  uint64_t Reduce(const GradientBucket& bucket, size_t /*index*/, const std::string& prefix,
                  const std::string& name, const NodeIds& gradients, NodeStream& nodes) override {
    return nodes.Collective(absl::StrCat(prefix, CollectiveName(m_type), "/", name), m_axis, m_type,
                            bucket.size_bytes, gradients);
  }

 private:
  const std::string m_axis;
  const CollectiveType m_type;
};

// Each inner group sums first, its members each a part with their likes in other groups.
class HierarchicalReduction : public GradientReduction {
 public:
  explicit HierarchicalReduction(const DataParallelPlan& plan) : m_plan(plan) {}

  uint64_t Reduce(const GradientBucket& bucket, size_t /*index*/, const std::string& prefix,
                  const std::string& name, const NodeIds& gradients, NodeStream& nodes) override {
    const uint64_t bytes = bucket.size_bytes;
    uint64_t node = nodes.Collective(absl::StrCat(prefix, "reduce_scatter/", name), kInnerDataAxis,
                                     CollectiveType::kReduceScatter, bytes, gradients);
    node = nodes.Collective(absl::StrCat(prefix, "all_reduce/", name), kOuterDataAxis,
                            CollectiveType::kAllReduce,
                            (bytes + m_plan.inner_ranks - 1) / m_plan.inner_ranks, {node});
    if (m_plan.zero != ZeroStage::kNone) return node;  // each rank keeps its part
    return nodes.Collective(absl::StrCat(prefix, "all_gather/", name), kInnerDataAxis,
                            CollectiveType::kAllGather, bytes, {node});
  }

 private:
  const DataParallelPlan& m_plan;
};

// Kernels beside the backward pass make what is sent and turn it back into gradients. Bytes are
// what these kernels have to read and write at least.
class CompressedReduction : public GradientReduction {
 public:
  CompressedReduction(const DataParallelPlan& plan, std::string axis, uint32_t ranks)
      : m_plan(plan), m_axis(std::move(axis)), m_ranks(ranks) {}

  uint64_t Reduce(const GradientBucket& bucket, size_t /*index*/, const std::string& prefix,
                  const std::string& name, const NodeIds& gradients, NodeStream& nodes) override {
    const uint64_t values = bucket.size_bytes / m_plan.gradient_bytes;
    const Names names{prefix, name};
    if (m_plan.compression == Compression::kFp16) return Fp16(values, names, gradients, nodes);
    if (m_plan.compression == Compression::kInt8) return Int8(values, names, gradients, nodes);
    return TopK(values, names, gradients, nodes);
  }

 private:
  struct Names {
    const std::string& prefix;
    const std::string& bucket;
    std::string Of(const char* what) const { return absl::StrCat(prefix, what, "/", bucket); }
  };

  static uint64_t Kernel(const std::string& name, uint64_t values, uint64_t bytes, uint64_t kernels,
                         const NodeIds& data, NodeStream& nodes) {
    return nodes.ComputeBeside(name, "compression", {values, bytes, kernels}, data);
  }

  uint64_t Fp16(uint64_t values, const Names& names, const NodeIds& gradients,
                NodeStream& nodes) const {
    const uint64_t cast_bytes = Product({m_plan.gradient_bytes + kFp16Bytes, values});
    uint64_t node = Kernel(names.Of("compress"), values, cast_bytes, 1, gradients, nodes);
    node = nodes.Collective(names.Of("all_reduce"), m_axis, CollectiveType::kAllReduce,
                            Product({kFp16Bytes, values}), {node});
    return Kernel(names.Of("decompress"), values, cast_bytes, 1, {node}, nodes);
  }

  // The largest value sets the scale; each rank sums its part of all ranks' values and quantises
  // the sum again.
  uint64_t Int8(uint64_t values, const Names& names, const NodeIds& gradients,
                NodeStream& nodes) const {
    const uint64_t g = m_plan.gradient_bytes;
    const uint64_t part = (values + m_ranks - 1) / m_ranks;
    uint64_t node = Kernel(names.Of("compress"), Product({2, values}),
                           Product({2 * g + kInt8Bytes, values}), 2, gradients, nodes);
    node = nodes.Collective(names.Of("all_to_all"), m_axis, CollectiveType::kAllToAll,
                            Product({kInt8Bytes, values}), {node});
    node = Kernel(names.Of("sum"), Product({2, values}),
                  Product({kInt8Bytes, values}) + Product({2 * kFp32Bytes + kInt8Bytes, part}), 3,
                  {node}, nodes);
    node = nodes.Collective(names.Of("all_gather"), m_axis, CollectiveType::kAllGather,
                            Product({kInt8Bytes, values}), {node});
    return Kernel(names.Of("decompress"), values, Product({kInt8Bytes + g, values}), 1, {node},
                  nodes);
  }

  // What was not sent before is added to the gradient (read both, write the sum), two passes find
  // the threshold, one writes what is sent and what stays; backwards, zeros and the sum of all
  // ranks' values.
  uint64_t TopK(uint64_t values, const Names& names, const NodeIds& gradients,
                NodeStream& nodes) const {
    const uint64_t g = m_plan.gradient_bytes;
    const auto sent = std::max<uint64_t>(
        1, static_cast<uint64_t>(std::ceil(static_cast<double>(values) * m_plan.top_share)));
    const uint64_t pair = kFp32Bytes + kIndexBytes;
    uint64_t node =
        Kernel(names.Of("compress"), Product({4, values}),
               Product({g + 6 * kFp32Bytes, values}) + Product({pair, sent}), 4, gradients, nodes);
    const uint64_t all = Product({sent, m_ranks});
    node = nodes.Collective(names.Of("all_gather"), m_axis, CollectiveType::kAllGather,
                            Product({pair, all}), {node});
    return Kernel(names.Of("decompress"), all, Product({g, values}) + Product({pair + 2 * g, all}),
                  2, {node}, nodes);
  }

  const DataParallelPlan& m_plan;
  const std::string m_axis;
  const uint32_t m_ranks;
};

// A bucket's gradients go to its server; what comes back is received at the iteration's end.
class ServerPush : public GradientReduction {
 public:
  explicit ServerPush(const DataParallelPlan& plan) : m_plan(plan) {}

  uint64_t Reduce(const GradientBucket& bucket, size_t index, const std::string& prefix,
                  const std::string& name, const NodeIds& gradients, NodeStream& nodes) override {
    return nodes.SendTo(absl::StrCat(prefix, "push/", name), m_plan.ServerOf(index),
                        bucket.size_bytes, static_cast<uint32_t>(index), gradients);
  }

 private:
  const DataParallelPlan& m_plan;
};

}  // namespace

std::unique_ptr<GradientReduction> MakeReduction(const DataParallelPlan& plan,
                                                 const std::string& axis, uint32_t ranks) {
  if (plan.servers > 0) return std::make_unique<ServerPush>(plan);
  if (plan.inner_ranks > 0) return std::make_unique<HierarchicalReduction>(plan);
  if (plan.compression != Compression::kNone) {
    return std::make_unique<CompressedReduction>(plan, axis, ranks);
  }
  return std::make_unique<PlainReduction>(axis, plan.zero == ZeroStage::kNone
                                                    ? CollectiveType::kAllReduce
                                                    : CollectiveType::kReduceScatter);
}

}  // namespace ddlsim
