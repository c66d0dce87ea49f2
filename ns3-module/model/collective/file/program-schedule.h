// SPDX-License-Identifier: GPL-2.0-only
//
// A program of a file as a schedule for buffers of one size.
#pragma once

#include <utility>

#include "collective/file/chunk-program.h"

namespace ddlsim {

class ProgramSchedule : public Schedule {
 public:
  ProgramSchedule(ChunkProgram program, uint64_t chunk_bytes)
      : m_program(std::move(program)), m_chunk_bytes(chunk_bytes) {}
  uint32_t StepCount() const override { return m_program.step_count; }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  uint32_t LaneCount() const override { return m_program.lane_count; }
  uint32_t EngineCount() const override { return m_program.engine_count; }
  uint64_t ScratchBytes() const override { return m_program.scratch_chunk_count * m_chunk_bytes; }

 private:
  uint64_t OffsetBytes(uint64_t chunk) const;

  ChunkProgram m_program;
  uint64_t m_chunk_bytes;
};

}  // namespace ddlsim
