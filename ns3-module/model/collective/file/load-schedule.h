// SPDX-License-Identifier: GPL-2.0-only
//
// Collective algorithms of a user's own, from a file: JSON of this project or the XML of MSCCL.
// docs/collectives.md has both formats.
#pragma once

#include <memory>
#include <string>

#include "collective/file/chunk-program.h"
#include "collective/schedule.h"

namespace ddlsim {

// A file that was read and checked on symbolic data, once: that takes as long as the algorithm has
// chunks and ranks. Schedules of all sizes share it, and it may go before them.
class ScheduleFile {
 public:
  // `unnamed`: the collective of an MSCCL file that names none. Throws InputError (place PATH, with
  // line or element) for a file that cannot be read, is malformed, too large, or wrong (with which
  // rank lacks what).
  ScheduleFile(const std::string& path, CollectiveType unnamed);

  CollectiveType Type() const { return m_program->type; }
  uint32_t RankCount() const { return m_program->rank_count; }
  uint32_t ChunkCount() const { return m_program->chunk_count; }
  // Throws InputError: place PATH for another collective, group or root; place "--size" for a size
  // that is no multiple of the file's chunks. `spec.algorithm` and `spec.local_size` are not looked
  // at.
  std::unique_ptr<Schedule> Make(const CollectiveSpec& spec) const;

 private:
  std::string m_path;
  std::shared_ptr<const ChunkProgram> m_program;
};

// The file as a schedule for that size. Throws as the above do.
inline std::unique_ptr<Schedule> LoadScheduleFile(const std::string& path,
                                                  const CollectiveSpec& spec) {
  return ScheduleFile(path, spec.type).Make(spec);
}

}  // namespace ddlsim
