// SPDX-License-Identifier: MIT
//
// A trace set opened for reading: ours (folder with manifest.json) or another tool's (a prefix or
// folder with NAME.<rank>.et files and, optionally, a groups JSON {"<name>": [ranks]}).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/class-totals.h"
#include "traces/trace-reader.h"
#include "traces/trace-writer.h"

namespace ddlsim {

struct TraceSet {
  std::string path;           // as the user named it
  bool has_manifest = false;  // ours: certified by counts and checksums
  uint32_t rank_count = 0;
  std::vector<RankClass> classes;  // with `file` resolved to an openable path
  std::vector<GroupAxis> axes;     // the empty name (all ranks) is not listed
  CommSizeMeaning comm_size_meaning = CommSizeMeaning::kTotal;
  std::string description_json;  // from the manifest, or "{}"

  // From the manifest; empty without one.
  std::string generator_command;
  uint64_t seed = 0;
  std::vector<ClassTotals> stated_totals;  // by class

  // The members of `rank`'s group on the axis `name` ("" = all ranks), in communicator order.
  // Throws InputError (place: path) for an unknown name or a rank that is in no group. Searches all
  // groups of the axis: GroupIndex answers faster and without copying.
  std::vector<uint32_t> GroupOf(const std::string& name, uint32_t rank) const;

  // The size of a communication node as in nccl-tests (execution-graph.h), whatever the files mean
  // by comm_size. A reader cannot convert, since that takes the ranks of the node's group: whoever
  // replays a node calls this once it knows them. Throws InputError where the size is too large.
  uint64_t SizeBytes(const GraphNode& node, uint64_t group_rank_count) const;

  // The rank that `rank`'s send or receive node means. Throws InputError for one outside the set.
  uint32_t PeerOf(const GraphNode& node, uint32_t rank) const;
};

struct OpenOptions {
  // For files that do not say it themselves, as those of other tools do not.
  CommSizeMeaning comm_size_meaning = CommSizeMeaning::kTotal;
  // For traces of other tools; empty: PREFIX.json, else comm_group.json beside it, if there.
  std::string groups_file;
  bool verify_checksums = true;
};

// Finds the files and reads the manifest. `path`: a folder with manifest.json, a folder that holds
// exactly one family NAME.<rank>.et, or a prefix DIR/NAME. Throws InputError.
TraceSet OpenTraceSet(const std::string& path, const OpenOptions& options = {});

// The member of `members` to which the one at `own_index` is joined by `offset`, round the group.
uint32_t RelativePeer(const std::vector<uint32_t>& members, uint32_t own_index, int32_t offset);

// Reads a whole set once and throws InputError for what would break a replay: a dependency on a
// node that does not exist, a cycle (named by its nodes), a duplicate id, a send or receive without
// its partner (with ranks and tag), a collective whose members disagree in type, size or order, a
// group or peer outside the set, a message to oneself. Memory is bounded per node (about 100 bytes)
// and dependency (8 bytes), names are not kept. Files in topological order cost less: 64 bytes per
// gap in their sequence of ids. Of a set with a manifest it requires that order, and the totals
// that the manifest states. Returns node counts, per file: a rank class counts once.
struct ValidationReport {
  uint64_t nodes = 0;
  uint64_t compute_nodes = 0;
  uint64_t memory_nodes = 0;
  uint64_t send_nodes = 0;
  uint64_t receive_nodes = 0;
  uint64_t collective_nodes = 0;
  uint64_t communication_bytes = 0;  // sum of size_bytes over sends and collectives, per class
  // Whether in every file dependencies stand before their dependants, so that it can be replayed as
  // it is read.
  bool is_topological = true;
};
ValidationReport ValidateTraceSet(const TraceSet& set);

}  // namespace ddlsim
