// SPDX-License-Identifier: MIT
#include "collective/collective-oracle.h"

#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace ddlsim {
namespace {

Content From(uint32_t rank, int64_t shift = 0) {
  return {{rank, shift, 1}};
}

Content FromAll(uint32_t rank_count) {
  Content content;
  for (uint32_t rank = 0; rank < rank_count; ++rank) content.push_back({rank, 0, 1});
  return content;
}

// Rank `from` has its block for `to` at another place than the output of `to`.
Content FromInputOf(const CollectiveSpec& spec, uint32_t from, uint32_t to) {
  const uint64_t output_offset = from * BlockSize(spec.size_bytes, spec.rank_count, to);
  const uint64_t input_offset = BlockOffset(spec.size_bytes, spec.rank_count, to);
  return From(from, static_cast<int64_t>(input_offset) - static_cast<int64_t>(output_offset));
}

RankMemory InitialMemory(const CollectiveSpec& spec, uint32_t rank) {
  const uint32_t n = spec.rank_count;
  const uint64_t block_bytes = BlockSize(spec.size_bytes, n, rank);
  RankMemory memory;
  memory.heard_of.resize(n);
  memory.heard_of[rank] = true;
  memory.buffer = SymbolicBuffer(spec.size_bytes);
  switch (spec.type) {
    case CollectiveType::kAllReduce:
    case CollectiveType::kReduceScatter:
      memory.buffer.Fill(0, spec.size_bytes, From(rank));
      break;
    case CollectiveType::kAllGather:
      memory.buffer.Fill(BlockOffset(spec.size_bytes, n, rank), block_bytes, From(rank));
      break;
    case CollectiveType::kBroadcast:
      if (rank == spec.root) memory.buffer.Fill(0, spec.size_bytes, From(rank));
      break;
    case CollectiveType::kAllToAll:
      memory.in_place = false;
      memory.input = memory.buffer;
      memory.input.Fill(0, spec.size_bytes, From(rank));
      memory.buffer = SymbolicBuffer(n * block_bytes);
      memory.buffer.Fill(rank * block_bytes, block_bytes, FromInputOf(spec, rank, rank));
      break;
    case CollectiveType::kBarrier:
      memory.buffer = SymbolicBuffer(0);
      break;
    default:
      throw std::logic_error("no oracle for this collective");
  }
  return memory;
}

std::string RankProblem(const CollectiveSpec& spec, uint32_t rank, const RankMemory& memory) {
  const uint32_t n = spec.rank_count;
  const uint64_t size = spec.size_bytes;
  const uint64_t block_bytes = BlockSize(size, n, rank);
  std::string problem;
  switch (spec.type) {
    case CollectiveType::kAllReduce:
      return memory.buffer.Difference(0, size, FromAll(n));
    case CollectiveType::kReduceScatter:
      return memory.buffer.Difference(BlockOffset(size, n, rank), block_bytes, FromAll(n));
    case CollectiveType::kBroadcast:
      return memory.buffer.Difference(0, size, From(spec.root));
    case CollectiveType::kAllGather:
      for (uint32_t i = 0; i < n && problem.empty(); ++i) {
        problem = memory.buffer.Difference(BlockOffset(size, n, i), BlockSize(size, n, i), From(i));
      }
      return problem;
    case CollectiveType::kAllToAll:
      for (uint32_t i = 0; i < n && problem.empty(); ++i) {
        problem =
            memory.buffer.Difference(i * block_bytes, block_bytes, FromInputOf(spec, i, rank));
      }
      return problem;
    case CollectiveType::kBarrier:
      for (uint32_t i = 0; i < n; ++i) {
        if (!memory.heard_of[i]) return "left before rank " + std::to_string(i) + " came";
      }
      return "";
    default:
      throw std::logic_error("no oracle for this collective");
  }
}

}  // namespace

std::vector<RankMemory> InitialMemories(const CollectiveSpec& spec) {
  std::vector<RankMemory> memories;
  for (uint32_t rank = 0; rank < spec.rank_count; ++rank) {
    memories.push_back(InitialMemory(spec, rank));
  }
  return memories;
}

std::string ResultProblem(const CollectiveSpec& spec, const std::vector<RankMemory>& memories) {
  for (uint32_t rank = 0; rank < spec.rank_count; ++rank) {
    const std::string problem = RankProblem(spec, rank, memories[rank]);
    if (!problem.empty()) return "rank " + std::to_string(rank) + ": " + problem;
  }
  return "";
}

std::string ScheduleProblem(const CollectiveSpec& spec, const Schedule& schedule,
                            ExecutionOrder order, std::mt19937_64& random) {
  const ExecutionResult result =
      ScheduleExecutor(schedule, InitialMemories(spec), order, random).Run();
  return result.problem.empty() ? ResultProblem(spec, result.memories) : result.problem;
}

uint64_t BlockOffset(uint64_t size_bytes, uint32_t count, uint32_t index) {
  uint64_t offset_bytes = 0;
  for (uint32_t i = 0; i < index; ++i) offset_bytes += BlockSize(size_bytes, count, i);
  return offset_bytes;
}

uint64_t BlockSize(uint64_t size_bytes, uint32_t count, uint32_t index) {
  return size_bytes / count + (index < size_bytes % count ? 1 : 0);
}

std::string DescribeCase(const CollectiveSpec& spec) {
  return std::string(CollectiveName(spec.type)) + " " + AlgorithmName(spec.algorithm) + " of " +
         std::to_string(spec.size_bytes) + " bytes on " + std::to_string(spec.rank_count) +
         " ranks, root " + std::to_string(spec.root);
}

uint64_t PrintedSeed(uint64_t otherwise) {
  const char* text = std::getenv("DDL_TEST_SEED");
  const uint64_t seed = text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
  std::cout << "seed " << seed << " (replay with DDL_TEST_SEED=" << seed << ")\n";
  return seed;
}

}  // namespace ddlsim
