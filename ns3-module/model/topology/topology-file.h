// SPDX-License-Identifier: GPL-2.0-only
//
// Networks that a file describes: docs/topologies.md has the formats. Files may come from anywhere:
// their size, nesting and number of nodes and links are bounded, and they reach no other file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/topology-parts.h"

namespace ddlsim {

constexpr uint64_t kTopologyFileMaxBytes = uint64_t{64} << 20;
constexpr uint64_t kTopologyYamlMaxBytes = uint64_t{16} << 20;

struct TopologyFileOptions {
  // yaml, graphml, inet, orbis, rocketfuel, or auto: by the end of the file's name.
  std::string format = "auto";
  std::string format_place = "--file-format";
  TopologyParts parts;            // for what the file leaves open; fabric_links are not used
  uint32_t hosts_per_switch = 0;  // to add to each switch of a map without hosts; 0: none
};

struct TopologyFile {
  NetworkGraph graph;  // not canonical yet
  uint32_t host_count = 0;
};

// Throws InputError with place FILE, FILE:LINE or an option.
TopologyFile ReadTopologyFile(const std::string& path, const TopologyFileOptions& options);

// The same for a text; `place` stands for the file in messages, and the format is not "auto".
TopologyFile ParseTopology(const std::string& place, const std::string& text,
                           const TopologyFileOptions& options);

// The names of the formats, "auto" first.
const std::vector<std::string>& TopologyFileFormats();

}  // namespace ddlsim
