// SPDX-License-Identifier: MIT
//
// A cluster of hosts with several GPUs, its NICs on one switch, and an endpoint on top of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/scale-up-framing.h"
#include "cluster/scale-up-graph.h"
#include "endpoint/cluster-ranks.h"
#include "endpoint/endpoint.h"
#include "fabric/test-network.h"

namespace ddlsim {

inline NetworkGraph ClusterGraph(const ClusterMap& cluster, const ScaleUpGraphOptions& options = {},
                                 const LinkConfig& links = {}) {
  NetworkGraph graph;
  if (cluster.HasScaleOut()) {
    const auto nics = static_cast<uint32_t>(cluster.NicEndpoints().size());
    AddScaleOut(cluster, BuildStar(nics, {}, links), graph);
  }
  AddScaleUp(cluster, options, graph);
  graph.Canonicalize();
  return graph;
}

inline NicConfig ClusterNics(const ClusterMap& cluster, const NetworkGraph& graph) {
  NicConfig nic;
  SetScaleUpFraming(cluster, graph, nic);
  return nic;
}

// Endpoints of all ranks that write down when an operation, by its token, was complete.
class TestCluster : public EndpointListener, public CollectiveObserver {
 public:
  TestCluster(const Host& host, uint32_t host_count, const EndpointConfig& config = {})
      : TestCluster(ClusterMap(host, host_count, host_count * host.gpu_count), config) {}
  TestCluster(const ClusterMap& map, const EndpointConfig& config)
      : TestCluster(map, ClusterGraph(map), config) {}
  TestCluster(const ClusterMap& map, const NetworkGraph& network, const EndpointConfig& config)
      : cluster(map),
        graph(network),
        fabric(graph, {}),
        nic(fabric, ClusterNics(cluster, graph)),
        ranks(MakeRankMap(cluster, graph)),
        communicators(cluster.RankCount(), {}),
        endpoint(ranks, communicators, config, nic, this),
        end_ps(cluster.RankCount(), 0) {
    nic.SetListener(&endpoint);
    endpoint.SetListener(this);
  }

  void AllReduce(uint64_t size_bytes) {
    CollectiveRequest request;
    request.type = CollectiveType::kAllReduce;
    request.size_bytes = size_bytes;
    request.algorithm = Algorithm::kRing;
    request.name = "sum";
    for (uint32_t rank = 0; rank < cluster.RankCount(); ++rank) {
      endpoint.Issue(rank, 0, request, rank);
    }
    Run();
  }
  void Message(uint32_t src, uint32_t dst, uint64_t size_bytes) {
    endpoint.PostReceive(dst, src, 0, size_bytes, 0);
    endpoint.PostSend(src, dst, 0, size_bytes, 1);
  }
  void Run() {
    fabric.RunUntil(kNeverPs);
    endpoint.Finish();
  }

  void OnComplete(const Completion& completion) override {
    if (completion.token != 1 || records_sends) end_ps[completion.rank] = fabric.NowPs();
    ++completed;
  }
  void OnTimer(uint32_t, uint32_t) override {}
  bool OnSettled() override { return false; }
  void OnCollective(const CollectiveRecord& record) override { records.push_back(record); }

  ClusterMap cluster;
  NetworkGraph graph;
  Fabric fabric;
  RdmaNic nic;
  RankMap ranks;
  CommunicatorTable communicators;
  Endpoint endpoint;
  std::vector<uint64_t> end_ps;  // by rank
  std::vector<CollectiveRecord> records;
  uint32_t completed = 0;
  bool records_sends = true;
};

}  // namespace ddlsim
