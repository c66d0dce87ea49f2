// SPDX-License-Identifier: MIT
#include "traces/node-decoder.h"

#include <array>

#include "traces/attribute-value.h"
#include "traces/member-shares.h"
#include "traces/wire-cursor.h"

namespace ddlsim {
namespace {

enum Known : uint8_t {
  kNumOps,
  kTensorSize,
  kCommType,
  kCommSize,
  kCommSrc,
  kCommDst,
  kCommTag,
  kGroupName,
  kInvolvedDim,
  kDurationNs,
  kOperationClass,
  kRoot,
  kPeerOffset,
  kCopy,
  kReceiveShares,
  kSendShares,
  kKnownCount
};

constexpr std::array<const char*, kKnownCount> kNames{
    "num_ops",         "tensor_size",     "comm_type",          "comm_size",
    "comm_src",        "comm_dst",        "comm_tag",           "pg_name",
    "involved_dim",    "ddl_duration_ns", "ddl_class",          "ddl_root",
    "ddl_peer_offset", "ddl_copy",        "ddl_receive_shares", "ddl_send_shares"};

// The known attributes of one node; the values are views into the record.
class Attributes {
 public:
  void Add(std::string_view message) {
    std::string_view name;
    const AttributeValue value = AttributeValue::Parse(message, name);
    for (size_t i = 0; i < kKnownCount; ++i) {
      if (name == kNames[i]) m_values[i] = value;
    }
  }
  bool Has(Known known) const { return m_values[known].IsPresent(); }
  uint64_t Unsigned(Known known, uint64_t high) const {
    return m_values[known].Unsigned(kNames[known], high);
  }
  uint64_t UnsignedOr(Known known, uint64_t high, uint64_t otherwise) const {
    return Has(known) ? Unsigned(known, high) : otherwise;
  }
  uint64_t Required(Known known, uint64_t high, const char* node_type) const {
    if (Has(known)) return Unsigned(known, high);
    throw RecordError(std::string("a ") + node_type + " node has no attribute " + kNames[known],
                      "correct the tool that wrote it");
  }
  int64_t Signed(Known known, int64_t magnitude_max) const {
    return m_values[known].Signed(kNames[known], magnitude_max);
  }
  std::string TextOrEmpty(Known known) const {
    return Has(known) ? m_values[known].Text(kNames[known]) : std::string();
  }
  std::vector<uint64_t> UnsignedList(Known known) const {
    return m_values[known].UnsignedList(kNames[known]);
  }
  bool AllTrueOrAbsent(Known known) const {
    return !Has(known) || m_values[known].AllTrue(kNames[known]);
  }

