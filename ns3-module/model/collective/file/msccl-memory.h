// SPDX-License-Identifier: GPL-2.0-only
//
// Where the buffers of a GPU of MSCCL are in the memory of its rank.
#pragma once

#include "collective/file/msccl-program.h"

namespace ddlsim {

class MscclMemory {
 public:
  explicit MscclMemory(const MscclProgram& program) : m_program(program) {
    const auto gpu_count = static_cast<uint32_t>(program.gpus.size());
    const uint32_t block = program.chunk_count / gpu_count;
    const CollectiveType type = program.type;
    m_input_is_block = type == CollectiveType::kAllGather || type == CollectiveType::kGather;
    m_output_is_block = type == CollectiveType::kReduceScatter || type == CollectiveType::kScatter;
    m_block_chunks = block;
    // all_to_all reads one buffer and writes another, which the file may want to be one.
    m_is_direct = program.in_place && type != CollectiveType::kAllToAll;
    m_is_aliased = program.in_place;
    m_staged_chunks = m_is_direct ? 0 : (m_is_aliased ? 1 : 2) * program.chunk_count;
  }

  uint32_t InputChunks() const { return m_input_is_block ? m_block_chunks : m_program.chunk_count; }
  uint32_t OutputChunks() const {
    return m_output_is_block ? m_block_chunks : m_program.chunk_count;
  }
  uint32_t BufferChunks(uint32_t gpu, MscclBuffer buffer) const {
    switch (buffer) {
      case MscclBuffer::kInput:
        return InputChunks();
      case MscclBuffer::kOutput:
        return OutputChunks();
      case MscclBuffer::kScratch:
        break;
    }
    return m_program.gpus[gpu].scratch_chunks;
  }
  // Where the rank's buffer begins to be the GPU's input or output.
  uint64_t InputBase(uint32_t gpu) const { return m_input_is_block ? gpu * m_block_chunks : 0; }
  uint64_t OutputBase(uint32_t gpu) const { return m_output_is_block ? gpu * m_block_chunks : 0; }
  // Not in place, both are copied: into scratch memory first, and out of it at the end.
  bool IsDirect() const { return m_is_direct; }
  uint64_t StagedInput(uint32_t gpu) const { return kScratchOffsetBytes + InputBase(gpu); }
  uint64_t StagedOutput(uint32_t gpu) const {
    return kScratchOffsetBytes + (m_is_aliased ? 0 : m_program.chunk_count) + OutputBase(gpu);
  }
  uint64_t StagedChunks() const { return m_staged_chunks; }

  uint64_t Address(uint32_t gpu, const MscclRange& range) const {
    switch (range.buffer) {
      case MscclBuffer::kInput:
        return (m_is_direct ? InputBase(gpu) : StagedInput(gpu)) + range.offset;
      case MscclBuffer::kOutput:
        return (m_is_direct ? OutputBase(gpu) : StagedOutput(gpu)) + range.offset;
      case MscclBuffer::kScratch:
        break;
    }
    return kScratchOffsetBytes + m_staged_chunks + range.offset;
  }

 private:
  const MscclProgram& m_program;
  bool m_input_is_block;
  bool m_output_is_block;
  bool m_is_direct;
  bool m_is_aliased;
  uint32_t m_block_chunks;
  uint64_t m_staged_chunks;
};

}  // namespace ddlsim
