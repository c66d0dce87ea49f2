// SPDX-License-Identifier: GPL-2.0-only
//
// A program of a file as a schedule for buffers of one size.
#pragma once

#include <memory>
#include <utility>

#include "collective/file/chunk-program.h"

namespace ddlsim {

class ProgramSchedule : public Schedule {
 public:
  ProgramSchedule(std::shared_ptr<const ChunkProgram> program, uint64_t chunk_bytes)
      : m_program(std::move(program)), m_chunk_bytes(chunk_bytes) {}
  uint32_t StepCount() const override {
    return m_chunk_bytes == 0 ? 0 : m_program->step_count;  // no bytes: no steps
  }
  void Step(uint32_t rank, uint32_t step, StepActions& actions) const override;
  uint32_t LaneCount() const override { return m_program->lane_count; }
  uint32_t EngineCount() const override { return m_program->engine_count; }
  uint64_t ScratchBytes() const override { return m_program->scratch_chunk_count * m_chunk_bytes; }

 private:
  uint64_t OffsetBytes(uint64_t chunk) const;

  std::shared_ptr<const ChunkProgram> m_program;
  uint64_t m_chunk_bytes;
};

}  // namespace ddlsim
