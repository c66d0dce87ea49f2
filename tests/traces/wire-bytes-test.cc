// SPDX-License-Identifier: MIT
//
// The worked example of docs/trace-format.md, byte by byte, computed by hand from the tables there.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/traces/test-support.h"
#include "traces/node-encoder.h"
#include "traces/trace-reader.h"

namespace ddlsim {
namespace {

// The bytes between "OFFSET:" and "|" in the lines of the page's example.
std::string BytesOfThePage() {
  std::istringstream page(ReadFile(std::string(DDL_SOURCE_DIR) + "/docs/trace-format.md"));
  std::string bytes;
  std::string line;
  bool is_example = false;
  while (std::getline(page, line)) {
    if (line == "## Worked example") is_example = true;
    if (is_example && line.rfind("## ", 0) == 0 && line != "## Worked example") break;
    const size_t colon = line.find(": ");
    const size_t bar = line.find(" | ");
    if (!is_example || colon == std::string::npos || bar == std::string::npos || bar < colon)
      continue;
    EXPECT_EQ(std::stoul(line.substr(0, colon)), bytes.size()) << "offset in: " << line;
    std::istringstream pairs(line.substr(colon + 1, bar - colon - 1));
    for (std::string pair; pairs >> pair;) {
      bytes += static_cast<char>(std::stoi(pair, nullptr, 16));
    }
  }
  return bytes;
}

std::vector<GraphNode> NodesOfThePage() {
  GraphNode forward = ComputeNode(0, 1500);
  forward.name = "fwd";
  GraphNode gradients = CollectiveNode(1, CollectiveType::kAllReduce, 1 << 20, "dp");
  gradients.name = "grad";
  gradients.data_dependencies = {0};
  return {forward, gradients};
}

TEST(WireBytes, WriterMakesTheBytesOfThePage) {
  std::string bytes;
  AppendMetadata(CommSizeMeaning::kTotal, bytes);
  for (const GraphNode& node : NodesOfThePage()) AppendNode(node, std::nullopt, bytes);
  const std::string expected = BytesOfThePage();
  ASSERT_EQ(expected.size(), 175u);
  EXPECT_EQ(bytes, expected);
}

TEST(WireBytes, ReaderReadsTheBytesOfThePage) {
  const TemporaryFolder folder;
  WriteFile(folder / "page.et", BytesOfThePage());
  TraceReader reader(folder / "page.et");
  EXPECT_EQ(reader.SchemaVersion(), "0.0.4");
  EXPECT_EQ(reader.StatedCommSizeMeaning(), CommSizeMeaning::kTotal);
  const std::vector<GraphNode> expected = NodesOfThePage();
  GraphNode node;
  for (const GraphNode& each : expected) {
    ASSERT_TRUE(reader.Next(node));
    EXPECT_EQ(Describe(node), Describe(each));
  }
  EXPECT_FALSE(reader.Next(node));
}

}  // namespace
}  // namespace ddlsim
