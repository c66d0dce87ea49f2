// SPDX-License-Identifier: MIT
//
// Files as other tools write them: every integer type for every attribute, packed lists or not,
// fields in any order, fields and attributes that nobody knows.
#include <gtest/gtest.h>

#include "tests/traces/test-support.h"
#include "traces/trace-reader.h"

namespace ddlsim {
namespace {

using Setter = void (*)(wire::Attribute&, int);

const std::vector<std::pair<const char*, Setter>>& IntegerTypes() {
  static const std::vector<std::pair<const char*, Setter>> kTypes{
      {"double", [](wire::Attribute& a, int v) { a.set_double_value(v); }},
      {"float", [](wire::Attribute& a, int v) { a.set_float_value(static_cast<float>(v)); }},
      {"int32", [](wire::Attribute& a, int v) { a.set_int32_value(v); }},
      {"int64", [](wire::Attribute& a, int v) { a.set_int64_value(v); }},
      {"uint32", [](wire::Attribute& a, int v) { a.set_uint32_value(static_cast<uint32_t>(v)); }},
      {"uint64", [](wire::Attribute& a, int v) { a.set_uint64_value(static_cast<uint64_t>(v)); }},
      {"sint32", [](wire::Attribute& a, int v) { a.set_sint32_value(v); }},
      {"sint64", [](wire::Attribute& a, int v) { a.set_sint64_value(v); }},
      {"fixed32", [](wire::Attribute& a, int v) { a.set_fixed32_value(static_cast<uint32_t>(v)); }},
      {"fixed64", [](wire::Attribute& a, int v) { a.set_fixed64_value(static_cast<uint64_t>(v)); }},
      {"sfixed32", [](wire::Attribute& a, int v) { a.set_sfixed32_value(v); }},
      {"sfixed64", [](wire::Attribute& a, int v) { a.set_sfixed64_value(v); }}};
  return kTypes;
}

void AddInteger(wire::TraceNode& node, const char* name, Setter set, int value) {
  wire::Attribute& attribute = *node.add_attributes();
  attribute.set_name(name);
  set(attribute, value);
}

class ForeignAttributes : public testing::Test {
 protected:
  GraphNode Read(const std::string& message) {
    WriteFile(m_folder / "t.et", MetadataRecord() + Record(message));
    const std::vector<GraphNode> nodes = ReadNodes(m_folder / "t.et");
    EXPECT_EQ(nodes.size(), 1u);
    return nodes.at(0);
  }
  GraphNode Read(const wire::TraceNode& node) { return Read(node.SerializeAsString()); }

