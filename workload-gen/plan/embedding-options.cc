// SPDX-License-Identifier: MIT
#include "workload-gen/plan/embedding-options.h"

#include <string>
#include <variant>

#include "base/input-error.h"
#include "workload-gen/parallel/embedding-sharding.h"
#include "workload-gen/plan/workload-options.h"

namespace ddlsim {
namespace {

constexpr const char* kOption = "--embedding-sharding";

}  // namespace

std::vector<WorkloadOption> EmbeddingOptionTable() {
  return {{kOption, "HOW",
           "Embedding tables of recommendation models: data_parallel (every rank has all), "
           "table_wise (each lies on one rank of --dp), row_wise (each rank has a part of the rows "
           "of each; default data_parallel)",
           [](const std::string& text, WorkloadOptions& o) {
             o.parallelism.embedding_sharding = ParseEmbeddingSharding(kOption, text);
           },
           // Empty where it changes nothing, so that other commands stay as they are.
           [](const WorkloadOptions& o) {
             const EmbeddingSharding sharding = o.parallelism.embedding_sharding;
             return std::string(sharding == EmbeddingSharding::kDataParallel
                                    ? ""
                                    : EmbeddingShardingName(sharding));
           }}};
}

void CheckEmbeddingOptions(const WorkloadOptions& options) {
  if (options.parallelism.embedding_sharding == EmbeddingSharding::kDataParallel) return;
  if (options.zero != ZeroStage::kNone) {
    throw InputError(kOption,
                     "the tables are divided already, and --zero of the other layers beside them "
                     "is not modelled",
                     "use --zero=0");
  }
  if (options.local_steps > 1) {
    throw InputError(kOption,
                     "ranks exchange the tables' vectors in every iteration, which --local-steps "
                     "is to avoid",
                     "leave one of them out");
  }
  if (options.parallelism.servers > 0) {
    throw InputError(kOption, "--parameter-servers keep all parameters, the tables too",
                     "leave one of them out");
  }
  if (options.micro_batches > 1) {
    throw InputError(kOption,
                     "tables are updated in the backward pass, so that gradients of several "
                     "micro-batches cannot be added up first",
                     "use --microbatches=1");
  }
}

std::shared_ptr<const TablePlacement> RequestedTablePlacement(const Parallelism& plan,
                                                              const Architecture& model) {
  const EmbeddingSharding sharding = plan.embedding_sharding;
  const auto* shape = std::get_if<RecommendationShape>(&model.shape);
  if (sharding == EmbeddingSharding::kDataParallel || shape == nullptr) return nullptr;
  return std::make_shared<const TablePlacement>(
      PlaceTables(sharding, shape->table_rows, shape->embedding_width, plan.data, model.optimizer));
}

}  // namespace ddlsim
