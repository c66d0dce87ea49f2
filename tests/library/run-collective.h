// SPDX-License-Identifier: MIT
//
// One collective of all ranks on idle hosts, as the library runs it.
#pragma once

#include <gtest/gtest.h>

#include "cluster/test-cluster.h"
#include "hardware/host.h"
#include "library/library-plan.h"

namespace ddlsim {

inline CollectiveRecord RunCollective(const char* host, uint32_t nodes,
                                      const LibraryConfig& library, CollectiveType type,
                                      uint64_t size_bytes) {
  EndpointConfig config;
  config.library = &library;
  TestCluster cluster(LoadHost(host), nodes, config);
  CollectiveRequest request;
  request.type = type;
  request.size_bytes = size_bytes;
  request.name = "x";
  for (uint32_t rank = 0; rank < cluster.cluster.RankCount(); ++rank) {
    cluster.endpoint.Issue(rank, 0, request, rank);
  }
  cluster.Run();
  EXPECT_EQ(cluster.records.size(), 1u);
  return cluster.records.empty() ? CollectiveRecord() : cluster.records[0];
}

inline double Us(const CollectiveRecord& record) {
  return static_cast<double>(record.end_ps - record.start_ps) * 1e-6;
}

inline double ModelUs(const CollectiveRecord& record) {
  return static_cast<double>(record.model_ps) * 1e-6;
}

}  // namespace ddlsim
