// SPDX-License-Identifier: MIT
//
// Writes a trace set: one file per rank class and manifest.json. The same calls give the same
// bytes; sizes are those of GraphNode (comm_size "total"). Not safe for use by several threads at
// once. Files are written as NAME.part and renamed by Finish(), the manifest last, so that a set
// with a manifest is whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "traces/execution-graph.h"

namespace ddlsim {

// A partition of (some of) the ranks into communicator groups under one name. A rank's group "dp"
// is the one list that contains it. A plain communicator is an axis with a single list.
struct GroupAxis {
  std::string name;
  std::vector<std::vector<uint32_t>> groups;  // each in communicator order; disjoint
};

// Ranks whose graphs are alike and share one file.
struct RankClass {
  std::string file;             // relative to the set's folder: "class-0.et"
  std::vector<uint32_t> ranks;  // ascending
};

class TraceSetWriter {
 public:
  struct Options {
    std::string folder;             // created if missing
    std::string generator_command;  // recorded in the manifest
    uint64_t seed = 0;
    uint32_t rank_count = 0;
    std::vector<GroupAxis> axes;
  };

  // Throws InputError when the folder cannot be written.
  explicit TraceSetWriter(Options options);
  ~TraceSetWriter();  // removes the .part files if Finish() was not reached

  // Begins the next rank class; nodes added from here on belong to it.
  void BeginClass(std::vector<uint32_t> ranks);
  // Nodes must come in topological order (dependencies before dependants): checked, throws
  // std::logic_error, since only a generator's bug can break it, or a limit of execution-graph.h.
  void Add(const GraphNode& node);
  // Model facts for the manifest, any JSON text (for example {"model":"gpt2","parameters":1}).
  void SetDescription(const std::string& json_object);
  // Closes the files, computes checksums and totals, reads everything back (every rank in exactly
  // one class, sends match receives, members of a group agree: see ValidateTraceSet), renames all.
  // Throws std::logic_error for a set that a reader would refuse, InputError where the disk is
  // full.
  void Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace ddlsim
