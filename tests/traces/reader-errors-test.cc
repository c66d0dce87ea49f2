// SPDX-License-Identifier: MIT
//
// One case per way in which a file can be wrong, with the place and the words of the message.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/traces/test-support.h"
#include "traces/trace-reader.h"

namespace ddlsim {
namespace {

class ReaderErrors : public testing::Test {
 protected:
  // The error of reading a file of these bytes, without the folder.
  std::string ErrorOfBytes(const std::string& bytes) {
    const std::string path = m_folder / "t.et";
    WriteFile(path, bytes);
    return WithoutFolder(ErrorOf([&path] { ReadNodes(path); }));
  }
  std::string ErrorOfNode(const std::string& message) {
    return ErrorOfBytes(MetadataRecord() + Record(message));
  }
  std::string WithoutFolder(const std::string& text) const {
    const size_t at = text.find(m_folder.Path());
    return at == 0 ? text.substr(m_folder.Path().size() + 1) : text;
  }
  // The error of a node of one kind with some attributes.
  std::string ErrorOfAttributes(wire::NodeKind kind,
                                const std::vector<wire::Attribute>& attributes) {
    wire::TraceNode node;
    node.set_kind(kind);
    for (const wire::Attribute& attribute : attributes) *node.add_attributes() = attribute;
    return ErrorOfNode(node.SerializeAsString());
  }
  static wire::Attribute Integer(const std::string& name, int64_t value) {
    wire::Attribute attribute;
    attribute.set_name(name);
    attribute.set_int64_value(value);
    return attribute;
  }

