// SPDX-License-Identifier: MIT
//
// Ways in which the ranks of a group bring one bucket of gradients together.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "workload-gen/graph/data-parallel-plan.h"
#include "workload-gen/graph/gradient-buckets.h"
#include "workload-gen/graph/node-stream.h"

namespace ddlsim {

class GradientReduction {
 public:
  virtual ~GradientReduction() = default;
  // `index`: of the bucket among those of its group; `prefix` goes before node names, `name` is the
  // bucket's, `gradients` what completes it. Returns the node that the bucket's users wait for.
  virtual uint64_t Reduce(const GradientBucket& bucket, size_t index, const std::string& prefix,
                          const std::string& name, const NodeIds& gradients, NodeStream& nodes) = 0;
};

// On `axis`, of `ranks` members: one collective, or what the plan asks for instead: within and
// between groups of ranks, or compressed. The plan must outlive it.
std::unique_ptr<GradientReduction> MakeReduction(const DataParallelPlan& plan,
                                                 const std::string& axis, uint32_t ranks);

}  // namespace ddlsim
