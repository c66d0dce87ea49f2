// SPDX-License-Identifier: GPL-2.0-only
#include "collective/file/load-schedule.h"

#include <algorithm>
#include <utility>

#include "base/input-error.h"
#include "collective/file/msccl-reader.h"
#include "collective/file/program-schedule.h"
#include "collective/file/schedule-json.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

constexpr uint64_t kScratchMaxBytes = uint64_t{1} << 58;

void CheckFits(const std::string& path, const ChunkProgram& program, const CollectiveSpec& spec) {
  if (program.type != spec.type) {
    throw InputError(path,
                     std::string("is an algorithm for ") + CollectiveName(program.type) +
                         ", asked for is " + CollectiveName(spec.type),
                     "name a file for the collective");
  }
  if (program.rank_count != spec.rank_count) {
    throw InputError(path,
                     "is for " + std::to_string(program.rank_count) + " ranks, the group has " +
                         std::to_string(spec.rank_count),
                     "name a file for as many ranks");
  }
  if (IsRooted(spec.type) && program.root != spec.root) {
    throw InputError(path,
                     "has root " + std::to_string(program.root) + ", asked for is root " +
                         std::to_string(spec.root),
                     "name a file for this root");
  }
  if (spec.pair_bytes != nullptr || spec.is_send_receive) {
    throw InputError(path, "has chunks of one size, asked for are sizes by pair",
                     "use --algo=direct");
  }
  const uint64_t scratch_chunks = program.scratch_chunk_count;
  const uint64_t chunk_bytes = spec.size_bytes / program.chunk_count;
  if (scratch_chunks > 0 && chunk_bytes > kScratchMaxBytes / scratch_chunks) {
    throw InputError("--size",
                     std::to_string(spec.size_bytes) + " bytes need too much scratch memory in " +
                         Printable(path),
                     "use a smaller size");
  }
  if (spec.size_bytes % program.chunk_count != 0) {
    throw InputError("--size",
                     std::to_string(spec.size_bytes) + " bytes cannot be cut into the " +
                         std::to_string(program.chunk_count) + " equal chunks of " +
                         Printable(path),
                     "use a multiple of the number of chunks");
  }
}

bool IsXml(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return first != std::string::npos && text[first] == '<';
}

}  // namespace

ScheduleFile::ScheduleFile(const std::string& path, CollectiveType unnamed) : m_path(path) {
  const std::string text = ReadSmallFile(path, kScheduleFileMaxBytes);
  auto program = std::make_shared<ChunkProgram>(IsXml(text) ? ReadMscclProgram(path, text, unnamed)
                                                            : ReadJsonProgram(path, text));
  const std::string problem = ProgramProblem(program);
  if (!problem.empty()) {
    throw InputError(path, std::string("is no ") + CollectiveName(program->type) + ": " + problem,
                     "correct the algorithm");
  }
  m_program = std::move(program);
}

std::unique_ptr<Schedule> ScheduleFile::Make(const CollectiveSpec& spec) const {
  CheckFits(m_path, *m_program, spec);
  return std::make_unique<ProgramSchedule>(m_program, spec.size_bytes / m_program->chunk_count);
}

}  // namespace ddlsim
