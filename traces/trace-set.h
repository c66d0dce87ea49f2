// SPDX-License-Identifier: MIT
//
// A trace set opened for reading: ours (folder with manifest.json) or another tool's (a prefix or
// folder with NAME.<rank>.et files and, optionally, a groups JSON {"<name>": [ranks]}).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/trace-reader.h"
#include "traces/trace-writer.h"

namespace ddlsim {

struct TraceSet {
  std::string path;             // as the user named it
  bool has_manifest = false;    // ours: certified by counts and checksums
  uint32_t rank_count = 0;
  std::vector<RankClass> classes;   // with `file` resolved to an openable path
  std::vector<GroupAxis> axes;      // the empty name (all ranks) is not listed
  CommSizeMeaning comm_size_meaning = CommSizeMeaning::kTotal;
  std::string description_json;     // from the manifest, or "{}"

  // The members of `rank`'s group on the axis `name` ("" = all ranks), in communicator order.
  // Throws InputError (place: path) for an unknown name or a rank that is in no group.
  std::vector<uint32_t> GroupOf(const std::string& name, uint32_t rank) const;
};

struct OpenOptions {
  CommSizeMeaning comm_size_meaning = CommSizeMeaning::kTotal;  // for traces of other tools
  std::string groups_file;  // for traces of other tools; empty: PREFIX.json or comm_group.json if there
  bool verify_checksums = true;
};

// Finds the files and reads the manifest. `path`: a folder with manifest.json, a folder that holds
// exactly one family NAME.<rank>.et, or a prefix DIR/NAME. Throws InputError.
TraceSet OpenTraceSet(const std::string& path, const OpenOptions& options = {});

// Reads a whole set once and throws InputError for what would break a replay: a dependency on a
// node that does not exist, a cycle (named by its nodes), a duplicate id, a send or receive without
// its partner (with ranks and tag), a collective whose members disagree in type, size or order, a
// group or peer outside the set. Memory is bounded per node (about 100 bytes), names are not kept.
// Returns node counts.
struct ValidationReport {
  uint64_t nodes = 0;
  uint64_t compute_nodes = 0;
  uint64_t memory_nodes = 0;
  uint64_t send_nodes = 0;
  uint64_t receive_nodes = 0;
  uint64_t collective_nodes = 0;
  uint64_t communication_bytes = 0;  // sum of size_bytes over sends and collectives, per class
};
ValidationReport ValidateTraceSet(const TraceSet& set);

}  // namespace ddlsim
