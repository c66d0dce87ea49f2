// SPDX-License-Identifier: MIT
//
// An endpoint on a FakeNetwork, one rank to a host, that writes down what completes and when.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "endpoint/endpoint.h"
#include "tests/endpoint/fake-network.h"

namespace ddlsim {

struct Completed {
  uint64_t start_ps = 0;
  uint64_t end_ps = 0;
  uint32_t count = 0;
  bool operator==(const Completed& other) const {
    return start_ps == other.start_ps && end_ps == other.end_ps && count == other.count;
  }
};

class TestEndpoint : public EndpointListener, public CollectiveObserver {
 public:
  explicit TestEndpoint(uint32_t rank_count, std::vector<CommunicatorAxis> axes = {},
                        EndpointConfig config = {}, HostOrder order = HostOrder::kAscending)
      : network(8000000000, 1000000, order),
        ranks(rank_count, 1),
        communicators(rank_count, std::move(axes)),
        endpoint(ranks, communicators, config, network, this) {
    network.SetListener(&endpoint);
    endpoint.SetListener(this);
  }

  // Issues a collective on the axis `group` at `time_ps`.
  void CollectiveAt(uint64_t time_ps, uint32_t rank, const std::string& group,
                    CollectiveRequest request, uint64_t token) {
    request.ready_ps = time_ps;
    network.At(time_ps, [this, rank, group, request, token] {
      endpoint.Issue(rank, communicators.FindAxis(group), request, token);
    });
  }
  void Run() {
    network.Run();
    endpoint.Finish();
  }
  // The completion of (rank, token), which must be the only one.
  uint64_t EndPs(uint32_t rank, uint64_t token) const {
    const auto found = completed.find({rank, token});
    return found == completed.end() || found->second.count != 1 ? kNeverPs : found->second.end_ps;
  }
  uint64_t StartPs(uint32_t rank, uint64_t token) const {
    const auto found = completed.find({rank, token});
    return found == completed.end() ? kNeverPs : found->second.start_ps;
  }

  void OnComplete(const Completion& completion) override {
    Completed& entry = completed[{completion.rank, completion.token}];
    entry = {completion.start_ps, network.NowPs(), entry.count + 1};
    if (on_complete) on_complete(completion);
  }
  void OnTimer(uint32_t rank, uint32_t purpose) override { timers.emplace_back(rank, purpose); }
  bool OnSettled() override { return false; }
  void OnCollective(const CollectiveRecord& record) override { records.push_back(record); }

  FakeNetwork network;
  RankMap ranks;
  CommunicatorTable communicators;
  std::map<std::pair<uint32_t, uint64_t>, Completed> completed;
  std::vector<CollectiveRecord> records;
  std::vector<std::pair<uint32_t, uint32_t>> timers;
  std::function<void(const Completion&)> on_complete;
  Endpoint endpoint;
};

inline CollectiveRequest Request(CollectiveType type, uint64_t size_bytes, uint32_t root = 0,
                                 Algorithm algorithm = Algorithm::kAuto) {
  CollectiveRequest request;
  request.type = type;
  request.size_bytes = size_bytes;
  request.root = root;
  request.algorithm = algorithm;
  request.name = "op";
  return request;
}

inline CollectiveRequest RingAllReduce(uint64_t size_bytes) {
  return Request(CollectiveType::kAllReduce, size_bytes, 0, Algorithm::kRing);
}

}  // namespace ddlsim
