// SPDX-License-Identifier: MIT
#include "results/bench-table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace ddlsim {
namespace {

CollectiveRecord Record(CollectiveType type, uint64_t size_bytes, uint64_t time_ps) {
  CollectiveRecord record;
  record.spec = {type, Algorithm::kRing, 8, size_bytes, 0};
  record.start_ps = 5000;
  record.end_ps = record.start_ps + time_ps;
  record.bound_ps = time_ps / 2;
  return record;
}

using Lines = std::vector<std::vector<std::string>>;

// Words of the lines that are no comments.
Lines RowsOf(const std::string& text) {
  Lines rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.front() == '#') continue;
    std::istringstream words(line);
    rows.emplace_back();
    for (std::string word; words >> word;) rows.back().push_back(word);
  }
  return rows;
}

// 8 MB in 100 us: 80 GB/s, on the bus 2 x 7/8 of it.
TEST(BenchTable, ColumnsAreThoseOfNcclTests) {
  CollectiveTable table;
  CollectiveRecord record = Record(CollectiveType::kAllReduce, 8000000, 100000000);
  record.protocol = Protocol::kSimple;
  record.channels = 24;
  record.model_ps = 90500000;
  table.Add(record);
  table.Add(Record(CollectiveType::kAllReduce, 8, 12345678));
  const std::string text = BenchTable(table.Groups());
  EXPECT_EQ(RowsOf(text), (Lines{{"8000000", "2000000", "float", "sum", "-1", "100.000", "80.00",
                                  "140.00", "50.000", "90.500", "ring", "simple", "24"},
                                 {"8", "2", "float", "sum", "-1", "12.346", "0.00", "0.00", "6.173",
                                  "-", "ring", "-", "-"}}));
  EXPECT_NE(text.find("# Avg bus bandwidth    : 70.0006\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("\n#      size       count   type  redop  root     time   algbw   busbw"),
            text.find("\n#      size"));
}

// Of collectives that split what they carry, the count is one rank's part; the size is the whole.
TEST(BenchTable, CountsElementsOfOneRank) {
  CollectiveTable table;
  table.Add(Record(CollectiveType::kAllGather, 6400, 1000000));
  EXPECT_EQ(RowsOf(BenchTable(table.Groups()))[0][1], "200");
  EXPECT_EQ(RowsOf(BenchTable(table.Groups()))[0][3], "none");
  CollectiveTable rooted;
  rooted.Add(Record(CollectiveType::kBroadcast, 6400, 1000000));
  EXPECT_EQ(RowsOf(BenchTable(rooted.Groups()))[0][1], "1600");
  EXPECT_EQ(RowsOf(BenchTable(rooted.Groups()))[0][4], "0");
}

TEST(BenchTable, RepeatedSizesAreOneRowOfTheirMean) {
  CollectiveTable table;
  table.Add(Record(CollectiveType::kAllReduce, 64, 2000000));
  table.Add(Record(CollectiveType::kAllReduce, 64, 4000000));
  table.Add(Record(CollectiveType::kAllReduce, 32, 90000000));
  const Lines rows = RowsOf(BenchTable(table.Groups()));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0][0], "64");  // in the order of the run
  EXPECT_EQ(rows[0][5], "3.000");
}

TEST(BenchTable, OfNothing) {
  EXPECT_EQ(BenchTable({}), "# No collective has completed.\n");
}

}  // namespace
}  // namespace ddlsim
