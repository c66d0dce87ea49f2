// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/parallelism.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/input-error.h"
#include "workload-gen/numbers/arithmetic.h"
#include "workload-gen/parallel/embedding-sharding.h"

namespace ddlsim {
namespace {

[[noreturn]] void Refuse(const char* option, const std::string& problem,
                         const std::string& remedy) {
  throw InputError(option, problem, remedy);
}

void CheckDivides(const char* option, uint64_t degree, const std::string& what, uint64_t number) {
  if (number % degree == 0) return;
  Refuse(option, absl::StrCat(degree, " does not divide the ", number, " ", what),
         "choose a divisor");
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

void CheckAttention(const Parallelism& plan, const AttentionLayer& layer) {
  CheckDivides("--tp", plan.tensor, "attention heads", layer.heads);
  if (layer.key_value_heads % plan.tensor != 0) {
    Refuse("--tp",
           absl::StrCat(plan.tensor, " does not divide the ", layer.key_value_heads,
                        " key and value heads; copies of heads are not modelled"),
           "choose a divisor");
  }
}

void CheckExperts(const Parallelism& plan, const ExpertLayer& layer) {
  if (plan.expert == 1 && !layer.Used()) return;
  if (!layer.Used()) Refuse("--ep", "the model has no experts", "use 1");
  CheckDivides("--ep", plan.expert, "experts of a layer", layer.experts);
  const uint32_t together = plan.ExpertTensor();
  if (together != 1 && together != plan.tensor) {
    Refuse("--etp", absl::StrCat(together, " is neither 1 nor the ", plan.tensor, " of --tp"),
           "choose one of these");
  }
  if (together == 1 && plan.tensor > 1 && !plan.sequence) {
    Refuse("--etp",
           "whole experts beside divided layers need the tokens divided too, or all ranks of a "
           "tensor-parallel group would compute the same",
           "use --sequence-parallel=true, or leave --etp out");
  }
  CheckDivides("--etp", together, "columns of an expert", layer.width);
  const uint64_t places = uint64_t{plan.tensor} * plan.context * plan.data;
  if (places % (uint64_t{plan.expert} * together) != 0) {
    Refuse("--ep",
           absl::StrCat(plan.expert, " x --etp=", together, " does not divide the ", places,
                        " ranks of a pipeline stage, among which experts are spread"),
           "choose a divisor of these, or more data-parallel ranks");
  }
}

// As in Megatron-LM and PyTorch, which overlap the exchanges of sequence parallelism only.
void CheckOverlap(const Parallelism& plan, const BatchShape& batch) {
  const TensorOverlap& overlap = plan.overlap;
  if (overlap.method == TensorOverlap::Method::kNone) return;
  if (plan.tensor == 1) {
    Refuse("--tp-comm-overlap", "there is one tensor-parallel rank: nothing is exchanged",
           "use none, or --tp=2 or more");
  }
  if (!plan.sequence) {
    Refuse("--tp-comm-overlap",
           "without sequence parallelism the all_reduce of an input's gradient runs beside the "
           "weight's gradient anyway, and nothing else is overlapped",
           "use none, or --sequence-parallel=true");
  }
  if (overlap.method != TensorOverlap::Method::kPipeline) return;
  const uint64_t tokens =
      Product({batch.batch, batch.sequence_length / plan.context}) / plan.tensor;
  CheckDivides("--tp-comm-overlap", overlap.splits, "tokens of a rank in a micro-batch", tokens);
}

void CheckTransformer(const Parallelism& plan, const TransformerShape& shape,
                      const BatchShape& batch) {
  CheckAttention(plan, shape.attention);
  CheckDivides("--tp", plan.tensor, "columns of the feed-forward layer", shape.feed_forward.width);
  if (shape.experts.shared_width > 0) {
    CheckDivides("--tp", plan.tensor, "columns of the shared expert", shape.experts.shared_width);
  }
  CheckExperts(plan, shape.experts);
  CheckDivides("--cp", plan.context, "tokens of a sequence", batch.sequence_length);
  if (shape.pooler && plan.context > 1) {
    Refuse("--cp", "a pooler reads the first token of each sequence: not modelled", "use 1");
  }
  if (shape.pooler && plan.tensor > 1 && plan.sequence) {
    Refuse("--sequence-parallel", "a pooler reads the first token of each sequence: not modelled",
           "use --sequence-parallel=false");
  }
  if (plan.sequence && plan.tensor > 1) {
    CheckDivides("--tp", plan.tensor, "tokens of a micro-batch, which are divided too",
                 Product({batch.batch, batch.sequence_length / plan.context}));
  }
  CheckOverlap(plan, batch);
}

void CheckUndivided(const Parallelism& plan, const Architecture& model) {
  const auto check = [&](const char* option, uint32_t degree) {
    if (degree == 1) return;
    Refuse(option,
           absl::StrCat("layers of '", model.name, "' (", model.Family(),
                        ") are not divided: not modelled"),
           "use 1, and --dp or --pp");
  };
  check("--tp", plan.tensor);
  check("--cp", plan.context);
  check("--ep", plan.expert);
  CheckOverlap(plan, {});
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
  if (const auto* transformer = std::get_if<TransformerShape>(&model.shape)) {
    CheckTransformer(plan, *transformer, batch);
  } else {
    CheckUndivided(plan, model);
  }
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
