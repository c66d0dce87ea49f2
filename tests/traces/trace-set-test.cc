// SPDX-License-Identifier: MIT
//
// Finding and opening sets, groups files, and what a set answers about groups, peers and sizes.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/traces/random-graph.h"
#include "tests/traces/test-support.h"
#include "traces/group-index.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

const std::vector<std::vector<GraphNode>> kTwoRanks{{ComputeNode(0, 1)}, {ComputeNode(0, 2)}};

class TraceSets : public testing::Test {
 protected:
  std::string ErrorOfOpen(const std::string& path, const std::string& groups_file = "") {
    OpenOptions options;
    options.groups_file = groups_file;
    std::string text = ErrorOf([&] { OpenTraceSet(path, options); });
    for (size_t at; (at = text.find(m_folder.Path())) != std::string::npos;) {
      text.replace(at, m_folder.Path().size(), "DIR");
    }
    return text;
  }
  std::string ErrorOfGroups(const std::string& json) {
    WriteFile(m_folder / "groups.txt", json);
    return ErrorOfOpen(m_folder / "a", m_folder / "groups.txt");
  }

  TemporaryFolder m_folder;
};

TEST_F(TraceSets, FamilyByFolderAndByPrefix) {
  WriteForeignSet(m_folder.Path(), "a.b", kTwoRanks);
  for (const std::string& path : {m_folder.Path(), m_folder.Path() + "/", m_folder / "a.b"}) {
    const TraceSet set = OpenTraceSet(path);
    EXPECT_EQ(set.path, path);
    EXPECT_FALSE(set.has_manifest);
    EXPECT_EQ(set.rank_count, 2u);
    EXPECT_EQ(set.description_json, "{}");
    ASSERT_EQ(set.classes.size(), 2u);
    EXPECT_EQ(ReadNodes(set.classes[1].file).at(0).duration_ns, 2u);
  }
}

TEST_F(TraceSets, FilesThatAreNoSet) {
  const std::string remedy =
      "; name a folder with manifest.json, or DIR/NAME of files NAME.<rank>.et";
  EXPECT_EQ(ErrorOfOpen(m_folder.Path()),
            "DIR: holds neither manifest.json nor NAME.<rank>.et" + remedy);
  EXPECT_EQ(ErrorOfOpen(m_folder / "none"), "DIR/none: no such trace set" + remedy);
  EXPECT_EQ(ErrorOfOpen(""), ": no such trace set" + remedy);
  WriteForeignSet(m_folder.Path(), "a", kTwoRanks);
  EXPECT_EQ(ErrorOfOpen(m_folder / "a.0.et"), "DIR/a.0.et: is a file, not a trace set" + remedy);
  WriteForeignSet(m_folder.Path(), "b", kTwoRanks);
  EXPECT_EQ(ErrorOfOpen(m_folder.Path()),
            "DIR: holds 2 families of traces; name one of them, such as DIR/a");
  EXPECT_EQ(ErrorOfOpen(m_folder / "b"), "no error");
}

TEST_F(TraceSets, RanksWithoutGaps) {
  WriteForeignSet(m_folder.Path(), "a", {{}, {}, {}});
  fs::remove(m_folder / "a.1.et");
  EXPECT_EQ(
      ErrorOfOpen(m_folder / "a"),
      "DIR/a: has files up to rank 2 but none of rank 1 (a.1.et); add the missing file; ranks "
      "count from 0 without gaps");
  WriteFile(m_folder / "a.01.et", "");  // another spelling is another file
  EXPECT_NE(ErrorOfOpen(m_folder / "a"), "no error");
}

