// SPDX-License-Identifier: MIT
#include "workload-gen/graph/node-stream.h"

#include <algorithm>
#include <utility>

#include "base/input-error.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

constexpr uint32_t kRingTags = 1u << 30;

bool Contains(const NodeIds& ids, uint64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// What a trace can state bounds what can be generated.
void CheckLimits(const GraphNode& node) {
  if (node.memory_bytes <= kSizeMaxBytes && node.size_bytes <= kSizeMaxBytes &&
      (node.type != NodeType::kCompute || node.duration_ns <= kDurationMaxNs)) {
    return;
  }
  throw InputError("--batch", "'" + node.name + "' would move over 2^50 bytes or take over 10^6 s",
                   "choose a smaller batch, sequence or model");
}

}  // namespace

void AddUnique(NodeIds& ids, uint64_t id) {
  if (!Contains(ids, id)) ids.push_back(id);
}

void NodeStream::BeginIteration(const std::string& prefix) {
  m_prefix = prefix;
  m_totals = {};
  m_last_on_axis.clear();
}

uint64_t NodeStream::Add(GraphNode& node) {
  node.id = m_next_id++;
  node.name = m_prefix + node.name;
  CheckLimits(node);
  m_sink(node);
  ++m_totals.nodes;
  return node.id;
}

uint64_t NodeStream::ComputeNs(const std::string& name, const std::string& operation_class,
                               const Work& work) const {
  const uint64_t duration_ns =
      m_times != nullptr ? m_times->OperationNs(m_gpu, m_precision, name, operation_class, work)
                         : DurationNs(m_gpu, m_precision, UnitOfClass(operation_class), work);
  if (m_speed_ppm == kWholeSpeedPpm) return duration_ns;
  const unsigned __int128 scaled = static_cast<unsigned __int128>(duration_ns) * kWholeSpeedPpm;
  const unsigned __int128 slower = (scaled + m_speed_ppm - 1) / m_speed_ppm;
  return slower > kRooflineMaxNs ? kRooflineMaxNs : static_cast<uint64_t>(slower);
}

uint64_t NodeStream::Compute(const std::string& name, const std::string& operation_class,
                             const Work& work, NodeIds data) {
  GraphNode node;
  node.name = name;
  node.type = NodeType::kCompute;
  node.data_dependencies = std::move(data);
  if (m_last_compute != kNone && !Contains(node.data_dependencies, m_last_compute)) {
    node.control_dependencies.push_back(m_last_compute);
  }
  m_last_compute = AddCompute(node, operation_class, work);
  return m_last_compute;
}

uint64_t NodeStream::ComputeBeside(const std::string& name, const std::string& operation_class,
                                   const Work& work, NodeIds data) {
  GraphNode node;
  node.name = name;
  node.type = NodeType::kCompute;
  node.data_dependencies = std::move(data);
  return AddCompute(node, operation_class, work);
}

uint64_t NodeStream::AddCompute(GraphNode& node, const std::string& operation_class,
                                const Work& work) {
  node.operations = work.operations;
  node.memory_bytes = work.memory_bytes;
  node.operation_class = operation_class;
  node.duration_ns = ComputeNs(node.name, operation_class, work);
  const uint64_t id = Add(node);
  ++m_totals.compute_nodes;
  m_totals.operations = Sum(m_totals.operations, work.operations);
  if (UnitOfClass(operation_class) == ArithmeticUnit::kMatrix) {
    m_totals.matrix_operations = Sum(m_totals.matrix_operations, work.operations);
  }
  m_totals.memory_bytes = Sum(m_totals.memory_bytes, work.memory_bytes);
  m_totals.compute_ns = Sum(m_totals.compute_ns, node.duration_ns);
  return id;
}

