// SPDX-License-Identifier: GPL-2.0-only
#include "collective/file/chunk-program.h"

#include <random>

#include "collective/check/collective-oracle.h"
#include "collective/file/program-schedule.h"

namespace ddlsim {

// With one byte per chunk, bytes are chunks. The order of execution decides nothing but which of
// several problems is found: the executor refuses receives of one step that overlap.
std::string ProgramProblem(const std::shared_ptr<const ChunkProgram>& shared) {
  const ChunkProgram& program = *shared;
  CollectiveSpec spec;
  spec.type = program.type;
  spec.rank_count = program.rank_count;
  spec.root = program.root;
  spec.size_bytes = program.chunk_count;
  std::mt19937_64 random(1);
  std::string problem =
      ScheduleProblem(spec, ProgramSchedule(shared, 1), ExecutionOrder::kNewestFirst, random);
  const std::string unit = ": byte ";
  const size_t at = problem.find(unit);
  if (at != std::string::npos) problem.replace(at, unit.size(), ": chunk ");
  return problem;
}

}  // namespace ddlsim
