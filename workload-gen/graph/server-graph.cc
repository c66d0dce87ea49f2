// SPDX-License-Identifier: MIT
#include "workload-gen/graph/server-graph.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

class ServerEmitter {
 public:
  ServerEmitter(const TrainingPlan& plan, uint32_t server, const NodeSink& sink)
      : m_plan(plan), m_data(plan.data_parallel), m_nodes(plan.gpu, plan.formats.compute, sink) {
    m_nodes.SetPace(plan.times.get(), plan.speed_ppm);
    const std::vector<GradientBucket> buckets =
        FormBuckets(plan.model, m_data.gradient_bytes, m_data.buckets);
    for (size_t i = 0; i < buckets.size(); ++i) {
      if (m_data.ServerOf(i) != m_data.ranks + server) continue;
      m_buckets.push_back({static_cast<uint32_t>(i), buckets[i].size_bytes, {}, {}});
    }
  }

  IterationTotals Run() {
    for (uint32_t i = 0; i < m_plan.iterations; ++i) {
      m_nodes.BeginIteration(absl::StrCat("iteration", i, "/"));
      for (Bucket& bucket : m_buckets) {
        const std::vector<uint64_t> pushed = Receive(bucket);
        m_data.is_asynchronous ? UpdateEach(bucket, pushed) : UpdateAll(bucket, pushed);
      }
    }
    return m_nodes.Totals();
  }

 private:
  struct Bucket {
    uint32_t index;
    uint64_t gradient_bytes;
    std::vector<uint64_t> received;  // by worker, in the iteration before
    std::vector<NodeIds> updates;    // by iteration, one per worker; asynchronous
  };

  uint64_t ParameterBytes(const Bucket& bucket) const {
    return Product({Elements(bucket), m_data.stored_bytes});
  }
  uint64_t Elements(const Bucket& bucket) const {
    return bucket.gradient_bytes / m_data.gradient_bytes;
  }
  std::string Name(const char* what, const Bucket& bucket, uint32_t worker) const {
    return absl::StrCat(what, "/bucket", bucket.index, ".worker", worker);
  }

  std::vector<uint64_t> Receive(Bucket& bucket) {
    std::vector<uint64_t> received;
    for (uint32_t worker = 0; worker < m_data.ranks; ++worker) {
      NodeIds before;
      if (!bucket.received.empty()) before.push_back(bucket.received[worker]);
      received.push_back(m_nodes.ReceiveFrom(Name("receive", bucket, worker), worker,
                                             bucket.gradient_bytes, bucket.index,
                                             std::move(before)));
    }
    bucket.received = received;
    return received;
  }

  void Reply(const Bucket& bucket, uint32_t worker, uint64_t update, NodeIds control) {
    m_nodes.SendTo(Name("reply", bucket, worker), worker, ParameterBytes(bucket), bucket.index,
                   {update}, std::move(control));
  }

  // Sums all workers' gradients, one kernel each, and updates once.
  void UpdateAll(const Bucket& bucket, const std::vector<uint64_t>& pushed) {
    Work work = OptimizerWork(m_plan.formats, m_plan.optimizer, Elements(bucket));
    const uint64_t sums = m_data.ranks - 1;
    work.operations = Sum(work.operations, Product({sums, Elements(bucket)}));
    work.memory_bytes = Sum(work.memory_bytes, Product({3 * sums, bucket.gradient_bytes}));
    work.kernels += sums;
    const uint64_t update = m_nodes.ComputeBeside(absl::StrCat("update/bucket", bucket.index),
                                                  "optimizer", work, pushed);
    for (uint32_t worker = 0; worker < m_data.ranks; ++worker) Reply(bucket, worker, update, {});
  }

  void UpdateEach(Bucket& bucket, const std::vector<uint64_t>& pushed) {
    const Work work = OptimizerWork(m_plan.formats, m_plan.optimizer, Elements(bucket));
    NodeIds updates;
    for (uint32_t worker = 0; worker < m_data.ranks; ++worker) {
      updates.push_back(m_nodes.ComputeBeside(Name("update", bucket, worker), "optimizer", work,
                                              {pushed[worker]}));
    }
    bucket.updates.push_back(updates);
    const size_t iteration = bucket.updates.size() - 1;
    for (uint32_t worker = 0; worker < m_data.ranks; ++worker) {
      NodeIds others;
      if (iteration >= m_data.staleness) {
        for (uint64_t id : bucket.updates[iteration - m_data.staleness]) {
          if (id != updates[worker]) others.push_back(id);
        }
      }
      Reply(bucket, worker, updates[worker], std::move(others));
    }
  }

  const TrainingPlan& m_plan;
  const DataParallelPlan& m_data;
  NodeStream m_nodes;
  std::vector<Bucket> m_buckets;
};

}  // namespace

IterationTotals EmitServerGraph(const TrainingPlan& plan, uint32_t server, const NodeSink& sink) {
  return ServerEmitter(plan, server, sink).Run();
}

}  // namespace ddlsim
