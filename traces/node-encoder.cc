// SPDX-License-Identifier: MIT
#include "traces/node-encoder.h"

#include <stdexcept>

#include "execution-trace.pb.h"
#include "traces/file-metadata.h"
#include "traces/member-shares.h"
#include "traces/wire-cursor.h"

namespace ddlsim {
namespace {

// The integer types of the attributes are those that the readers of other tools ask for.
class AttributeWriter {
 public:
  explicit AttributeWriter(wire::TraceNode& node) : m_node(node) {}
  void Bool(const char* name, bool value) { Add(name).set_bool_value(value); }
  void Int32(const char* name, int32_t value) { Add(name).set_int32_value(value); }
  void Int64(const char* name, uint64_t value) {
    Add(name).set_int64_value(static_cast<int64_t>(value));
  }
  void Uint32(const char* name, uint32_t value) { Add(name).set_uint32_value(value); }
  void Uint64(const char* name, uint64_t value) { Add(name).set_uint64_value(value); }
  void Uint64List(const char* name, const std::vector<uint64_t>& values) {
    wire::Uint64List& list = *Add(name).mutable_uint64_list();
    for (const uint64_t value : values) list.add_values(value);
  }
  void Text(const char* name, const std::string& value) { Add(name).set_string_value(value); }

 private:
  wire::Attribute& Add(const char* name) {
    wire::Attribute& attribute = *m_node.add_attributes();
    attribute.set_name(name);
    return attribute;
  }
  wire::TraceNode& m_node;
};

void Require(bool holds, const GraphNode& node, const char* what) {
  if (!holds) throw std::logic_error("trace node " + std::to_string(node.id) + ": " + what);
}

void CheckLimits(const GraphNode& node) {
  Require(IsUtf8(node.name) && IsUtf8(node.group) && IsUtf8(node.operation_class), node,
          "a text is not UTF-8");
  Require(node.duration_ns <= kDurationMaxNs || node.duration_ns == kNoDuration, node,
          "the duration is above its limit");
  Require(node.size_bytes <= kSizeMaxBytes && node.memory_bytes <= kSizeMaxBytes, node,
          "a size is above its limit");
  Require(node.operations <= kOperationsMax, node, "the operations are above their limit");
  Require(node.root < kRankCountMax && node.peer_rank < kRankCountMax, node,
          "a rank is above its limit");
  if (!node.shares.IsEmpty()) {
    Require(node.type == NodeType::kCollective && node.collective == CollectiveType::kAllToAll,
            node, "shares belong to all_to_all");
    const char* problem = ShareProblem(node.shares.weights);
    Require(problem == nullptr, node, problem);
  }
  const auto offset_max = static_cast<int32_t>(kRankCountMax);
  Require(node.peer_offset <= offset_max && node.peer_offset >= -offset_max, node,
          "the peer's offset is above its limit");
}

wire::NodeKind KindOf(NodeType type) {
  switch (type) {
    case NodeType::kMemoryLoad:
      return wire::NODE_MEMORY_LOAD;
    case NodeType::kMemoryStore:
      return wire::NODE_MEMORY_STORE;
    case NodeType::kCompute:
      return wire::NODE_COMPUTE;
    case NodeType::kSend:
      return wire::NODE_SEND;
    case NodeType::kReceive:
      return wire::NODE_RECEIVE;
    case NodeType::kCollective:
      return wire::NODE_COLLECTIVE;
  }
  return wire::NODE_INVALID;
}

wire::CollectiveKind KindOf(CollectiveType type) {
  switch (type) {
    case CollectiveType::kAllReduce:
      return wire::COLLECTIVE_ALL_REDUCE;
    case CollectiveType::kReduce:
      return wire::COLLECTIVE_REDUCE;
    case CollectiveType::kAllGather:
      return wire::COLLECTIVE_ALL_GATHER;
    case CollectiveType::kGather:
      return wire::COLLECTIVE_GATHER;
    case CollectiveType::kScatter:
      return wire::COLLECTIVE_SCATTER;
    case CollectiveType::kBroadcast:
      return wire::COLLECTIVE_BROADCAST;
    case CollectiveType::kAllToAll:
      return wire::COLLECTIVE_ALL_TO_ALL;
    case CollectiveType::kReduceScatter:
      return wire::COLLECTIVE_REDUCE_SCATTER;
    case CollectiveType::kBarrier:
      return wire::COLLECTIVE_BARRIER;
  }
  throw std::logic_error("unknown collective type");
}

void AddWork(const GraphNode& node, wire::TraceNode& wire, AttributeWriter& write) {
  if (node.type == NodeType::kCompute) write.Bool("is_cpu_op", false);
  const bool has_duration = node.duration_ns != kNoDuration;
  if (has_duration) {
    // Rounded up, so that other readers do not take a short node for one without a duration.
    wire.set_duration_us((node.duration_ns + 999) / 1000);
  }
  // num_ops is what tells a reader that the duration is left to a model, so it stands for 0 too.
  if (node.operations != 0 || !has_duration) write.Int64("num_ops", node.operations);
  if (node.memory_bytes != 0) write.Uint64("tensor_size", node.memory_bytes);
  if (has_duration) write.Uint64("ddl_duration_ns", node.duration_ns);
  if (!node.operation_class.empty()) write.Text("ddl_class", node.operation_class);
}

void AddRank(AttributeWriter& write, const char* name, uint32_t rank) {
  write.Int32(name, static_cast<int32_t>(rank));  // ranks stay below 2^20
}

void AddMessage(const GraphNode& node, std::optional<uint32_t> own_rank, AttributeWriter& write) {
  write.Bool("is_cpu_op", false);
  write.Int64("comm_size", node.size_bytes);
  const bool is_send = node.type == NodeType::kSend;
  if (node.peer_is_relative) {
    write.Int32("ddl_peer_offset", node.peer_offset);
    if (!node.group.empty()) write.Text("pg_name", node.group);
  } else {
    if (is_send && own_rank) AddRank(write, "comm_src", *own_rank);
    AddRank(write, is_send ? "comm_dst" : "comm_src", node.peer_rank);
    if (!is_send && own_rank) AddRank(write, "comm_dst", *own_rank);
  }
  if (is_send && node.is_copy) write.Uint32("ddl_copy", 1);
  if (node.tag <= static_cast<uint32_t>(INT32_MAX)) {
    write.Int32("comm_tag", static_cast<int32_t>(node.tag));
  } else {
    write.Uint32("comm_tag", node.tag);
  }
}

void AddCollective(const GraphNode& node, AttributeWriter& write) {
  write.Bool("is_cpu_op", false);
  write.Int64("comm_type", static_cast<uint64_t>(KindOf(node.collective)));
  write.Int64("comm_size", node.collective == CollectiveType::kBarrier ? 0 : node.size_bytes);
  if (!node.group.empty()) write.Text("pg_name", node.group);
  if (IsRooted(node.collective)) write.Uint32("ddl_root", node.root);
  if (!node.shares.IsEmpty()) {
    write.Uint64List(node.shares.are_sent ? "ddl_send_shares" : "ddl_receive_shares",
                     node.shares.weights);
  }
}

void AppendRecord(const std::string& message, std::string& out) {
  size_t size_bytes = message.size();
  for (; size_bytes >= 0x80; size_bytes >>= 7) {
    out.push_back(static_cast<char>(size_bytes | 0x80));
  }
  out.push_back(static_cast<char>(size_bytes));
  out += message;
}

}  // namespace

void AppendMetadata(CommSizeMeaning meaning, std::string& out) {
  wire::TraceMetadata metadata;
  metadata.set_version("0.0.4");
  wire::Attribute& format = *metadata.add_attributes();
  format.set_name("ddl_format");
  format.set_uint32_value(kOwnFormatVersion);
  wire::Attribute& comm_size = *metadata.add_attributes();
  comm_size.set_name("ddl_comm_size");
  comm_size.set_string_value(CommSizeName(meaning));
  AppendRecord(metadata.SerializeAsString(), out);
}

void AppendNode(const GraphNode& node, std::optional<uint32_t> own_rank, std::string& out) {
  CheckLimits(node);
  wire::TraceNode wire;
  wire.set_id(node.id);
  wire.set_name(node.name);
  wire.set_kind(KindOf(node.type));
  for (uint64_t id : node.control_dependencies) wire.add_control_dependencies(id);
  for (uint64_t id : node.data_dependencies) wire.add_data_dependencies(id);
  AttributeWriter write(wire);
  switch (node.type) {
    case NodeType::kMemoryLoad:
    case NodeType::kMemoryStore:
    case NodeType::kCompute:
      AddWork(node, wire, write);
      break;
    case NodeType::kSend:
    case NodeType::kReceive:
      AddMessage(node, own_rank, write);
      break;
    case NodeType::kCollective:
      AddCollective(node, write);
      break;
  }
  const std::string message = wire.SerializeAsString();
  Require(message.size() <= TraceReader::kRecordSizeMaxBytes, node,
          "the record is above its limit");
  AppendRecord(message, out);
}

}  // namespace ddlsim
