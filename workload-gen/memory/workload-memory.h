// SPDX-License-Identifier: MIT
//
// Memory of a workload: by stage, whether it fits into the GPU, and what would make it fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workload-gen/memory/stage-memory.h"
#include "workload-gen/plan/workload.h"

namespace ddlsim {

// Of a rank of each stage, the member `member` (GroupMembers).
MemoryModel MemoryOf(const Workload& workload, uint32_t member = 0);

struct MemoryVerdict {
  std::vector<StageMemory> stages;  // of the fullest rank of each
  std::vector<uint32_t> members;    // by stage: which member (GroupMembers) that is
  uint32_t fullest = 0;             // stage
  uint64_t capacity_bytes = 0;

  uint64_t PeakBytes() const { return static_cast<uint64_t>(stages[fullest].peak.Total()); }
  bool Fits() const { return PeakBytes() <= capacity_bytes; }
};

MemoryVerdict JudgeMemory(const Workload& workload);

// A change of options, and the peak of the fullest stage with it.
struct MemoryRemedy {
  std::vector<std::string> options;  // "--zero=1"
  uint32_t rank_count = 0;           // of the changed plan
  uint64_t peak_bytes = 0;
};

struct MemoryAdvice {
  uint32_t rank_count = 0;               // of the workload as it is
  std::vector<MemoryRemedy> single;      // that fit by themselves
  std::optional<MemoryRemedy> together;  // where none does: the first of a row of changes, each on
                                         // top of those before, that fits
  std::optional<MemoryRemedy> best_found;  // where nothing tried fits: the least peak
};

// Tries the usual remedies on a workload that does not fit, each by planning it anew: embedding
// tables spread over ranks, a higher --zero, --recompute=full, short parameters, smaller
// micro-batches, more --tp, more --pp (ranks are added, the batch of a replica stays).
MemoryAdvice AdviseMemory(const Workload& workload);

}  // namespace ddlsim
