// SPDX-License-Identifier: MIT
//
// The nodes of one rank class in topological order, with the order of a GPU's streams as control
// dependencies: kernels one after another, and the collectives of one communicator one after
// another, as a communication library runs them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hardware/compute-times.h"
#include "hardware/gpu.h"
#include "hardware/roofline.h"
#include "traces/execution-graph.h"
#include "workload-gen/layers/layer-model.h"

namespace ddlsim {

// Of one iteration and one rank.
struct IterationTotals {
  uint64_t nodes = 0;
  uint64_t compute_nodes = 0;
  uint64_t operations = 0;
  uint64_t matrix_operations = 0;  // those of matrix products
  uint64_t memory_bytes = 0;
  uint64_t compute_ns = 0;  // sum of durations: the iteration's time on an infinitely fast network
  uint64_t collectives = 0;
  std::map<std::string, uint64_t> collective_bytes;  // by axis
  uint64_t sends = 0;
  uint64_t send_bytes = 0;

  uint64_t CollectiveBytes(const std::string& axis) const {
    const auto found = collective_bytes.find(axis);
    return found == collective_bytes.end() ? 0 : found->second;
  }
};

using NodeSink = std::function<void(const GraphNode&)>;
using NodeIds = std::vector<uint64_t>;

void AddUnique(NodeIds& ids, uint64_t id);

constexpr uint32_t kWholeSpeedPpm = 1000000;

class NodeStream {
 public:
  static constexpr uint64_t kNone = 0;  // ids begin at 1

  NodeStream(const Gpu& gpu, Precision precision, const NodeSink& sink)
      : m_gpu(gpu), m_precision(precision), m_sink(sink) {}

  // Measured times where there are some (may be null), and a speed in millionths of the GPU's.
  void SetPace(ComputeTimes* times, uint32_t speed_ppm) {
    m_times = times;
    m_speed_ppm = speed_ppm;
  }
  // Goes before the names from here on, and begins the totals anew.
  void BeginIteration(const std::string& prefix);
  const IterationTotals& Totals() const { return m_totals; }
  // The kernel that the next one follows; kNone before the first.
  uint64_t LastCompute() const { return m_last_compute; }

  // `data`: what it waits for besides the order of its stream. Return the node's id.
  uint64_t Compute(const std::string& name, const std::string& operation_class, const Work& work,
                   NodeIds data);
  // A kernel beside the others, which waits for its data alone and takes turns with them.
  uint64_t ComputeBeside(const std::string& name, const std::string& operation_class,
                         const Work& work, NodeIds data);
  // Size 0: nothing is exchanged, and no node made (kNone).
  uint64_t Collective(const std::string& name, const std::string& axis, CollectiveType type,
                      uint64_t size_bytes, NodeIds data, NodeIds control = {},
                      const MemberShares& shares = {});
  // What a group exchanges; returns what brings this rank its data.
  uint64_t Exchanged(const std::string& name, const Exchange& exchange, NodeIds data,
                     NodeIds control = {});
  // Of messages within groups: all members number them alike, so that each finds its receiver.
  uint32_t NextRingTag();
  // To and from the member `offset` further on in the group on `axis`.
  uint64_t Send(const std::string& name, const std::string& axis, int32_t offset,
                uint64_t size_bytes, uint32_t tag, NodeIds data);
  // The same by a copy engine, see GraphNode::is_copy.
  uint64_t Copy(const std::string& name, const std::string& axis, int32_t offset,
                uint64_t size_bytes, uint32_t tag, NodeIds data);
  uint64_t Receive(const std::string& name, const std::string& axis, int32_t offset,
                   uint64_t size_bytes, uint32_t tag, NodeIds control);
  // To and from one rank.
  uint64_t SendTo(const std::string& name, uint32_t rank, uint64_t size_bytes, uint32_t tag,
                  NodeIds data, NodeIds control = {});
  uint64_t ReceiveFrom(const std::string& name, uint32_t rank, uint64_t size_bytes, uint32_t tag,
                       NodeIds control);

 private:
  uint64_t ComputeNs(const std::string& name, const std::string& operation_class,
                     const Work& work) const;
  uint64_t Add(GraphNode& node);
  uint64_t AddCompute(GraphNode& node, const std::string& operation_class, const Work& work);
  uint64_t Message(GraphNode node, const std::string& name, uint64_t size_bytes, uint32_t tag,
                   NodeIds data, NodeIds control);

  const Gpu& m_gpu;
  const Precision m_precision;
  const NodeSink& m_sink;
  ComputeTimes* m_times = nullptr;
  uint32_t m_speed_ppm = kWholeSpeedPpm;
  IterationTotals m_totals;
  std::string m_prefix;
  uint64_t m_next_id = 1;
  uint64_t m_last_compute = kNone;
  std::map<std::string, uint64_t> m_last_on_axis;
  uint32_t m_ring_tag = 0;
};

}  // namespace ddlsim
