// SPDX-License-Identifier: MIT
//
// The communicator groups of a parallelism plan.
#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/input-error.h"
#include "workload-gen/layers/axes.h"
#include "workload-gen/parallel/parallelism.h"

namespace ddlsim {
namespace {

using Groups = std::vector<std::vector<uint32_t>>;

// Where the ranks of a stage stand among the experts: tp becomes the ranks that share an expert, dp
// those that have the same ones, and context parallelism goes into both.
RankGrid ExpertGrid(const Parallelism& plan) {
  std::vector<GridAxis> axes;
  for (const std::string& name : ParseRankOrder("--rank-order", plan.rank_order)) {
    if (name == "tp") axes.push_back({name, plan.ExpertTensor()});
    if (name == "ep") axes.push_back({name, plan.expert});
    if (name == "dp") axes.push_back({name, plan.ExpertGradientRanks()});
  }
  return RankGrid(std::move(axes));
}

// The groups along an axis of the expert grid, in every stage.
Groups ExpertGroups(const Parallelism& plan, const Groups& stages, const std::string& axis) {
  const Groups places = ExpertGrid(plan).Groups({axis});
  Groups groups;
  for (const std::vector<uint32_t>& ranks : stages) {
    for (std::vector<uint32_t> group : places) {
      for (uint32_t& member : group) member = ranks[member];
      groups.push_back(std::move(group));
    }
  }
  return groups;
}

void AddAxis(const char* name, Groups groups, std::vector<GroupAxis>& axes) {
  if (groups.front().size() > 1) axes.push_back({name, std::move(groups)});
}

// Neighbours of each group as inner groups, and their likes across these.
void AddGroupsOf(const Groups& groups, uint32_t size, std::vector<GroupAxis>& axes) {
  Groups inner, outer;
  for (const std::vector<uint32_t>& ranks : groups) {
    const size_t first_outer = outer.size();
    outer.resize(first_outer + size);
    for (size_t i = 0; i < ranks.size(); ++i) {
      if (i % size == 0) inner.emplace_back();
      inner.back().push_back(ranks[i]);
      outer[first_outer + i % size].push_back(ranks[i]);
    }
  }
  AddAxis(kInnerDataAxis, std::move(inner), axes);
  AddAxis(kOuterDataAxis, std::move(outer), axes);
}

void AddExpertAxes(const Parallelism& plan, const RankGrid& dense, std::vector<GroupAxis>& axes) {
  const Groups stages = dense.Groups({"tp", "cp", "dp"});
  if (plan.ExpertTensor() > 1) {
    Groups shared = ExpertGroups(plan, stages, "tp"), tensor = dense.Groups({"tp"});
    std::sort(shared.begin(), shared.end());
    std::sort(tensor.begin(), tensor.end());
    if (shared != tensor) {
      throw InputError("--rank-order",
                       "the ranks that would share an expert are no tensor-parallel group",
                       "put tp first, or use --etp=1");
    }
  }
  AddAxis(kExpertAxis, ExpertGroups(plan, stages, "ep"), axes);
  AddAxis(kExpertDataAxis, ExpertGroups(plan, stages, "dp"), axes);
}

}  // namespace

std::vector<uint32_t> GroupMembers(const Parallelism& plan) {
  std::vector<uint32_t> members(plan.RankCount(), 0);
  if (plan.MemberCount() == 1) return members;
  if (plan.embedding_sharding != EmbeddingSharding::kDataParallel) {
    std::iota(members.begin(), members.end(), 0);  // no other axis divides such a model
    return members;
  }
  const Groups stages = DenseGrid(plan).Groups({"tp", "cp", "dp"});
  for (const std::vector<uint32_t>& group : ExpertGroups(plan, stages, "ep")) {
    for (uint32_t i = 0; i < group.size(); ++i) members[group[i]] = i;
  }
  return members;
}

std::vector<GroupAxis> GroupAxes(const Parallelism& plan) {
  const RankGrid grid = DenseGrid(plan);
  std::vector<GroupAxis> axes;
  AddAxis(kTensorAxis, grid.Groups({"tp"}), axes);
  AddAxis(kContextAxis, grid.Groups({"cp"}), axes);
  AddAxis(kDataParallelAxis, grid.Groups({"dp", "cp"}), axes);
  if (plan.data_group > 0) AddGroupsOf(grid.Groups({"dp", "cp"}), plan.data_group, axes);
  const Groups pipelines = grid.Groups({"pp"});
  AddAxis(kPipelineAxis, pipelines, axes);
  if (plan.pipeline > 1) {
    Groups ends;
    for (const std::vector<uint32_t>& ranks : pipelines) {
      ends.push_back({ranks.front(), ranks.back()});
    }
    AddAxis(kTiedAxis, std::move(ends), axes);
  }
  if (plan.expert > 1) AddExpertAxes(plan, grid, axes);
  return axes;
}

}  // namespace ddlsim