TEST_F(TraceSets, GroupsFiles) {
  WriteForeignSet(m_folder.Path(), "a", {{}, {}, {}, {}});
  EXPECT_TRUE(OpenTraceSet(m_folder / "a").axes.empty());
  WriteFile(m_folder / "comm_group.json", "{\"1\": [0, 1]}");
  EXPECT_EQ(OpenTraceSet(m_folder / "a").axes.at(0).name, "1");
  WriteFile(m_folder / "a.json", "{\"2\": [3, 1], \"x\": [1]}");
  TraceSet set = OpenTraceSet(m_folder / "a");
  ASSERT_EQ(set.axes.size(), 2u);
  EXPECT_EQ(set.GroupOf("2", 1), (std::vector<uint32_t>{3, 1}));
  EXPECT_EQ(set.GroupOf("x", 1), std::vector<uint32_t>{1});
  EXPECT_EQ(set.GroupOf("", 2), (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(ErrorOf([&] { set.GroupOf("2", 0); }),
            m_folder / "a" +
                ": rank 0 is in no group '2'; add the rank to the group or remove what "
                "it does there");
  EXPECT_EQ(
      ErrorOf([&] { set.GroupOf("y", 0); }),
      m_folder / "a" + ": group 'y' is unknown; name the file of the groups with --groups=FILE");
}

TEST_F(TraceSets, GroupsFilesThatAreWrong) {
  WriteForeignSet(m_folder.Path(), "a", {{}, {}});
  const std::string shape =
      "DIR/groups.txt: is not an object of lists of ranks; write {\"<name>\": [rank, ...], ...}";
  for (const char* json : {"[]", "5", "null", "{\"a\":{}}", "{\"a\":[[0]]}", "{\"a\":[-1]}",
                           "{\"a\":[0.5]}", "{\"a\":[\"0\"]}", "{\"a\":0}", "{\"a\":true}"}) {
    EXPECT_EQ(ErrorOfGroups(json), shape) << json;
  }
  EXPECT_EQ(ErrorOfGroups("{\n\"a\":[0,}"),
            "DIR/groups.txt:2: is not valid JSON; correct the syntax");
  EXPECT_EQ(ErrorOfGroups(std::string(5000000, '[')), shape);
  EXPECT_EQ(
      ErrorOfGroups("{\"a\":[0,2]}"),
      "DIR/groups.txt: group 'a' names rank 2, which is outside the set; the set has ranks 0 to 1");
  EXPECT_EQ(ErrorOfGroups("{\"a\":[1,0,1]}"),
            "DIR/groups.txt: group 'a' names rank 1 twice; name each rank once");
  EXPECT_EQ(ErrorOfGroups("{\"a\":[]}"), "DIR/groups.txt: group 'a' has no ranks; remove it");
  EXPECT_EQ(ErrorOfGroups("{\"a\":[0],\"a\":[1]}"),
            "DIR/groups.txt: group 'a' stands twice; name each group once");
  EXPECT_EQ(ErrorOfGroups("{\"\":[0]}"),
            "DIR/groups.txt: a group has an empty name; name each group");
  EXPECT_EQ(ErrorOfOpen(m_folder / "a", m_folder / "none.json"),
            "DIR/none.json: cannot be read; name a readable file");
}

TEST_F(TraceSets, OwnSetsAreHeldToTheirChecksums) {
  RandomGraph random(5);
  RandomGraph::Write(random.TraceSetOf(4), m_folder / "set");
  const std::string file = m_folder / "set/class-0.et";
  EXPECT_EQ(ErrorOfOpen(m_folder / "set"), "no error");
  EXPECT_EQ(ErrorOfOpen(m_folder / "set", m_folder / "g.json"),
            "--groups: does not go with a set that has a manifest.json; leave it out: the manifest "
            "has the groups");
  std::string bytes = ReadFile(file);
  bytes.back() ^= 1;
  WriteFile(file, bytes);
  EXPECT_EQ(
      ErrorOfOpen(m_folder / "set"),
      "DIR/set/class-0.et: its checksum is not the one in manifest.json; generate or copy the "
      "set again");
  OpenOptions unchecked;
  unchecked.verify_checksums = false;
  EXPECT_EQ(OpenTraceSet(m_folder / "set", unchecked).rank_count, 4u);
  fs::remove(file);
  EXPECT_EQ(ErrorOfOpen(m_folder / "set"),
            "DIR/set/class-0.et: cannot be read; name a set whose files are all there");
  EXPECT_NE(ErrorOf([&] { OpenTraceSet(m_folder / "set", unchecked); }), "no error");
}

TEST(TraceSetAnswers, SizesAsInNcclTests) {
  TraceSet set;
  set.path = "set";
  set.rank_count = 8;
  set.comm_size_meaning = CommSizeMeaning::kPerRank;
  for (size_t i = 0; i < kCollectiveTypeCount; ++i) {
    const auto type = static_cast<CollectiveType>(i);
    const bool has_shares = type == CollectiveType::kAllGather ||
                            type == CollectiveType::kReduceScatter ||
                            type == CollectiveType::kAllToAll || type == CollectiveType::kGather ||
                            type == CollectiveType::kScatter;
    EXPECT_EQ(set.SizeBytes(CollectiveNode(0, type, 100), 4), has_shares ? 400u : 100u);
  }
  EXPECT_EQ(set.SizeBytes(SendNode(0, 1, 100), 4), 100u);
  EXPECT_EQ(
      ErrorOf(
          [&] { set.SizeBytes(CollectiveNode(3, CollectiveType::kAllGather, kSizeMaxBytes), 2); }),
      "set: node 3 moves 1125899906842624 bytes per rank of 2; use --comm-size=total if that is "
      "their sum");
  set.comm_size_meaning = CommSizeMeaning::kTotal;
  EXPECT_EQ(set.SizeBytes(CollectiveNode(0, CollectiveType::kAllGather, 100), 4), 100u);
}

TEST(TraceSetAnswers, PeersRoundTheGroup) {
  TraceSet set;
  set.path = "set";
  set.rank_count = 6;
  set.axes = {{"pp", {{4, 0, 2}, {1, 3, 5}}}};
  const auto peer = [&set](uint32_t rank, int32_t offset) {
    GraphNode node = SendNode(0, 0, 1);
    node.peer_is_relative = true;
    node.peer_offset = offset;
    node.group = "pp";
    return set.PeerOf(node, rank);
  };
  EXPECT_EQ(peer(4, 1), 0u);
  EXPECT_EQ(peer(4, -1), 2u);
  EXPECT_EQ(peer(2, 1), 4u);
  EXPECT_EQ(peer(2, -7), 0u);
  EXPECT_EQ(peer(5, 1048576), 1u);  // 1048576 is 1 modulo 3
  EXPECT_EQ(set.PeerOf(SendNode(0, 5, 1), 0), 5u);
  EXPECT_EQ(ErrorOf([&] { set.PeerOf(SendNode(9, 6, 1), 0); }),
            "set: node 9 names rank 6 as its peer; the set has ranks 0 to 5");
}

TEST(TraceSetAnswers, IndexAgreesWithTheSearch) {
  RandomGraph random(TestSeed(31));
  for (int round = 0; round < 50; ++round) {
    RandomGraph::Set source = random.TraceSetOf(1 + static_cast<uint32_t>(random.Below(40)));
    TraceSet set;
    set.path = "set";
    set.rank_count = source.options.rank_count;
    set.axes = source.options.axes;
    set.axes[0].groups.erase(set.axes[0].groups.begin());  // its ranks are in no group now
    const GroupIndex index(set);
    for (const char* name : {"", "row", "column", "none"}) {
      for (uint32_t rank = 0; rank < set.rank_count; ++rank) {
        std::vector<uint32_t> expected;
        const std::string error = ErrorOf([&] { expected = set.GroupOf(name, rank); });
        GroupIndex::Member member;
        ASSERT_EQ(ErrorOf([&] { member = index.FindOrThrow(name, rank); }), error);
        if (error != "no error") continue;
        ASSERT_EQ(*member.group, expected);
        ASSERT_EQ(expected.at(member.index), rank);
      }
    }
  }
}

}  // namespace
}  // namespace ddlsim
