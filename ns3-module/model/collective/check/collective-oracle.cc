// SPDX-License-Identifier: GPL-2.0-only
#include "collective/check/collective-oracle.h"

#include <algorithm>

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

// Where the block from member `from` to member `to` lies in all_to_all, and how large it is.
struct PairBlock {
  uint64_t input_offset = 0;
  uint64_t output_offset = 0;
  uint64_t size = 0;
};

PairBlock NextBlock(const CollectiveSpec& spec, uint32_t from, uint32_t to) {
  const uint32_t n = spec.rank_count;
  const auto size = [&](uint32_t a, uint32_t b) {
    return b == a + 1 || (b == 0 && a == n - 1) ? spec.size_bytes : 0;
  };
  PairBlock block;
  block.size = size(from, to);
  for (uint32_t i = 0; i < to; ++i) block.input_offset += size(from, i);
  for (uint32_t i = 0; i < from; ++i) block.output_offset += size(i, to);
  return block;
}

PairBlock BlockBetween(const CollectiveSpec& spec, uint32_t from, uint32_t to) {
  if (spec.is_send_receive) return NextBlock(spec, from, to);
  const uint32_t n = spec.rank_count;
  PairBlock block;
  if (spec.pair_bytes == nullptr) {
    block.size = BlockSize(spec.size_bytes, n, to);
    block.input_offset = BlockOffset(spec.size_bytes, n, to);
    block.output_offset = from * block.size;
    return block;
  }
  const std::vector<uint64_t>& bytes = *spec.pair_bytes;
  block.size = bytes[size_t{from} * n + to];
  for (uint32_t i = 0; i < to; ++i) block.input_offset += bytes[size_t{from} * n + i];
  for (uint32_t i = 0; i < from; ++i) block.output_offset += bytes[size_t{i} * n + to];
  return block;
}

Content ContentOf(const PairBlock& block, uint32_t from) {
  return From(from,
              static_cast<int64_t>(block.input_offset) - static_cast<int64_t>(block.output_offset));
}

void PrepareAllToAll(const CollectiveSpec& spec, uint32_t rank, RankMemory& memory) {
  const uint32_t last = spec.rank_count - 1;
  const PairBlock input_end = BlockBetween(spec, rank, last);
  const PairBlock output_end = BlockBetween(spec, last, rank);
  memory.in_place = false;
  memory.input = SymbolicBuffer(input_end.input_offset + input_end.size);
  memory.input.Fill(0, memory.input.SizeBytes(), From(rank));
  memory.buffer = SymbolicBuffer(output_end.output_offset + output_end.size);
  const PairBlock own = BlockBetween(spec, rank, rank);
  memory.buffer.Fill(own.output_offset, own.size, ContentOf(own, rank));
}

RankMemory InitialMemory(const CollectiveSpec& spec, uint32_t rank) {
  const uint64_t size = spec.size_bytes;
  const uint64_t block_offset = BlockOffset(size, spec.rank_count, rank);
  const uint64_t block_bytes = BlockSize(size, spec.rank_count, rank);
  RankMemory memory;
  memory.buffer = SymbolicBuffer(size);
  switch (spec.type) {
    case CollectiveType::kAllReduce:
    case CollectiveType::kReduceScatter:
    case CollectiveType::kReduce:
      memory.buffer.Fill(0, size, From(rank));
      break;
    case CollectiveType::kAllGather:
    case CollectiveType::kGather:
      memory.buffer.Fill(block_offset, block_bytes, From(rank));
      break;
    case CollectiveType::kBroadcast:
    case CollectiveType::kScatter:
      if (rank == spec.root) memory.buffer.Fill(0, size, From(rank));
      break;
    case CollectiveType::kAllToAll:
      PrepareAllToAll(spec, rank, memory);
      break;
    case CollectiveType::kBarrier:
      memory.buffer = SymbolicBuffer(0);
      break;
  }
  return memory;
}

std::string GatheredProblem(const CollectiveSpec& spec, const RankMemory& memory) {
  const uint32_t n = spec.rank_count;
  std::string problem;
  for (uint32_t i = 0; i < n && problem.empty(); ++i) {
    problem = memory.buffer.Difference(BlockOffset(spec.size_bytes, n, i),
                                       BlockSize(spec.size_bytes, n, i), From(i));
  }
  return problem;
}

