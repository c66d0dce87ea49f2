// SPDX-License-Identifier: GPL-2.0-only
//
// An algorithm as files state it: what every participant does in every step, in chunks of a buffer
// instead of bytes. One program serves all sizes that its chunks divide.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collective/schedule.h"

namespace ddlsim {

// Limits of files: far above published algorithms, low enough to be checked in seconds.
constexpr size_t kScheduleFileMaxBytes = size_t{16} << 20;
constexpr uint32_t kFileRankCountMax = 1024;
constexpr uint32_t kFileChunkCountMax = 1 << 16;  // of a buffer, and of scratch memory
constexpr uint32_t kFileStepCountMax = 1 << 14;
constexpr uint32_t kFileLaneCountMax = 255;
constexpr uint64_t kFileMovedChunksMax = uint64_t{1} << 22;  // all messages and copies together

struct ChunkProgram {
  CollectiveType type = CollectiveType::kAllReduce;
  uint32_t rank_count = 1;
  uint32_t engine_count = 0;
  uint32_t root = 0;
  uint32_t chunk_count = 1;  // of the buffer; each rank's block is as many of them as any other's
  uint32_t scratch_chunk_count = 0;
  uint32_t lane_count = 1;
  uint32_t step_count = 0;
  // By participant: actions by step, offsets and sizes in chunks (scratch memory as in schedule.h).
  std::vector<std::map<uint32_t, StepActions>> participants;
};

// Whether the program does what its collective promises, on symbolic data: empty, or what is wrong
// ("rank 3: chunk 5 holds {0, 1} instead of {0, 1, 2}").
std::string ProgramProblem(const std::shared_ptr<const ChunkProgram>& program);

}  // namespace ddlsim
