// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/parallelism.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <utility>

#include "base/input-error.h"
#include "workload-gen/parallel/embedding-sharding.h"
#include "workload-gen/parallel/model-division.h"

namespace ddlsim {
namespace {

[[noreturn]] void Refuse(const char* option, const std::string& problem,
                         const std::string& remedy) {
  throw InputError(option, problem, remedy);
}

void CheckGroups(const Parallelism& plan) {
  if (plan.data_group == 0) return;
  const uint32_t ranks = plan.GradientRanks();
  if (plan.data_group == 1 || plan.data_group >= ranks || ranks % plan.data_group != 0) {
    Refuse("--dp-group",
           absl::StrCat(plan.data_group, " does not part the ", ranks,
                        " ranks that share gradients into several groups of several"),
           "choose a divisor between");
  }
  if (plan.expert > 1) {
    Refuse("--dp-group", "groups beside --ep are not modelled", "leave one of them out");
  }
}

void CheckServers(const Parallelism& plan) {
  if (plan.servers == 0) return;
  if (plan.tensor * plan.context * plan.expert * plan.pipeline > 1) {
    Refuse("--parameter-servers", "beside other parallelism than --dp is not modelled",
           "use --tp=1 --cp=1 --ep=1 --pp=1");
  }
}

void CheckRanks(const Parallelism& plan) {
  uint64_t ranks = plan.servers + 1;
  for (uint64_t degree : {plan.tensor, plan.context, plan.data, plan.pipeline}) {
    ranks *= degree;
    if (ranks <= kRankCountMax) continue;
    Refuse("--dp", absl::StrCat("the degrees make more than ", kRankCountMax, " ranks"),
           "choose smaller ones");
  }
}

}  // namespace

uint32_t Parallelism::RankCount() const {
  return tensor * context * data * pipeline + servers;
}

Sharding Parallelism::LayerSharding() const {
  Sharding sharding;
  sharding.tensor = tensor;
  sharding.sequence = sequence && tensor > 1;
  sharding.context = context;
  sharding.expert = expert;
  sharding.expert_tensor = ExpertTensor();
  return sharding;
}

void CheckParallelism(const Parallelism& plan, const Architecture& model, const BatchShape& batch) {
  CheckRanks(plan);
  CheckGroups(plan);
  CheckServers(plan);
  CheckEmbeddingSharding(plan, model);
  ParseRankOrder("--rank-order", plan.rank_order);
  CheckDivision(plan, model, batch);
}

std::vector<std::string> ParseRankOrder(const std::string& place, const std::string& text) {
  std::vector<std::string> axes = absl::StrSplit(text, '-');
  std::vector<std::string> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != std::vector<std::string>{"cp", "dp", "ep", "pp", "tp"}) {
    throw InputError(place, "'" + Printable(text) + "' does not name each axis once",
                     "write an order of tp, cp, ep, dp and pp, such as tp-cp-ep-dp-pp");
  }
  return axes;
}

RankGrid DenseGrid(const Parallelism& plan) {
  std::vector<GridAxis> axes;
  for (const std::string& name : ParseRankOrder("--rank-order", plan.rank_order)) {
    if (name == "tp") axes.push_back({name, plan.tensor});
    if (name == "cp") axes.push_back({name, plan.context});
    if (name == "dp") axes.push_back({name, plan.data});
    if (name == "pp") axes.push_back({name, plan.pipeline});
  }
  return RankGrid(std::move(axes));
}

}  // namespace ddlsim
