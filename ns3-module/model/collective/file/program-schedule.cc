// SPDX-License-Identifier: GPL-2.0-only
#include "collective/file/program-schedule.h"

namespace ddlsim {

void ProgramSchedule::Step(uint32_t rank, uint32_t step, StepActions& actions) const {
  actions.Clear();
  const auto found = m_program->participants[rank].find(step);
  if (found == m_program->participants[rank].end()) return;
  actions = found->second;
  for (CopyAction& copy : actions.copies) {
    copy.from_offset_bytes = OffsetBytes(copy.from_offset_bytes);
    copy.offset_bytes = OffsetBytes(copy.offset_bytes);
    copy.size_bytes *= m_chunk_bytes;
  }
  for (SendAction& send : actions.sends) {
    send.offset_bytes = OffsetBytes(send.offset_bytes);
    send.size_bytes *= m_chunk_bytes;
  }
  for (ReceiveAction& receive : actions.receives) {
    receive.offset_bytes = OffsetBytes(receive.offset_bytes);
    receive.size_bytes *= m_chunk_bytes;
  }
}

uint64_t ProgramSchedule::OffsetBytes(uint64_t chunk) const {
  if (chunk < kScratchOffsetBytes) return chunk * m_chunk_bytes;
  return kScratchOffsetBytes + (chunk - kScratchOffsetBytes) * m_chunk_bytes;
}

}  // namespace ddlsim