  TemporaryFolder m_folder;
};

const char* const kAgain = "; write or copy the file again";

TEST_F(ReaderErrors, FilesThatCannotBeRead) {
  EXPECT_EQ(WithoutFolder(ErrorOf([&] { TraceReader reader(m_folder / "none.et"); })),
            "none.et: cannot be opened: No such file or directory; name a readable trace file");
  EXPECT_EQ(ErrorOf([&] { TraceReader reader(m_folder.Path()); }),
            m_folder.Path() + ": is not a regular file; name a readable trace file");
}

TEST_F(ReaderErrors, Framing) {
  EXPECT_EQ(ErrorOfBytes(""), std::string("t.et: record 1 (byte 0): the file is empty") + kAgain);
  EXPECT_EQ(ErrorOfBytes(MetadataRecord() + "\x85"),
            std::string("t.et: record 2 (byte 8): the length of the record is cut off") + kAgain);
  EXPECT_EQ(
      ErrorOfBytes(MetadataRecord() + "\x05\x08"),
      std::string("t.et: record 2 (byte 8): the record is cut off: its length is 5") + kAgain);
  EXPECT_EQ(ErrorOfBytes(MetadataRecord() + "\x81\x80\x80\x08"),
            std::string("t.et: record 2 (byte 8): the length of the record, 16777217, is over the "
                        "limit of 16 MiB") +
                kAgain);
  EXPECT_EQ(ErrorOfBytes(MetadataRecord() + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            std::string("t.et: record 2 (byte 8): the length of the record is over the limit of 16 "
                        "MiB") +
                kAgain);
}

TEST_F(ReaderErrors, Gzip) {
  const std::string whole = Gzip(MetadataRecord() + std::string(100000, '\x01'));
  EXPECT_EQ(ErrorOfBytes(whole.substr(0, 15)),
            std::string("t.et: record 1 (byte 0): the gzip stream is cut off") + kAgain);
  std::string damaged = Gzip(MetadataRecord());
  damaged[damaged.size() - 5] ^= 1;  // the checksum
  EXPECT_EQ(ErrorOfBytes(damaged),
            std::string("t.et: record 1 (byte 0): the gzip stream is damaged") + kAgain);
  EXPECT_EQ(
      ErrorOfBytes(Gzip(MetadataRecord()) + "x"),
      std::string("t.et: record 2 (byte 8): bytes follow the end of the gzip stream") + kAgain);
}

TEST_F(ReaderErrors, MalformedMessages) {
  const auto expect = [this](const std::string& message, const std::string& problem) {
    EXPECT_EQ(ErrorOfNode(message), "t.et: record 2 (byte 8): " + problem + kAgain);
  };
  expect("\x08", "a number is cut off");
  expect("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "a number is longer than 64 bits");
  expect(std::string("\x00\x01", 2), "a field number is out of range");
  expect("\x0b", "field 1 has an unknown wire type");
  expect("\x12\x05xy", "field 2 is longer than its record");
  expect("\x0a\x01x", "field 1 has wire type 2 where 0 is expected");
  expect("\x10\x01", "field 2 has wire type 0 where 2 is expected");
  expect("\x3d\x01\x01\x01\x01", "field 7 has wire type 5 where 0 is expected");
  expect("\x22\x01\x80", "a number is cut off");
  expect("\x12\x02\xc3\x28\x18\x04", "the node's name is not UTF-8 text");
  expect("\x12\x03\xed\xa0\x80\x18\x04", "the node's name is not UTF-8 text");
  expect("\x52\x02\x2d\x01", "a number is cut off");
  expect("\x52\x02\x19\x01", "a number is cut off");
}

TEST_F(ReaderErrors, Metadata) {
  wire::TraceNode node;
  node.set_kind(wire::NODE_COMPUTE);
  EXPECT_EQ(ErrorOfBytes(NodeRecord(node)),
            "t.et: record 1 (byte 0): the first record is no metadata record; give a Chakra "
            "execution trace of schema 0.0.4");
  wire::TraceMetadata metadata;
  wire::Attribute& attribute = *metadata.add_attributes();
  attribute.set_name("ddl_format");
  attribute.set_uint32_value(2);
  EXPECT_EQ(ErrorOfBytes(Record(metadata.SerializeAsString())),
            "t.et: record 1 (byte 0): format version 2 is unknown; use a later ddlsim; this one "
            "reads version 1");
  attribute.set_name("ddl_comm_size");
  attribute.set_string_value("half");
  EXPECT_EQ(ErrorOfBytes(Record(metadata.SerializeAsString())),
            std::string("t.et: record 1 (byte 0): attribute ddl_comm_size is neither total nor "
                        "per-rank") +
                kAgain);
}

TEST_F(ReaderErrors, UnknownTypesNameWhatIsAccepted) {
  const std::string types =
      "; accepted are 1 metadata, 2 memory load, 3 memory store, 4 compute, 5 send, 6 receive, 7 "
      "collective";
  EXPECT_EQ(ErrorOfNode(""), "t.et: record 2 (byte 8): node type 0 is invalid" + types);
  EXPECT_EQ(ErrorOfNode("\x18\x08"), "t.et: record 2 (byte 8): node type 8 is unknown" + types);
  EXPECT_EQ(ErrorOfAttributes(wire::NODE_COLLECTIVE, {Integer("comm_type", 10)}),
            "t.et: record 2 (byte 8): collective type 10 is unknown; accepted are 0 all_reduce, 1 "
            "reduce, 2 all_gather, 3 gather, 4 scatter, 5 broadcast, 6 all_to_all, 7 and 8 "
            "reduce_scatter, 9 barrier");
}

TEST_F(ReaderErrors, MissingAttributes) {
  const auto expect = [this](wire::NodeKind kind, const std::vector<wire::Attribute>& attributes,
                             const std::string& problem) {
    EXPECT_EQ(ErrorOfAttributes(kind, attributes),
              "t.et: record 2 (byte 8): " + problem + "; correct the tool that wrote it");
  };
  const wire::Attribute size = Integer("comm_size", 8);
  expect(wire::NODE_COLLECTIVE, {size}, "a collective node has no attribute comm_type");
  expect(wire::NODE_COLLECTIVE, {Integer("comm_type", 0)},
         "a collective node has no attribute comm_size");
  expect(wire::NODE_SEND, {size}, "a send node has no attribute comm_dst");
  expect(wire::NODE_RECEIVE, {size}, "a receive node has no attribute comm_src");
  expect(wire::NODE_RECEIVE, {}, "a receive node has no attribute comm_size");
}

TEST_F(ReaderErrors, ImpossibleValues) {
  const auto expect = [this](wire::NodeKind kind, const std::vector<wire::Attribute>& attributes,
                             const std::string& problem) {
    EXPECT_EQ(ErrorOfAttributes(kind, attributes),
              "t.et: record 2 (byte 8): attribute " + problem + "; correct the tool that wrote it");
  };
  const wire::Attribute dst = Integer("comm_dst", 1);
  expect(wire::NODE_SEND, {dst, Integer("comm_size", -5)}, "comm_size is negative (-5)");
  expect(wire::NODE_SEND, {dst, Integer("comm_size", (1ll << 50) + 1)},
         "comm_size is out of range (1125899906842625, at most 1125899906842624 is possible)");
  expect(wire::NODE_SEND, {Integer("comm_size", 1), Integer("comm_dst", 1 << 20)},
         "comm_dst is out of range (1048576, at most 1048575 is possible)");
  expect(wire::NODE_SEND, {dst, Integer("comm_size", 1), Integer("comm_tag", 1ll << 32)},
         "comm_tag is out of range (4294967296, at most 4294967295 is possible)");
  expect(wire::NODE_SEND, {Integer("comm_size", 1), Integer("ddl_peer_offset", (1 << 20) + 1)},
         "ddl_peer_offset is out of range");
  expect(wire::NODE_SEND, {dst, Integer("comm_size", 1), Integer("ddl_copy", 2)},
         "ddl_copy is out of range (2, at most 1 is possible)");
  expect(
      wire::NODE_COMPUTE, {Integer("ddl_duration_ns", 1000000000000001)},
      "ddl_duration_ns is out of range (1000000000000001, at most 1000000000000000 is possible)");
  expect(wire::NODE_COMPUTE, {Integer("num_ops", -1)}, "num_ops is negative (-1)");
  wire::Attribute wrong;
  wrong.set_name("comm_size");
  wrong.set_string_value("8");
  expect(wire::NODE_SEND, {dst, wrong}, "comm_size is not a number");
  wrong.set_double_value(8.5);
  expect(wire::NODE_SEND, {dst, wrong}, "comm_size is not a whole number");
  wrong.set_double_value(std::stod("nan"));
  expect(wire::NODE_SEND, {dst, wrong}, "comm_size is out of range");
  wrong.set_name("pg_name");
  wrong.set_bool_value(true);
  wrong.mutable_uint64_list()->add_values(1);
  expect(wire::NODE_COLLECTIVE, {Integer("comm_type", 0), Integer("comm_size", 1), wrong},
         "pg_name is not a string");
  wrong.set_bytes_value("\xff");
  expect(wire::NODE_COLLECTIVE, {Integer("comm_type", 0), Integer("comm_size", 1), wrong},
         "pg_name is not UTF-8 text");
}

TEST_F(ReaderErrors, DurationsOutOfRange) {
  wire::TraceNode node;
  node.set_kind(wire::NODE_COMPUTE);
  node.set_duration_us(1000000000001);
  EXPECT_EQ(ErrorOfNode(node.SerializeAsString()),
            "t.et: record 2 (byte 8): the duration is out of range (1000000000001 us); a node may "
            "take 1e6 s at most");
}

TEST_F(ReaderErrors, DimensionsWithoutAGroup) {
  wire::Attribute dimensions;
  dimensions.set_name("involved_dim");
  dimensions.mutable_bool_list()->add_values(true);
  dimensions.mutable_bool_list()->add_values(false);
  EXPECT_EQ(
      ErrorOfAttributes(wire::NODE_COLLECTIVE,
                        {Integer("comm_type", 0), Integer("comm_size", 1), dimensions}),
      "t.et: record 2 (byte 8): involved_dim leaves out dimensions, which only a hierarchical "
      "system has; name the communicator group in pg_name instead");
}

TEST_F(ReaderErrors, PlaceCountsRecordsAndBytesAfterDecompression) {
  wire::TraceNode node;
  node.set_kind(wire::NODE_COMPUTE);
  const std::string record = NodeRecord(node);
  const std::string bytes = MetadataRecord() + record + record + Record("\x18\x09");
  EXPECT_EQ(ErrorOfBytes(Gzip(bytes)).substr(0, 25), "t.et: record 4 (byte 14):");
  EXPECT_EQ(ErrorOfBytes(bytes).substr(0, 25), "t.et: record 4 (byte 14):");
}

}  // namespace
}  // namespace ddlsim
