// SPDX-License-Identifier: MIT
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/input-error.h"
#include "workload-gen/memory/workload-memory.h"

namespace ddlsim {
namespace {

constexpr uint32_t kDegreeMax = 64;        // of tensor and pipeline parallelism
constexpr size_t kMicroBatchStepsMax = 8;  // sizes of micro-batches that are tried

struct Change {
  std::string option;
  std::string value;

  std::string Text() const { return absl::StrCat(option, "=", value); }
};

// One kind of remedy: its settings, from the mildest on.
using Ladder = std::vector<Change>;

WorkloadOptions Changed(WorkloadOptions options, const std::vector<Change>& changes) {
  const std::vector<WorkloadOption> table = WorkloadOptionTable();
  for (const Change& change : changes) {
    for (const WorkloadOption& option : table) {
      if (option.name == change.option) option.read(change.value, options);
    }
  }
  CheckWorkloadOptions(options);
  return options;
}

// The same workload with these changes; none where they are impossible for the model.
std::optional<MemoryRemedy> Try(const WorkloadOptions& options,
                                const std::vector<Change>& changes) {
  try {
    const Workload workload = PlanWorkload(Changed(options, changes));
    MemoryRemedy remedy;
    for (const Change& change : changes) remedy.options.push_back(change.Text());
    remedy.rank_count = workload.options.parallelism.RankCount();
    remedy.peak_bytes = JudgeMemory(workload).PeakBytes();
    return remedy;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

void AddDoublings(const char* option, uint32_t degree, std::vector<Ladder>& ladders) {
  ladders.emplace_back();
  for (uint32_t more = 2 * degree; more <= kDegreeMax; more *= 2) {
    ladders.back().push_back({option, absl::StrCat(more)});
  }
}

// In the order in which they cost: what takes no more time or ranks first.
std::vector<Ladder> Ladders(const WorkloadOptions& options) {
  std::vector<Ladder> ladders;
  if (options.parameter_precision == Precision::kFp32 && PrecisionBytes(options.precision) == 2) {
    ladders.push_back({{"--parameter-precision", PrecisionName(options.precision)}});
  }
  const bool has_spread_tables =
      options.parallelism.embedding_sharding != EmbeddingSharding::kDataParallel;
  if (!has_spread_tables) {
    ladders.push_back(
        {{"--embedding-sharding", "table_wise"}, {"--embedding-sharding", "row_wise"}});
  }
  ladders.emplace_back();
  for (int zero = static_cast<int>(options.zero) + 1; zero <= 3; ++zero) {
    ladders.back().push_back({"--zero", absl::StrCat(zero)});
  }
  ladders.emplace_back();
  for (uint64_t count = options.micro_batches + 1; count <= options.batch; ++count) {
    if (ladders.back().size() == kMicroBatchStepsMax) break;
    if (options.batch % count != 0) continue;
    ladders.back().push_back({"--microbatches", absl::StrCat(count)});
  }
  if (!options.recompute) ladders.push_back({{"--recompute", "full"}});
  if (has_spread_tables) AddDoublings("--dp", options.parallelism.data, ladders);
  AddDoublings("--tp", options.parallelism.tensor, ladders);
  AddDoublings("--pp", options.parallelism.pipeline, ladders);
  return ladders;
}

}  // namespace

MemoryAdvice AdviseMemory(const Workload& workload) {
  const uint64_t capacity = workload.plan.gpu.memory_size_bytes;
  const std::vector<Ladder> ladders = Ladders(workload.options);
  MemoryAdvice advice;
  advice.rank_count = workload.options.parallelism.RankCount();
  for (const Ladder& ladder : ladders) {
    for (const Change& change : ladder) {
      const auto remedy = Try(workload.options, {change});
      if (!remedy || remedy->peak_bytes > capacity) continue;
      advice.single.push_back(*remedy);
      break;
    }
  }
  if (!advice.single.empty()) return advice;
  std::vector<Change> changes;
  for (const Ladder& ladder : ladders) {
    std::vector<Change> best_changes = changes;
    for (const Change& change : ladder) {
      std::vector<Change> more = changes;
      more.push_back(change);
      const auto remedy = Try(workload.options, more);
      if (!remedy) continue;
      if (remedy->peak_bytes <= capacity) {
        advice.together = remedy;
        return advice;
      }
      if (advice.best_found && remedy->peak_bytes >= advice.best_found->peak_bytes) continue;
      advice.best_found = remedy;
      best_changes = std::move(more);
    }
    changes = std::move(best_changes);
  }
  return advice;
}

}  // namespace ddlsim