uint64_t NodeStream::Collective(const std::string& name, const std::string& axis,
                                CollectiveType type, uint64_t size_bytes, NodeIds data,
                                NodeIds control, const MemberShares& shares) {
  if (size_bytes == 0) return kNone;
  GraphNode node;
  node.name = name;
  node.type = NodeType::kCollective;
  node.collective = type;
  node.group = axis;
  node.size_bytes = size_bytes;
  node.shares = shares;
  node.data_dependencies = std::move(data);
  uint64_t& last = m_last_on_axis[axis];
  if (last != kNone) AddUnique(control, last);
  for (uint64_t id : control) {
    if (!Contains(node.data_dependencies, id)) node.control_dependencies.push_back(id);
  }
  last = Add(node);
  ++m_totals.collectives;
  uint64_t& bytes = m_totals.collective_bytes[axis];
  bytes = Sum(bytes, size_bytes);
  return last;
}

uint32_t NodeStream::NextRingTag() {
  return kRingTags + m_ring_tag++ % kRingTags;
}

uint64_t NodeStream::Exchanged(const std::string& name, const Exchange& exchange, NodeIds data,
                               NodeIds control) {
  if (!exchange.is_ring) {
    return Collective(name, exchange.axis, exchange.collective, exchange.size_bytes,
                      std::move(data), std::move(control), exchange.shares);
  }
  const uint32_t tag = NextRingTag();
  Send(name + ".send", exchange.axis, 1, exchange.size_bytes, tag, data);
  return Receive(name + ".receive", exchange.axis, -1, exchange.size_bytes, tag, std::move(data));
}

uint64_t NodeStream::Message(GraphNode node, const std::string& name, uint64_t size_bytes,
                             uint32_t tag, NodeIds data, NodeIds control) {
  node.name = name;
  node.size_bytes = size_bytes;
  node.tag = tag;
  node.data_dependencies = std::move(data);
  node.control_dependencies = std::move(control);
  if (node.type == NodeType::kSend) {
    ++m_totals.sends;
    m_totals.send_bytes = Sum(m_totals.send_bytes, size_bytes);
  }
  return Add(node);
}

namespace {

GraphNode Relative(NodeType type, const std::string& axis, int32_t offset) {
  GraphNode node;
  node.type = type;
  node.group = axis;
  node.peer_is_relative = true;
  node.peer_offset = offset;
  return node;
}

GraphNode Absolute(NodeType type, uint32_t rank) {
  GraphNode node;
  node.type = type;
  node.peer_rank = rank;
  return node;
}

}  // namespace

uint64_t NodeStream::Send(const std::string& name, const std::string& axis, int32_t offset,
                          uint64_t size_bytes, uint32_t tag, NodeIds data) {
  return Message(Relative(NodeType::kSend, axis, offset), name, size_bytes, tag, std::move(data),
                 {});
}

uint64_t NodeStream::Copy(const std::string& name, const std::string& axis, int32_t offset,
                          uint64_t size_bytes, uint32_t tag, NodeIds data) {
  GraphNode node = Relative(NodeType::kSend, axis, offset);
  node.is_copy = true;
  return Message(std::move(node), name, size_bytes, tag, std::move(data), {});
}

uint64_t NodeStream::Receive(const std::string& name, const std::string& axis, int32_t offset,
                             uint64_t size_bytes, uint32_t tag, NodeIds control) {
  return Message(Relative(NodeType::kReceive, axis, offset), name, size_bytes, tag, {},
                 std::move(control));
}

uint64_t NodeStream::SendTo(const std::string& name, uint32_t rank, uint64_t size_bytes,
                            uint32_t tag, NodeIds data, NodeIds control) {
  return Message(Absolute(NodeType::kSend, rank), name, size_bytes, tag, std::move(data),
                 std::move(control));
}

uint64_t NodeStream::ReceiveFrom(const std::string& name, uint32_t rank, uint64_t size_bytes,
                                 uint32_t tag, NodeIds control) {
  return Message(Absolute(NodeType::kReceive, rank), name, size_bytes, tag, {}, std::move(control));
}

}  // namespace ddlsim
