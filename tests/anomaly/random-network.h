// SPDX-License-Identifier: MIT
//
// A network, its load and its troubles, all from one seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fabric/fabric.h"
#include "nic/rdma-nic.h"

namespace ddlsim {

struct RandomMessage {
  uint64_t start_ps;
  uint32_t src_host;
  uint32_t dst_host;
  uint32_t channel;
  uint64_t size_bytes;
};

struct RandomOutage {
  uint32_t link;  // in NetworkGraph::Links()
  uint64_t begin_ps;
  uint64_t end_ps;
};

struct RandomNetwork {
  NetworkGraph graph;
  FabricConfig fabric;
  NicConfig nic;
  std::vector<RandomMessage> messages;
  std::vector<RandomOutage> outages;
  std::string description;
};

RandomNetwork MakeRandomNetwork(uint64_t seed);

}  // namespace ddlsim