  TemporaryFolder m_folder;
};

TEST_F(ForeignAttributes, EveryIntegerType) {
  for (const auto& [name, set] : IntegerTypes()) {
    SCOPED_TRACE(name);
    wire::TraceNode wire;
    wire.set_kind(wire::NODE_SEND);
    AddInteger(wire, "comm_type", set, 5);  // the node type, in some writers: ignored
    AddInteger(wire, "comm_size", set, 123456);
    AddInteger(wire, "comm_src", set, 3);
    AddInteger(wire, "comm_dst", set, 7);
    AddInteger(wire, "comm_tag", set, 42);
    GraphNode node = Read(wire);
    EXPECT_EQ(node.type, NodeType::kSend);
    EXPECT_EQ(node.size_bytes, 123456u);
    EXPECT_EQ(node.peer_rank, 7u);
    EXPECT_EQ(node.tag, 42u);
    wire.set_kind(wire::NODE_RECEIVE);
    EXPECT_EQ(Read(wire).peer_rank, 3u);
    wire.set_kind(wire::NODE_COLLECTIVE);
    node = Read(wire);
    EXPECT_EQ(node.collective, CollectiveType::kBroadcast);
    EXPECT_EQ(node.root, 0u);
    EXPECT_EQ(node.size_bytes, 123456u);
  }
}

TEST_F(ForeignAttributes, EveryCollectiveType) {
  const std::vector<CollectiveType> expected{
      CollectiveType::kAllReduce, CollectiveType::kReduce,        CollectiveType::kAllGather,
      CollectiveType::kGather,    CollectiveType::kScatter,       CollectiveType::kBroadcast,
      CollectiveType::kAllToAll,  CollectiveType::kReduceScatter, CollectiveType::kReduceScatter,
      CollectiveType::kBarrier};
  for (size_t number = 0; number < expected.size(); ++number) {
    wire::TraceNode wire;
    wire.set_kind(wire::NODE_COLLECTIVE);
    AddInteger(wire, "comm_type", IntegerTypes()[3].second, static_cast<int>(number));
    if (number != 9) AddInteger(wire, "comm_size", IntegerTypes()[3].second, 64);
    const GraphNode node = Read(wire);
    EXPECT_EQ(node.collective, expected[number]) << number;
    EXPECT_EQ(node.size_bytes, number == 9 ? 0u : 64u);
  }
}

TEST_F(ForeignAttributes, IsCpuOpAsBoolIntOrAbsent) {
  for (int form = 0; form < 3; ++form) {
    wire::TraceNode wire;
    wire.set_kind(wire::NODE_COMPUTE);
    wire.set_duration_us(3);
    wire::Attribute attribute;
    attribute.set_name("is_cpu_op");
    if (form == 0) attribute.set_bool_value(true);
    if (form == 1) attribute.set_int32_value(1);
    if (form != 2) *wire.add_attributes() = attribute;
    EXPECT_EQ(Read(wire).duration_ns, 3000u);
  }
}

TEST_F(ForeignAttributes, DurationComesFromTheBestSource) {
  wire::TraceNode wire;
  wire.set_kind(wire::NODE_COMPUTE);
  EXPECT_EQ(Read(wire).duration_ns, 0u);  // no time and no work
  AddInteger(wire, "num_ops", IntegerTypes()[0].second, 1000);
  GraphNode node = Read(wire);
  EXPECT_EQ(node.duration_ns, kNoDuration);  // left to a roofline
  EXPECT_EQ(node.operations, 1000u);
  wire.set_duration_us(2);
  EXPECT_EQ(Read(wire).duration_ns, 2000u);
  AddInteger(wire, "ddl_duration_ns", IntegerTypes()[5].second, 1234);
  EXPECT_EQ(Read(wire).duration_ns, 1234u);
}

TEST_F(ForeignAttributes, MetadataNodesKeepDependenciesAlive) {
  wire::TraceNode wire;
  wire.set_kind(wire::NODE_METADATA);
  wire.set_id(9);
  wire.add_control_dependencies(4);
  wire.mutable_inputs()->set_values("[{\"pg_name\":\"0\"}]");
  const GraphNode node = Read(wire);
  EXPECT_EQ(node.type, NodeType::kCompute);
  EXPECT_EQ(node.id, 9u);
  EXPECT_EQ(node.duration_ns, 0u);
  EXPECT_EQ(node.operation_class, "metadata");
  EXPECT_EQ(node.control_dependencies, std::vector<uint64_t>{4});
}

TEST_F(ForeignAttributes, ListsPackedOrNotAndFieldsInAnyOrder) {
  // type 4; data dependencies 1 (alone), 2 and 300 (packed), 5 (alone); an unknown field of each
  // wire type; the identifier last and twice, of which the last counts.
  const std::string message(
      "\x18\x04\x28\x01\x2a\x03\x02\xac\x02\x28\x05\xf8\x07\x01\xf9\x07"
      "12345678\xfa\x07\x02xy\xfd\x07"
      "1234\x08\x06\x08\x07",
      39);
  const GraphNode node = Read(message);
  EXPECT_EQ(node.id, 7u);
  EXPECT_EQ(node.data_dependencies, (std::vector<uint64_t>{1, 2, 300, 5}));
}

TEST_F(ForeignAttributes, UnknownAttributesAndListsAreSkipped) {
  wire::TraceNode wire;
  wire.set_kind(wire::NODE_COMPUTE);
  wire.set_start_us(77);
  wire.mutable_outputs()->set_shapes("[[4]]");
  wire::Attribute& list = *wire.add_attributes();
  list.set_name("strides");
  for (int i = 0; i < 100; ++i) list.mutable_sint64_list()->add_values(-i);
  wire.add_attributes()->set_name("num_ops");  // a name without a value is absent
  EXPECT_EQ(Describe(Read(wire)), Describe(ComputeNode(0, 0)));
}

TEST_F(ForeignAttributes, GroupNamesAsTextOrNumber) {
  wire::TraceNode wire;
  wire.set_kind(wire::NODE_COLLECTIVE);
  AddInteger(wire, "comm_type", IntegerTypes()[3].second, 0);
  AddInteger(wire, "comm_size", IntegerTypes()[3].second, 8);
  wire::Attribute& group = *wire.add_attributes();
  group.set_name("pg_name");
  group.set_int32_value(12);
  EXPECT_EQ(Read(wire).group, "12");
  group.set_string_value("tp");
  EXPECT_EQ(Read(wire).group, "tp");
  // Dimensions that leave something out are fine where a group says what is meant.
  wire::Attribute& dimensions = *wire.add_attributes();
  dimensions.set_name("involved_dim");
  dimensions.mutable_bool_list()->add_values(false);
  EXPECT_EQ(Read(wire).group, "tp");
}

wire::TraceNode CollectiveWithShares(int type, const std::vector<uint64_t>& weights,
                                     const char* name = "ddl_receive_shares") {
  wire::TraceNode node;
  node.set_kind(wire::NODE_COLLECTIVE);
  AddInteger(node, "comm_type", IntegerTypes()[3].second, type);
  AddInteger(node, "comm_size", IntegerTypes()[3].second, 64);
  wire::Attribute& shares = *node.add_attributes();
  shares.set_name(name);
  shares.mutable_uint64_list();
  for (uint64_t weight : weights) shares.mutable_uint64_list()->add_values(weight);
  return node;
}

TEST_F(ForeignAttributes, SharesInAnyListOfIntegers) {
  GraphNode node = Read(CollectiveWithShares(6, {5, 0, kShareWeightMax}, "ddl_send_shares"));
  EXPECT_EQ(node.shares, (MemberShares{{5, 0, kShareWeightMax}, true}));
  wire::TraceNode wire = CollectiveWithShares(6, {});
  wire::Attribute& shares = *wire.mutable_attributes(2);
  shares.mutable_int32_list()->add_values(7);
  shares.mutable_int32_list()->add_values(8);
  node = Read(wire);
  EXPECT_EQ(node.shares, (MemberShares{{7, 8}, false}));
  // Of nodes before it nothing is left.
  WriteFile(m_folder / "two.et", MetadataRecord() + NodeRecord(wire) +
                                     Record(CollectiveWithShares(0, {1}, "x").SerializeAsString()));
  EXPECT_TRUE(ReadNodes(m_folder / "two.et").at(1).shares.IsEmpty());
}

TEST_F(ForeignAttributes, SharesThatMeanNothingAreRefused) {
  const auto error_of = [this](const wire::TraceNode& node) {
    return ErrorOf([&] { Read(node); });
  };
  const auto expect = [&](const wire::TraceNode& node, const char* part) {
    EXPECT_NE(error_of(node).find(part), std::string::npos) << error_of(node);
  };
  expect(CollectiveWithShares(0, {1, 2}), "all_reduce has the attribute ddl_receive_shares");
  expect(CollectiveWithShares(2, {1, 2}, "ddl_send_shares"), "belongs to all_to_all");
  expect(CollectiveWithShares(6, {}), "ddl_receive_shares gives no member anything");
  expect(CollectiveWithShares(6, {0, 0}), "gives no member anything");
  expect(CollectiveWithShares(6, {kShareWeightMax + 1, 1}), "above its limit");
  wire::TraceNode both = CollectiveWithShares(6, {1, 2});
  *both.add_attributes() = both.attributes(2);
  both.mutable_attributes(3)->set_name("ddl_send_shares");
  expect(both, "state one of");
  wire::TraceNode other = CollectiveWithShares(6, {1});
  other.mutable_attributes(2)->set_uint64_value(3);
  expect(other, "ddl_receive_shares is not a list of integers");
  other.mutable_attributes(2)->mutable_int64_list()->add_values(-3);
  expect(other, "negative");
}

}  // namespace
}  // namespace ddlsim
