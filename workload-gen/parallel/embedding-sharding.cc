// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/embedding-sharding.h"

#include <utility>
#include <variant>
#include <vector>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr std::pair<const char*, EmbeddingSharding> kNames[] = {
    {"data_parallel", EmbeddingSharding::kDataParallel},
    {"table_wise", EmbeddingSharding::kTableWise},
    {"row_wise", EmbeddingSharding::kRowWise}};

}  // namespace

EmbeddingSharding ParseEmbeddingSharding(const std::string& place, const std::string& text) {
  std::vector<std::string> names;
  for (const auto& [name, sharding] : kNames) {
    if (text == name) return sharding;
    names.emplace_back(name);
  }
  throw InputError(place, "'" + Printable(text) + "' is no known choice", Suggest(text, names));
}

const char* EmbeddingShardingName(EmbeddingSharding sharding) {
  for (const auto& [name, known] : kNames) {
    if (sharding == known) return name;
  }
  return "";
}

void CheckEmbeddingSharding(const Parallelism& plan, const Architecture& model) {
  if (plan.embedding_sharding == EmbeddingSharding::kDataParallel) return;
  const char* const option = "--embedding-sharding";
  if (!std::holds_alternative<RecommendationShape>(model.shape)) {
    throw InputError(option,
                     "'" + model.name + "' (" + model.Family() +
                         ") is no recommendation model with tables that ranks could share",
                     "leave it out");
  }
  if (plan.data == 1) {
    throw InputError(option, "there is one data-parallel rank: nothing to spread tables over",
                     "use data_parallel, or --dp=2 or more");
  }
}

}  // namespace ddlsim