std::string ExchangedProblem(const CollectiveSpec& spec, uint32_t rank, const RankMemory& memory) {
  std::string problem;
  for (uint32_t i = 0; i < spec.rank_count && problem.empty(); ++i) {
    const PairBlock block = BlockBetween(spec, i, rank);
    problem = memory.buffer.Difference(block.output_offset, block.size, ContentOf(block, i));
  }
  return problem;
}

std::string BarrierProblem(const CollectiveSpec& spec, const RankMemory& memory) {
  for (uint32_t i = 0; i < spec.rank_count; ++i) {
    if (!memory.heard_of[i]) return "left before rank " + std::to_string(i) + " came";
  }
  return "";
}

std::string RankProblem(const CollectiveSpec& spec, uint32_t rank, const RankMemory& memory) {
  const uint32_t n = spec.rank_count;
  const uint64_t size = spec.size_bytes;
  const uint64_t block_offset = BlockOffset(size, n, rank);
  const uint64_t block_bytes = BlockSize(size, n, rank);
  switch (spec.type) {
    case CollectiveType::kAllReduce:
      return memory.buffer.Difference(0, size, FromAll(n));
    case CollectiveType::kReduce:
      return rank == spec.root ? memory.buffer.Difference(0, size, FromAll(n)) : "";
    case CollectiveType::kReduceScatter:
      return memory.buffer.Difference(block_offset, block_bytes, FromAll(n));
    case CollectiveType::kBroadcast:
      return memory.buffer.Difference(0, size, From(spec.root));
    case CollectiveType::kScatter:
      return memory.buffer.Difference(block_offset, block_bytes, From(spec.root));
    case CollectiveType::kAllGather:
      return GatheredProblem(spec, memory);
    case CollectiveType::kGather:
      return rank == spec.root ? GatheredProblem(spec, memory) : "";
    case CollectiveType::kAllToAll:
      return ExchangedProblem(spec, rank, memory);
    case CollectiveType::kBarrier:
      return BarrierProblem(spec, memory);
  }
  return "";
}

}  // namespace

std::vector<RankMemory> InitialMemories(const CollectiveSpec& spec, const Schedule& schedule) {
  const uint32_t participant_count = spec.rank_count + schedule.EngineCount();
  std::vector<RankMemory> memories;
  for (uint32_t i = 0; i < participant_count; ++i) {
    if (i < spec.rank_count) {
      memories.push_back(InitialMemory(spec, i));
    } else {
      memories.emplace_back();
      memories.back().buffer = SymbolicBuffer(spec.size_bytes);
      memories.back().buffer.Fill(0, spec.size_bytes, {});
    }
    memories.back().scratch = SymbolicBuffer(schedule.ScratchBytes());
    memories.back().heard_of.resize(participant_count);
    memories.back().heard_of[i] = true;
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
      ScheduleExecutor(schedule, InitialMemories(spec, schedule), order, random).Run();
  return result.problem.empty() ? ResultProblem(spec, result.memories) : result.problem;
}

uint64_t BlockOffset(uint64_t size_bytes, uint32_t count, uint32_t index) {
  const uint64_t larger_before = std::min<uint64_t>(index, size_bytes % count);
  return index * (size_bytes / count) + larger_before;
}

uint64_t BlockSize(uint64_t size_bytes, uint32_t count, uint32_t index) {
  return size_bytes / count + (index < size_bytes % count ? 1 : 0);
}

std::string DescribeCase(const CollectiveSpec& spec) {
  return std::string(CollectiveName(spec.type)) + " " + AlgorithmName(spec.algorithm) + " of " +
         std::to_string(spec.size_bytes) + " bytes on " + std::to_string(spec.rank_count) +
         " ranks, root " + std::to_string(spec.root) + ", nodes of " +
         std::to_string(spec.local_size) + (spec.pair_bytes ? ", sizes by pair" : "") +
         (spec.is_send_receive ? ", sendrecv" : "");
}

}  // namespace ddlsim
