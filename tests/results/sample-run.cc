// SPDX-License-Identifier: MIT
#include "sample-run.h"

#include <algorithm>

#include "results/printed-summary.h"
#include "results/sample-writer.h"

namespace ddlsim {
namespace {

constexpr uint64_t kForwardPs = 310000000;  // of a layer: 310 us
constexpr uint64_t kBackwardPs = 620000000;
constexpr uint64_t kOptimizerPs = 180000000;
constexpr uint64_t kBucketBytes = 27 << 20;
constexpr uint64_t kBucketBoundPs = 1085000000;
constexpr const char* kHostileName = "all,\"reduce\"\r\nof \xff\xc0\x80\x01=cmd() \xe2\x82\xac\\";

// Where a rank stands, and what it has done.
struct Progress {
  uint64_t now_ps = 0;
  uint64_t node_id = 0;
  uint64_t compute_ps = 0;
};

class SampleRun {
 public:
  SampleRun(RunRecorder& recorder, const SampleOptions& options)
      : m_recorder(recorder), m_options(options), m_ranks(options.ranks) {}

  void Record() {
    for (uint32_t layer = 0; layer < kSampleLayers; ++layer) {
      Compute("forward/layer-" + std::to_string(layer), kForwardPs);
    }
    for (uint32_t layer = kSampleLayers; layer-- > 0;) {
      Compute("backward/layer-" + std::to_string(layer), kBackwardPs);
      AllReduce(layer, layer == 0 ? kBucketBytes / 3 : kBucketBytes);
    }
    for (Progress& rank : m_ranks) rank.now_ps = std::max(rank.now_ps, m_last_end_ps);
    Compute("optimizer", kOptimizerPs);
  }

  std::vector<RankRecord> Ranks() const {
    uint64_t last_ps = 0;
    for (const Progress& rank : m_ranks) last_ps = std::max(last_ps, rank.now_ps);
    std::vector<RankRecord> records;
    for (uint32_t i = 0; i < m_ranks.size(); ++i) {
      const Progress& rank = m_ranks[i];
      RankRecord record;
      record.rank = i;
      record.host = i;
      record.nodes = rank.node_id;
      record.end_ps = rank.now_ps;
      record.compute_ps = rank.compute_ps;
      record.communication_ps = m_communication_ps;
      record.exposed_communication_ps = rank.now_ps - rank.compute_ps;
      record.idle_ps = last_ps - rank.now_ps;
      records.push_back(record);
    }
    return records;
  }

  uint64_t CarriedBytes() const { return m_carried_bytes; }

 private:
  void Compute(const std::string& name, uint64_t duration_ps) {
    for (uint32_t i = 0; i < m_ranks.size(); ++i) {
      Progress& rank = m_ranks[i];
      OperationRecord record;
      record.rank = i;
      record.node_id = rank.node_id++;
      record.name = &name;
      record.issue_ps = record.start_ps = rank.now_ps;
      rank.now_ps += duration_ps + SampleNoise(i, rank.node_id, duration_ps / 50);
      record.end_ps = rank.now_ps;
      rank.compute_ps += record.end_ps - record.start_ps;
      m_recorder.OnOperation(record);
    }
  }

  // Begins when its gradients are there and the one before it has ended; compute goes on.
  void AllReduce(uint32_t layer, uint64_t size_bytes) {
    CollectiveRecord collective;
    collective.name =
        m_options.has_hostile_names ? kHostileName : "all_reduce/bucket-" + std::to_string(layer);
    collective.id = m_collectives++;
    collective.spec = {CollectiveType::kAllReduce, Algorithm::kRing, m_options.ranks, size_bytes,
                       0};
    collective.issue_ps = collective.start_ps = UINT64_MAX;
    for (const Progress& rank : m_ranks) {
      const uint64_t start_ps = std::max(rank.now_ps, m_last_end_ps);
      collective.issue_ps = std::min(collective.issue_ps, rank.now_ps);
      collective.start_ps = std::min(collective.start_ps, start_ps);
      collective.ready_ps = std::max(collective.ready_ps, start_ps);
    }
    collective.bound_ps = kBucketBoundPs * (size_bytes >> 20) / (kBucketBytes >> 20);
    collective.end_ps =
        collective.ready_ps + collective.bound_ps + SampleNoise(layer, 3, collective.bound_ps / 8);
    for (uint32_t i = 0; i < m_ranks.size(); ++i) {
      Progress& rank = m_ranks[i];
      OperationRecord record;
      record.rank = i;
      record.node_id = rank.node_id++;
      record.name = &collective.name;
      record.type = NodeType::kCollective;
      record.size_bytes = size_bytes;
      record.issue_ps = rank.now_ps;
      record.start_ps = std::max(rank.now_ps, m_last_end_ps);
      record.end_ps = collective.end_ps;
      m_recorder.OnOperation(record);
    }
    m_recorder.OnCollective(collective);
    RecordRingFlows(m_recorder, m_options.ranks, size_bytes, collective.ready_ps,
                    collective.end_ps);
    m_last_end_ps = collective.end_ps;
    m_communication_ps += collective.end_ps - collective.start_ps;
    m_carried_bytes += 2 * size_bytes * (m_options.ranks - 1) / m_options.ranks;
  }

