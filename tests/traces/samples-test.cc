// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/traces/sample-sets.h"
#include "tests/traces/test-support.h"

namespace ddlsim {
namespace {

namespace fs = std::filesystem;

const std::string kSamples = std::string(DDL_SOURCE_DIR) + "/traces/samples/";

TEST(Samples, AreWhatTheirProgramWrites) {
  const TemporaryFolder folder;
  WriteAllReduceSample(folder / "all-reduce-4");
  WritePipelineSample(folder / "pipeline-2");
  for (const std::string set : {"all-reduce-4", "pipeline-2"}) {
    const std::string kept = kSamples + set;
    const std::string made = folder / set;
    ASSERT_EQ(ListFolder(kept), ListFolder(made));
    uint64_t size_bytes = 0;
    for (const std::string& file : ListFolder(made)) {
      EXPECT_EQ(ReadFile(fs::path(kept) / file), ReadFile(fs::path(made) / file))
          << "run: ddl-make-trace-samples traces/samples";
      size_bytes += fs::file_size(fs::path(kept) / file);
    }
    EXPECT_LT(size_bytes, 10000u);
  }
}

TEST(Samples, AllReduce) {
  const TraceSet set = OpenTraceSet(kSamples + "all-reduce-4");
  const ValidationReport report = ValidateTraceSet(set);
  EXPECT_EQ(set.rank_count, 4u);
  EXPECT_EQ(report.compute_nodes, 4u);
  EXPECT_EQ(report.collective_nodes, 2u);
  EXPECT_EQ(report.communication_bytes, 8u << 20);
}

TEST(Samples, Pipeline) {
  const TraceSet set = OpenTraceSet(kSamples + "pipeline-2");
  const ValidationReport report = ValidateTraceSet(set);
  EXPECT_EQ(set.rank_count, 2u);
  EXPECT_EQ(report.send_nodes, 4u);
  EXPECT_EQ(report.receive_nodes, 4u);
  EXPECT_EQ(set.GroupOf("pp", 1), (std::vector<uint32_t>{0, 1}));
}

}  // namespace
}  // namespace ddlsim
