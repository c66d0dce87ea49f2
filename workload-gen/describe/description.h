// SPDX-License-Identifier: MIT
//
// Everything that `ddl-workload describe` finds, and its two forms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workload-gen/describe/memory-course.h"
#include "workload-gen/describe/trace-tables.h"

namespace ddlsim {

struct PathShare {
  std::string operation_class;
  uint64_t count = 0;
  uint64_t duration_ns = 0;
};

struct Description {
  std::vector<ClassTables> tables;  // by rank class
  uint64_t unknown_durations = 0;
  uint64_t critical_path_ns = 0;
  std::vector<PathShare> critical_path;  // by operation class, the largest first
  uint64_t critical_messages = 0;        // of pipeline stages and others, on it
  uint64_t critical_collectives = 0;     // on it
  std::vector<PassSpan> passes;          // empty where names do not tell
  std::optional<MemoryVerdict> memory;
  std::vector<MemoryMoment> memory_course;
};

Description Describe(const NodeSource& source);

// For people. `width`: columns of the pipeline diagram.
std::string DescriptionText(const NodeSource& source, const Description& description,
                            uint32_t width);

// Writes the same as tables into the folder, whose files docs/workloads.md describes. Throws
// InputError where it cannot be written; no file is left under its name unless whole.
void WriteDescription(const NodeSource& source, const Description& description,
                      const std::string& folder);

}  // namespace ddlsim
