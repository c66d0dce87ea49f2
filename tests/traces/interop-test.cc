// SPDX-License-Identifier: MIT
//
// Traces that this project did not write: 4 ranks with one collective of 1 MiB each.
// DDL_INTEROP_DIR names the folder that holds all_gather.4 and all_reduce.4; they are not part of
// the project.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/traces/test-support.h"
#include "traces/trace-export.h"
#include "traces/trace-reader.h"

namespace ddlsim {
namespace {

class Interop : public testing::TestWithParam<std::pair<const char*, CollectiveType>> {};

TEST_P(Interop, ReadsValidatesAndExports) {
  const char* folder = std::getenv("DDL_INTEROP_DIR");
  if (folder == nullptr) GTEST_SKIP() << "DDL_INTEROP_DIR is unset: no traces of other tools";
  const std::string name = GetParam().first;
  const std::string path = std::string(folder) + "/" + name + ".4";
  const TraceSet set = OpenTraceSet(path);
  EXPECT_EQ(set.rank_count, 4u);
  EXPECT_EQ(OpenTraceSet(path + "/" + name).rank_count, 4u);
  EXPECT_EQ(TraceReader(set.classes[0].file).SchemaVersion(), "0.0.4");
  const ValidationReport report = ValidateTraceSet(set);
  EXPECT_EQ(report.nodes, 4u);
  EXPECT_EQ(report.collective_nodes, 4u);
  for (uint32_t rank = 0; rank < 4; ++rank) {
    const std::vector<GraphNode> nodes = ReadNodes(set.classes[rank].file);
    ASSERT_EQ(nodes.size(), 1u);
    EXPECT_EQ(nodes[0].id, rank);
    EXPECT_EQ(nodes[0].name, name + "_4npus_1MB");
    EXPECT_EQ(nodes[0].collective, GetParam().second);
    EXPECT_EQ(nodes[0].size_bytes, 1u << 20);
    EXPECT_EQ(nodes[0].group, "");
  }
  const TemporaryFolder out;
  ExportOptions options;
  options.folder = out / "x";
  ExportTraceSet(set, options);
  EXPECT_EQ(Describe(ReadNodes(out / "x/trace.3.et").at(0)),
            Describe(ReadNodes(set.classes[3].file).at(0)));
}

INSTANTIATE_TEST_SUITE_P(Samples, Interop,
                         testing::Values(std::pair("all_gather", CollectiveType::kAllGather),
                                         std::pair("all_reduce", CollectiveType::kAllReduce)));

}  // namespace
}  // namespace ddlsim