  RunRecorder& m_recorder;
  const SampleOptions& m_options;
  std::vector<Progress> m_ranks;
  uint64_t m_last_end_ps = 0;
  uint64_t m_communication_ps = 0;
  uint64_t m_carried_bytes = 0;
  uint64_t m_collectives = 0;
};

void Describe(RunSummary& summary, const SampleOptions& options) {
  summary.status = options.status;
  summary.program_version = "0.1.0";
  summary.seed = 1;
  summary.topology = "leaf-spine, 4 hosts per leaf, 4 spines, 400 Gb/s links of 500 ns";
  summary.workload = "a made-up small model, dp=" + std::to_string(options.ranks);
  summary.congestion_control = "dcqcn";
  summary.hosts = summary.ranks = options.ranks;
  if (options.status == RunStatus::kStalled) {
    summary.waiting = {{3, 25, "all_reduce/bucket-0", "rank 2 to send 1769472 bytes"}};
    summary.waiting_operations = options.ranks;
  }
}

// A queue that fills and empties, and what a rate-based and an uncontrolled sender do meanwhile.
void RecordSamples(ResultFolder& folder, const SampleOptions& options) {
  SampleWriter writer(folder, 1000);
  if (!options.has_records) return;
  for (uint64_t i = 1; i <= 20; ++i) {
    const uint64_t time_ps = i * 10000000;
    writer.Write(QueueSample{time_ps, options.has_hostile_names ? kHostileName : "leaf-0", 2,
                             "host-2", 4158 * (i < 10 ? i : 21 - i)});
    writer.Write(FlowSample{time_ps, 0, 2, 0, true, 1e10 * static_cast<double>(21 - i), 80000,
                            62370, 50000 * (21 - i), 10000000});
    writer.Write(FlowSample{time_ps, 1, 2, 0, false, 0, 80000, 80000, 90000, 10000000});
  }
}

IterationRecord OneIteration(const std::vector<RankRecord>& ranks) {
  IterationRecord iteration;
  for (const RankRecord& rank : ranks) {
    iteration.end_ps = std::max(iteration.end_ps, rank.end_ps);
    iteration.compute_ps += rank.compute_ps / ranks.size();
    iteration.exposed_communication_ps += rank.exposed_communication_ps / ranks.size();
  }
  return iteration;
}

}  // namespace

std::string WriteSampleRun(const std::string& root, const std::string& name,
                           const SampleOptions& options) {
  ResultFolder folder(root, name);
  RunRecorder recorder(folder, options.ranks);
  SampleRun run(recorder, options);
  RecordSamples(folder, options);
  RunOutcome outcome;
  Describe(outcome.summary, options);
  if (options.has_records) {
    run.Record();
    outcome.ranks = run.Ranks();
    outcome.summary.simulated_time_ps = 1000000;
    for (const RankRecord& rank : outcome.ranks) {
      outcome.summary.simulated_time_ps = std::max(outcome.summary.simulated_time_ps, rank.end_ps);
    }
    AddNetwork(outcome, options.ranks, run.CarriedBytes());
    outcome.iterations = {OneIteration(outcome.ranks)};
  }
  outcome.runtime = {2.5, 2.625, 96u << 20, outcome.summary.data_packet_hops * 2,
                     outcome.summary.data_packet_hops};
  folder.Write("config.yaml", "seed: 1\n");
  recorder.Finish(outcome);
  return RenderSummary(outcome.summary, recorder.Collectives(), recorder.FlowCompletions(),
                       outcome.links, outcome.runtime, folder.Path(), folder.LatestPath());
}

}  // namespace ddlsim