 private:
  std::array<AttributeValue, kKnownCount> m_values;
};

void Clear(GraphNode& node) {  // keeps what the strings and lists have allocated
  node.id = 0;
  node.name.clear();
  node.type = NodeType::kCompute;
  node.control_dependencies.clear();
  node.data_dependencies.clear();
  node.duration_ns = kNoDuration;
  node.operations = 0;
  node.memory_bytes = 0;
  node.operation_class.clear();
  node.size_bytes = 0;
  node.collective = CollectiveType::kAllReduce;
  node.group.clear();
  node.root = 0;
  node.shares.weights.clear();
  node.shares.are_sent = false;
  node.peer_is_relative = false;
  node.peer_offset = 0;
  node.peer_rank = 0;
  node.tag = 0;
  node.is_copy = false;
}

void ReadIdentifiers(WireCursor& cursor, std::vector<uint64_t>& out) {
  if (cursor.Type() == WireType::kVarint) {  // not packed
    out.push_back(cursor.ReadVarint());
    return;
  }
  WireCursor packed(cursor.ReadBytes());
  while (!packed.AtEnd()) out.push_back(packed.ReadBareVarint());
}

// Returns the wire's node type. 8 and 9 (inputs, outputs) and 6 (start time) have no meaning here.
uint64_t ReadFields(std::string_view record, GraphNode& node, Attributes& attributes,
                    uint64_t& duration_us) {
  uint64_t kind = 0;
  WireCursor cursor(record);
  while (!cursor.AtEnd()) {
    cursor.ReadTag();
    switch (cursor.Field()) {
      case 1:
        node.id = cursor.ReadVarint();
        break;
      case 2:
        node.name = cursor.ReadBytes();
        break;
      case 3:
        kind = cursor.ReadVarint();
        break;
      case 4:
        ReadIdentifiers(cursor, node.control_dependencies);
        break;
      case 5:
        ReadIdentifiers(cursor, node.data_dependencies);
        break;
      case 7:
        duration_us = cursor.ReadVarint();
        break;
      case 10:
        attributes.Add(cursor.ReadBytes());
        break;
      default:
        cursor.Skip();
        break;
    }
  }
  if (!IsUtf8(node.name)) throw RecordError("the node's name is not UTF-8 text");
  return kind;
}

// ddl_duration_ns wins over the integer microseconds of the schema. Without either, a node whose
// work is stated is left to a roofline model; one without any of them takes no time.
void InterpretWork(const Attributes& attributes, uint64_t duration_us, GraphNode& node) {
  if (attributes.Has(kDurationNs)) {
    node.duration_ns = attributes.Unsigned(kDurationNs, kDurationMaxNs);
  } else if (duration_us > kDurationMaxNs / 1000) {
    throw RecordError("the duration is out of range (" + std::to_string(duration_us) + " us)",
                      "a node may take 1e6 s at most");
  } else if (duration_us != 0 || !(attributes.Has(kNumOps) || attributes.Has(kTensorSize))) {
    node.duration_ns = duration_us * 1000;
  }
  node.operations = attributes.UnsignedOr(kNumOps, kOperationsMax, 0);
  node.memory_bytes = attributes.UnsignedOr(kTensorSize, kSizeMaxBytes, 0);
  node.operation_class = attributes.TextOrEmpty(kOperationClass);
}

void InterpretMessage(const Attributes& attributes, GraphNode& node) {
  const bool is_send = node.type == NodeType::kSend;
  const char* type = NodeTypeName(node.type);
  node.size_bytes = attributes.Required(kCommSize, kSizeMaxBytes, type);
  node.tag = static_cast<uint32_t>(attributes.UnsignedOr(kCommTag, UINT32_MAX, 0));
  node.is_copy = is_send && attributes.UnsignedOr(kCopy, 1, 0) == 1;
  node.peer_is_relative = attributes.Has(kPeerOffset);
  if (node.peer_is_relative) {
    node.peer_offset = static_cast<int32_t>(attributes.Signed(kPeerOffset, kRankCountMax));
    node.group = attributes.TextOrEmpty(kGroupName);
  } else {  // the sender's or receiver's own rank follows from the file
    node.peer_rank = static_cast<uint32_t>(
        attributes.Required(is_send ? kCommDst : kCommSrc, kRankCountMax - 1, type));
  }
}

CollectiveType CollectiveFromWire(uint64_t number) {
  switch (number) {
    case 0:
      return CollectiveType::kAllReduce;
    case 1:
      return CollectiveType::kReduce;
    case 2:
      return CollectiveType::kAllGather;
    case 3:
      return CollectiveType::kGather;
    case 4:
      return CollectiveType::kScatter;
    case 5:
      return CollectiveType::kBroadcast;
    case 6:
      return CollectiveType::kAllToAll;
    case 7:
    case 8:
      return CollectiveType::kReduceScatter;  // in blocks: the same with equal shares
    case 9:
      return CollectiveType::kBarrier;
    default:
      throw RecordError("collective type " + std::to_string(number) + " is unknown",
                        "accepted are 0 all_reduce, 1 reduce, 2 all_gather, 3 gather, 4 scatter, 5 "
                        "broadcast, 6 all_to_all, 7 and 8 reduce_scatter, 9 barrier");
  }
}

void InterpretShares(const Attributes& attributes, GraphNode& node) {
  const bool are_received = attributes.Has(kReceiveShares), are_sent = attributes.Has(kSendShares);
  if (!are_received && !are_sent) return;
  const Known known = are_sent ? kSendShares : kReceiveShares;
  const std::string name = kNames[known];
  if (node.collective != CollectiveType::kAllToAll) {
    throw RecordError(std::string("a ") + CollectiveName(node.collective) + " has the attribute " +
                          name + ", which belongs to all_to_all",
                      "correct the tool that wrote it");
  }
  if (are_received && are_sent) {
    throw RecordError("an all_to_all has shares of what is received and of what is sent",
                      "state one of ddl_receive_shares and ddl_send_shares");
  }
  node.shares = {attributes.UnsignedList(known), are_sent};
  const char* problem = ShareProblem(node.shares.weights);
  if (problem == nullptr) return;
  throw RecordError("attribute " + name + " " + problem, "correct the tool that wrote it");
}

void InterpretCollective(const Attributes& attributes, GraphNode& node) {
  node.collective = CollectiveFromWire(attributes.Required(kCommType, UINT64_MAX, "collective"));
  node.group = attributes.TextOrEmpty(kGroupName);
  if (node.collective != CollectiveType::kBarrier) {
    node.size_bytes = attributes.Required(kCommSize, kSizeMaxBytes, "collective");
  }
  if (IsRooted(node.collective)) {
    node.root = static_cast<uint32_t>(attributes.UnsignedOr(kRoot, kRankCountMax - 1, 0));
  }
  InterpretShares(attributes, node);
  if (node.group.empty() && !attributes.AllTrueOrAbsent(kInvolvedDim)) {
    throw RecordError("involved_dim leaves out dimensions, which only a hierarchical system has",
                      "name the communicator group in pg_name instead");
  }
}

}  // namespace

void DecodeNode(std::string_view record, GraphNode& node) {
  Clear(node);
  Attributes attributes;
  uint64_t duration_us = 0;
  const uint64_t kind = ReadFields(record, node, attributes, duration_us);
  switch (kind) {
    case 1:  // kept, so that dependencies through it hold
      node.duration_ns = 0;
      node.operation_class = "metadata";
      return;
    case 2:
      node.type = NodeType::kMemoryLoad;
      break;
    case 3:
      node.type = NodeType::kMemoryStore;
      break;
    case 4:
      break;
    case 5:
      node.type = NodeType::kSend;
      break;
    case 6:
      node.type = NodeType::kReceive;
      break;
    case 7:
      node.type = NodeType::kCollective;
      break;
    default:
      throw RecordError(
          "node type " + std::to_string(kind) + (kind == 0 ? " is invalid" : " is unknown"),
          "accepted are 1 metadata, 2 memory load, 3 memory store, 4 compute, 5 send, "
          "6 receive, 7 collective");
  }
  if (node.type == NodeType::kCollective) {
    InterpretCollective(attributes, node);
  } else if (node.type == NodeType::kSend || node.type == NodeType::kReceive) {
    InterpretMessage(attributes, node);
  } else {
    InterpretWork(attributes, duration_us, node);
  }
}

}  // namespace ddlsim
