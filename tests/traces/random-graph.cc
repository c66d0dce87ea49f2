// SPDX-License-Identifier: MIT
#include "tests/traces/random-graph.h"

#include <cstdlib>
#include <iostream>

namespace ddlsim {

uint64_t TestSeed(uint64_t otherwise) {
  const char* text = std::getenv("DDL_TEST_SEED");
  const uint64_t seed = text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
  std::cout << "seed " << seed << " (replay with DDL_TEST_SEED=" << seed << ")\n";
  return seed;
}

uint64_t RandomGraph::Magnitude(uint64_t high) {
  const uint64_t value = m_engine() >> Below(64);
  return Below(8) == 0 ? high : value % (high + 1);
}

std::string RandomGraph::Text() {
  static const std::vector<std::string> kLetters{
      "a", "Z", "0", ".", " ", "\"", "\\", "\n", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  std::string text;
  for (uint64_t i = Below(12); i > 0; --i) text += kLetters[Below(kLetters.size())];
  return text;
}

void RandomGraph::FillWork(GraphNode& node) {
  node.duration_ns = Coin() ? kNoDuration : Magnitude(kDurationMaxNs);
  node.operations = Coin() ? 0 : Magnitude(kOperationsMax);
  node.memory_bytes = Coin() ? 0 : Magnitude(kSizeMaxBytes);
  node.operation_class = Text();
}

MemberShares RandomGraph::Shares(uint64_t count) {
  MemberShares shares;
  shares.are_sent = Coin();
  shares.weights = {1 + Magnitude(kShareWeightMax - 1)};
  while (shares.weights.size() < count) shares.weights.push_back(Magnitude(kShareWeightMax));
  return shares;
}

GraphNode RandomGraph::Node(uint64_t id, const std::vector<uint64_t>& ids) {
  GraphNode node;
  node.id = id;
  node.name = Text();
  node.type = static_cast<NodeType>(Below(6));
  for (uint64_t i = Below(4); i > 0 && !ids.empty(); --i) {
    (Coin() ? node.control_dependencies : node.data_dependencies).push_back(ids[Below(ids.size())]);
  }
  if (node.type == NodeType::kCollective) {
    node.collective = static_cast<CollectiveType>(Below(kCollectiveTypeCount));
    node.group = Text();
    if (node.collective != CollectiveType::kBarrier) node.size_bytes = Magnitude(kSizeMaxBytes);
    if (IsRooted(node.collective)) node.root = static_cast<uint32_t>(Below(kRankCountMax));
    if (node.collective == CollectiveType::kAllToAll && Coin()) {
      node.shares = Shares(1 + Below(9));
    }
  } else if (node.type == NodeType::kSend || node.type == NodeType::kReceive) {
    node.size_bytes = Magnitude(kSizeMaxBytes);
    node.tag = static_cast<uint32_t>(Magnitude(UINT32_MAX));
    node.is_copy = node.type == NodeType::kSend && Coin();
    node.peer_is_relative = Coin();
    if (node.peer_is_relative) {
      node.peer_offset =
          static_cast<int32_t>(Below(2 * kRankCountMax + 1)) - static_cast<int32_t>(kRankCountMax);
      node.group = Text();
    } else {
      node.peer_rank = static_cast<uint32_t>(Below(kRankCountMax));
    }
  } else {
    FillWork(node);
  }
  return node;
}

// Ranks are a grid of `columns`: axis "row" joins the ranks of a row, "column" those of a column.
// Each row is a class, so that rows differ, and columns run through all classes.
RandomGraph::Set RandomGraph::TraceSetOf(uint32_t rank_count) {
  Set set;
  uint32_t columns = 1 + static_cast<uint32_t>(Below(rank_count));
  while (rank_count % columns != 0) --columns;
  const uint32_t rows = rank_count / columns;
  GroupAxis row_axis = {"row", {}};
  GroupAxis column_axis = {"column", std::vector<std::vector<uint32_t>>(columns)};
  for (uint32_t row = 0; row < rows; ++row) {
    row_axis.groups.emplace_back();
    for (uint32_t column = 0; column < columns; ++column) {
      row_axis.groups.back().push_back(row * columns + column);
      column_axis.groups[column].push_back(row * columns + column);
    }
  }
  set.class_ranks = row_axis.groups;
  set.class_nodes.resize(rows);
  set.options.generator_command = "random-graph \"quoted\"";
  set.options.seed = m_engine();
  set.options.rank_count = rank_count;
  set.options.axes = {row_axis, column_axis};
  std::vector<std::vector<uint64_t>> ids(rows);
  for (uint64_t step = 5 + Below(40); step > 0; --step) {
    // One random collective or exchange for all; then each class computes something of its own.
    GraphNode shared = Node(0, {});
    const bool along_column = Coin();
    const bool is_message = (along_column ? rows : columns) > 1 && Coin();
    const auto offset = static_cast<int32_t>(1 + Below(2)) * (Coin() ? 1 : -1);
    const uint32_t ring = along_column ? rows : columns;
    const MemberShares shares = Coin() ? Shares(ring) : MemberShares();
    for (uint32_t row = 0; row < rows; ++row) {
      const auto add = [&](GraphNode node) {
        node.id = ids[row].size() * 3 + 5;  // with gaps
        if (!ids[row].empty()) node.control_dependencies = {ids[row][Below(ids[row].size())]};
        ids[row].push_back(node.id);
        set.class_nodes[row].push_back(std::move(node));
      };
      GraphNode node;
      node.name = shared.name;
      node.size_bytes = 8 * (1 + shared.id + step);
      node.group = along_column ? "column" : "row";
      if (is_message && offset % static_cast<int32_t>(ring) != 0) {
        node.type = NodeType::kSend;
        node.peer_is_relative = true;
        node.peer_offset = offset;
        node.tag = static_cast<uint32_t>(step % 3);
        add(node);
        node.type = NodeType::kReceive;
        node.peer_offset = -offset;
        add(node);
      } else {
        node.type = NodeType::kCollective;
        node.collective = static_cast<CollectiveType>(step % kCollectiveTypeCount);
        if (node.collective == CollectiveType::kBarrier) node.size_bytes = 0;
        if (IsRooted(node.collective)) node.root = static_cast<uint32_t>(step % ring);
        if (node.collective == CollectiveType::kAllToAll) node.shares = shares;
        add(node);
      }
      GraphNode compute;
      FillWork(compute);
      add(compute);
    }
  }
  return set;
}

void RandomGraph::Write(const Set& set, const std::string& folder) {
  TraceSetWriter::Options options = set.options;
  options.folder = folder;
  TraceSetWriter writer(std::move(options));
  for (size_t i = 0; i < set.class_ranks.size(); ++i) {
    writer.BeginClass(set.class_ranks[i]);
    for (const GraphNode& node : set.class_nodes[i]) writer.Add(node);
  }
  writer.SetDescription("{\"model\":\"random\",\"nested\":{\"list\":[1,2.5,null]}}");
  writer.Finish();
}

}  // namespace ddlsim
