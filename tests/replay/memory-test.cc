// SPDX-License-Identifier: MIT
//
// What a replay keeps, counted by the allocator itself: graphs once per rank class, about one byte
// per node and rank besides.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>

#include "tests/replay/test-replay.h"

namespace {

size_t g_live_bytes = 0;
constexpr size_t kHeaderBytes = alignof(std::max_align_t);

}  // namespace

// Never inlined: GCC takes the halves apart and warns of a pair that does not match.
[[gnu::noinline]] void* operator new(size_t size_bytes, const std::nothrow_t&) noexcept {
  auto* block = static_cast<unsigned char*>(std::malloc(size_bytes + kHeaderBytes));
  if (block == nullptr) return nullptr;
  *reinterpret_cast<size_t*>(block) = size_bytes;
  g_live_bytes += size_bytes;
  return block + kHeaderBytes;
}
void* operator new(size_t size_bytes) {
  void* pointer = operator new(size_bytes, std::nothrow);
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}
[[gnu::noinline]] void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  auto* block = static_cast<unsigned char*>(pointer) - kHeaderBytes;
  g_live_bytes -= *reinterpret_cast<size_t*>(block);
  std::free(block);
}
void operator delete(void* pointer, size_t) noexcept {
  operator delete(pointer);
}

namespace ddlsim {
namespace {

constexpr uint64_t kNodeCount = 20000;

std::vector<GraphNode> LongGraph() {
  std::vector<GraphNode> nodes;
  for (uint64_t id = 0; id < kNodeCount; ++id) {
    std::vector<uint64_t> after;
    if (id > 0) after.push_back(id - 1);
    if (id % 10 == 9) {
      nodes.push_back(AllReduce(id, 1024, after, "dp"));
    } else {
      nodes.push_back(Compute(id, 1000, after));
    }
  }
  return nodes;
}

struct Memory {
  size_t workload_bytes = 0;
  size_t graph_bytes = 0;
  size_t replay_bytes = 0;
};

Memory Measure(uint32_t dp, const std::vector<GraphNode>& nodes) {
  std::vector<uint32_t> ranks(dp);
  for (uint32_t rank = 0; rank < dp; ++rank) ranks[rank] = rank;
  std::vector<TestClass> classes = {{ranks, nodes}};
  Memory memory;
  const size_t before = g_live_bytes;
  const Workload workload = MakeWorkload(dp, classes, {{"dp", {ranks}}});
  memory.workload_bytes = g_live_bytes - before;
  memory.graph_bytes = workload.GraphMemoryBytes();
  const RankMap rank_map(dp, 1);
  FakeNetwork network;
  Endpoint endpoint(rank_map, workload.Communicators(), {}, network, nullptr);
  const size_t before_replay = g_live_bytes;
  Replay replay(workload, endpoint, nullptr);
  replay.Start();
  memory.replay_bytes = g_live_bytes - before_replay;
  return memory;
}

TEST(Memory, GraphsDoNotGrowWithTheRanksOfAClass) {
  const std::vector<GraphNode> nodes = LongGraph();
  const Memory few = Measure(2, nodes);
  const Memory many = Measure(512, nodes);
  EXPECT_EQ(few.graph_bytes, many.graph_bytes);
  // The account is honest: besides graphs, a workload holds tens of bytes per rank.
  EXPECT_LE(few.workload_bytes, few.graph_bytes + 4096);
  EXPECT_GE(few.workload_bytes, few.graph_bytes);
  EXPECT_LE(many.workload_bytes, many.graph_bytes + 512 * 64 + 4096);
  EXPECT_LE(few.graph_bytes, kNodeCount * 80);
}

TEST(Memory, ARankKeepsAboutOneBytePerNode) {
  const std::vector<GraphNode> nodes = LongGraph();
  const Memory few = Measure(2, nodes);
  const Memory many = Measure(512, nodes);
  const size_t per_rank_bytes = (many.replay_bytes - few.replay_bytes) / 510;
  EXPECT_GE(per_rank_bytes, kNodeCount);  // what is measured is there
  EXPECT_LE(per_rank_bytes, kNodeCount + 1024);
}

}  // namespace
}  // namespace ddlsim
