// SPDX-License-Identifier: GPL-2.0-only
//
// Thread blocks wait for what they receive and for steps of others that they name; a schedule has
// steps that all of a rank's actions share. Each message and copy gets the least step number that
// keeps
// - the order of a thread block after each receive and copy (its sends do not block it),
// - the dependencies that the file names,
// - the order of messages from one GPU to another,
// - the order of what touches the same chunk of a GPU: in the order of the file's dependencies, and
//   by thread block where these leave it open.
// Within a step copies come first, then sends read, then receives write: so what is sent in a step
// may be overwritten in it, and what is received can be sent in the next one.
#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <tuple>
#include <utility>

#include "base/input-error.h"
#include "collective/file/msccl-memory.h"
#include "collective/file/msccl-reader.h"
#include "collective/file/step-solver.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

using Node = StepSolver::Node;

enum class Phase : uint8_t { kCopy, kSend, kReceive };

// When something touches memory: in the step of `node`.
struct Access {
  Node node;
  Phase phase;
};

struct Copy {
  Node node;
  uint32_t gpu;
  CopyAction action;
};

// One side of a message.
struct MessageEnd {
  uint64_t offset;
  uint32_t count;
  bool reduce;
  uint8_t lane;
  size_t place_bytes;
};

struct Message {
  Node node;
  uint32_t from;
  uint32_t to;
  MessageEnd sent;
  MessageEnd received;
};

struct StepIndex {
  uint32_t block;
  uint32_t step;
  bool operator>(const StepIndex& other) const {
    return std::tie(block, step) > std::tie(other.block, other.step);
  }
};

class MscclLowering {
 public:
  MscclLowering(const std::string& path, const std::string& text, const MscclProgram& program)
      : m_path(path), m_text(text), m_program(program), m_memory(program) {}

  ChunkProgram Lower() {
    for (const MscclGpu& gpu : m_program.gpus) {
      m_scratch_chunks = std::max(m_scratch_chunks, m_memory.StagedChunks() + gpu.scratch_chunks);
    }
    const auto gpu_count = static_cast<uint32_t>(m_program.gpus.size());
    for (uint32_t gpu = 0; gpu < gpu_count; ++gpu) FindMessages(gpu);
    MatchMessages();
    for (uint32_t gpu = 0; gpu < gpu_count; ++gpu) OrderGpu(gpu);
    Solve();
    return Result();
  }

 private:
  // By sender, receiver and channel.
  using Link = std::tuple<uint32_t, uint32_t, uint32_t>;
  struct Ends {
    std::vector<std::pair<StepIndex, MessageEnd>> sent;
    std::vector<std::pair<StepIndex, MessageEnd>> received;
  };
  using StepKey = std::tuple<uint32_t, uint32_t, uint32_t>;  // GPU, thread block, step
  struct ChunkUse {
    std::vector<Access> last_write;  // none or one
    std::vector<Access> reads;       // since then
  };

  InputError Problem(size_t byte, const std::string& problem, const std::string& remedy) const {
    return {JsonPlace(m_path, m_text, byte), problem, remedy};
  }

  void CheckRange(uint32_t gpu, const MscclStep& step, const MscclRange& range) const {
    const uint32_t chunks = m_memory.BufferChunks(gpu, range.buffer);
    if (range.offset > chunks || step.count > chunks - range.offset) {
      throw Problem(step.place_bytes, "<step> reaches beyond its buffer", "correct offset or cnt");
    }
  }

  // What rrs adds up is kept in scratch memory of its own.
  void FindMessages(uint32_t gpu) {
    const std::vector<MscclBlock>& blocks = m_program.gpus[gpu].blocks;
    uint64_t kept_chunks = 0;
    for (uint32_t block = 0; block < blocks.size(); ++block) {
      const auto lane = static_cast<uint8_t>(block);
      for (uint32_t i = 0; i < blocks[block].steps.size(); ++i) {
        const MscclStep& step = blocks[block].steps[i];
        const bool reads = step.copies || step.reduces || (step.sends && !step.receives);
        if (reads) CheckRange(gpu, step, step.source);
        if (step.copies || (step.receives && step.stores)) CheckRange(gpu, step, step.target);
        if (!step.sends && !step.receives) continue;
        uint64_t offset = m_memory.Address(gpu, step.receives ? step.target : step.source);
        if (!step.stores) {
          offset = kKeptOffset + kept_chunks;
          kept_chunks += step.count;
        }
        m_offsets[{gpu, block, i}] = offset;
        const MessageEnd end{offset, step.count, step.reduces, lane, step.place_bytes};
        const MscclBlock& of = blocks[block];
        if (step.receives) {
          const auto peer = static_cast<uint32_t>(of.receive_peer);
          m_links[{peer, gpu, of.channel}].received.push_back({{block, i}, end});
        }
        if (step.sends) {
          const auto peer = static_cast<uint32_t>(of.send_peer);
          m_links[{gpu, peer, of.channel}].sent.push_back({{block, i}, end});
        }
      }
    }
    m_kept_chunks = std::max(m_kept_chunks, kept_chunks);
  }

  void MatchMessages() {
    for (const auto& [link, ends] : m_links) {
      const auto& [from, to, channel] = link;
      const std::string name = "from gpu " + std::to_string(from) + " to gpu " +
                               std::to_string(to) + " on channel " + std::to_string(channel);
      if (ends.sent.size() != ends.received.size() || from == to) {
        throw InputError(m_path,
                         "has " + std::to_string(ends.sent.size()) + " sends and " +
                             std::to_string(ends.received.size()) + " receives " + name,
                         "receive each message once");
      }
      for (size_t i = 0; i < ends.sent.size(); ++i) {
        const auto& [sent_at, sent] = ends.sent[i];
        const auto& [received_at, received] = ends.received[i];
        if (sent.count != received.count) {
          throw Problem(received.place_bytes, "<step> receives another cnt than is sent " + name,
                        "send what is received");
        }
        const bool is_one_block = sent_at.block == ends.sent[0].first.block &&
                                  received_at.block == ends.received[0].first.block;
        if (!is_one_block) {
          throw Problem(sent.place_bytes, "<step> shares its messages " + name + " with another tb",
                        "use another chan");
        }
        const Node node = m_solver.AddNode();
        if (i > 0) m_solver.Require(m_messages.back().node, node, 1);
        m_messages.push_back({node, from, to, sent, received});
        m_send_nodes[{from, sent_at.block, sent_at.step}] = node;
        m_receive_nodes[{to, received_at.block, received_at.step}] = node;
      }
    }
  }

  // The steps of a GPU one after the other, as their dependencies allow.
  void OrderGpu(uint32_t gpu) {
    const std::vector<MscclBlock>& blocks = m_program.gpus[gpu].blocks;
    std::vector<std::vector<uint32_t>> missing(blocks.size());
    std::map<std::pair<uint32_t, uint32_t>, std::vector<StepIndex>> dependents;
    std::priority_queue<StepIndex, std::vector<StepIndex>, std::greater<>> ready;
    std::vector<std::vector<Node>> after(blocks.size());
    size_t left = 0;
    for (uint32_t block = 0; block < blocks.size(); ++block) {
      for (uint32_t i = 0; i < blocks[block].steps.size(); ++i, ++left) {
        const MscclStep& step = blocks[block].steps[i];
        missing[block].push_back((i > 0 ? 1 : 0) + (step.depends_on_block >= 0 ? 1 : 0));
        after[block].push_back(m_solver.AddNode());
        if (step.depends_on_block >= 0) {
          const auto on = static_cast<uint32_t>(step.depends_on_block);
          dependents[{on, step.depends_on_step}].push_back({block, i});
        }
        if (missing[block][i] == 0) ready.push({block, i});
      }
    }
    m_uses.clear();
    while (!ready.empty()) {
      const StepIndex at = ready.top();
      ready.pop();
      --left;
      const Node before = m_solver.AddNode();
      const MscclStep& step = blocks[at.block].steps[at.step];
      if (at.step > 0) m_solver.Require(after[at.block][at.step - 1], before, 0);
      if (step.depends_on_block >= 0) {
        m_solver.Require(after[step.depends_on_block][step.depends_on_step], before, 0);
      }
      m_solver.Require(before, after[at.block][at.step], 0);
      AddStep(gpu, at, step, before, after[at.block][at.step]);
      const auto release = [&](const StepIndex& next) {
        if (--missing[next.block][next.step] == 0) ready.push(next);
      };
      if (at.step + 1 < blocks[at.block].steps.size()) release({at.block, at.step + 1});
      for (const StepIndex& next : dependents[{at.block, at.step}]) release(next);
    }
    if (left > 0) {
      throw InputError(m_path, "has steps of gpu " + std::to_string(gpu) + " that wait in a circle",
                       "correct depid and deps");
    }
  }

  void AddStep(uint32_t gpu, const StepIndex& at, const MscclStep& step, Node before, Node after) {
    const StepKey key{gpu, at.block, at.step};
    const uint64_t source = m_memory.Address(gpu, step.source);
    const uint64_t offset =
        step.sends || step.receives ? m_offsets[key] : m_memory.Address(gpu, step.target);
    if (step.copies) {
      const Node node = m_solver.AddNode();
      m_solver.Require(before, node, 0);
      m_solver.Require(node, after, 0);
      AddCopy(gpu, node, {source, offset, step.count, step.reduces});
      Use(source, step.count, {node, Phase::kCopy}, {node, Phase::kCopy}, false);
      Use(offset, step.count, {node, Phase::kCopy}, {node, Phase::kCopy}, true);
    }
    if (step.receives) {
      const Node node = m_receive_nodes[key];
      m_solver.Require(before, node, 0);
      m_solver.Require(node, after, 1);
      // What it is added to has to be where the sum is to be.
      const bool is_moved = step.reduces && source != offset;
      const Phase first = is_moved ? Phase::kCopy : Phase::kReceive;
      if (is_moved) {
        AddCopy(gpu, node, {source, offset, step.count, false});
        Use(source, step.count, {node, Phase::kCopy}, {node, Phase::kCopy}, false);
      }
      Use(offset, step.count, {node, first}, {node, Phase::kReceive}, true);
    }
    if (step.sends) {
      const Node node = m_send_nodes[key];
      m_solver.Require(before, node, 0);
      Use(offset, step.count, {node, Phase::kSend}, {node, Phase::kSend}, false);
    }
  }

  void AddCopy(uint32_t gpu, Node node, const CopyAction& action) {
    m_copies.push_back({node, gpu, action});
  }

  // After what used these chunks before, from `begin` to `end`.
  void Use(uint64_t offset, uint32_t count, const Access& begin, const Access& end, bool writes) {
    const auto follow = [&](const Access& earlier) {
      if (earlier.node == begin.node) return;
      // Copies of one step are in order, and a step goes from copies to sends to receives.
      const bool may_share = earlier.phase < begin.phase ||
                             (earlier.phase == Phase::kCopy && begin.phase == Phase::kCopy);
      m_solver.Require(earlier.node, begin.node, may_share ? 0 : 1);
    };
    for (uint64_t chunk = offset; chunk < offset + count; ++chunk) {
      ChunkUse& use = m_uses[chunk];
      for (const Access& write : use.last_write) follow(write);
      if (!writes) {
        use.reads.push_back(end);
        continue;
      }
      for (const Access& read : use.reads) follow(read);
      use.reads.clear();
      use.last_write = {end};
    }
  }

  // Two messages from one GPU to another are not in one step, whatever their channels.
  void Solve() {
    for (uint32_t round = 0; round < kRoundCountMax; ++round) {
      if (!m_solver.Solve(kFileStepCountMax)) break;
      std::map<std::tuple<uint32_t, uint32_t, uint32_t>, Node> taken;
      bool collides = false;
      for (const Message& message : m_messages) {
        const uint32_t step = m_solver.StepOf(message.node);
        const auto [place, is_new] = taken.insert({{message.from, message.to, step}, message.node});
        if (is_new) continue;
        collides = true;
        m_solver.Require(place->second, message.node, 1);
        place->second = message.node;
      }
      if (!collides) return;
    }
    throw InputError(m_path, "has thread blocks that wait for each other in a circle",
                     "correct the order of sends and receives");
  }

  ChunkProgram Result() {
    ChunkProgram result;
    result.type = m_program.type;
    result.rank_count = static_cast<uint32_t>(m_program.gpus.size());
    result.chunk_count = m_program.chunk_count;
    result.scratch_chunk_count = static_cast<uint32_t>(m_scratch_chunks + m_kept_chunks);
    result.participants.resize(result.rank_count);
    const bool is_direct = m_memory.IsDirect();
    for (uint32_t gpu = 0; gpu < result.rank_count && !is_direct; ++gpu) {
      result.participants[gpu][0].copies.push_back(
          {m_memory.InputBase(gpu), m_memory.StagedInput(gpu), m_memory.InputChunks(), false});
    }
    for (const Copy& copy : m_copies) {
      const uint32_t step = m_solver.StepOf(copy.node);
      CopyAction action = copy.action;
      action.from_offset_bytes = Settled(action.from_offset_bytes);
      action.offset_bytes = Settled(action.offset_bytes);
      result.participants[copy.gpu][step].copies.push_back(action);
      result.step_count = std::max(result.step_count, step + 1);
    }
    for (const Message& message : m_messages) {
      const uint32_t step = m_solver.StepOf(message.node);
      const auto& [offset, count, reduce, lane, place_bytes] = message.received;
      result.participants[message.from][step].sends.push_back(
          {message.to, Settled(message.sent.offset), count, message.sent.lane});
      result.participants[message.to][step].receives.push_back(
          {message.from, Settled(offset), count, reduce, lane});
      result.step_count = std::max(result.step_count, step + 1);
    }
    for (const MscclGpu& gpu : m_program.gpus) {
      const auto lanes = static_cast<uint32_t>(gpu.blocks.size());
      result.lane_count = std::max(result.lane_count, lanes);
    }
    if (is_direct) return result;
    const uint32_t last = result.step_count++;
    for (uint32_t gpu = 0; gpu < result.rank_count; ++gpu) {
      if (IsRootOnly(m_program.type) && gpu > 0) continue;
      result.participants[gpu][last].copies.push_back(
          {m_memory.StagedOutput(gpu), m_memory.OutputBase(gpu), m_memory.OutputChunks(), false});
    }
    return result;
  }

  static bool IsRootOnly(CollectiveType type) {
    return type == CollectiveType::kReduce || type == CollectiveType::kGather;
  }

  // Chunks kept for rrs lie behind all others.
  uint64_t Settled(uint64_t offset) const {
    if (offset < kKeptOffset) return offset;
    return kScratchOffsetBytes + m_scratch_chunks + (offset - kKeptOffset);
  }

  static constexpr uint64_t kKeptOffset = kScratchOffsetBytes + (uint64_t{1} << 40);
  static constexpr uint32_t kRoundCountMax = 256;

  const std::string& m_path;
  const std::string& m_text;
  const MscclProgram& m_program;
  MscclMemory m_memory;
  StepSolver m_solver;
  std::map<Link, Ends> m_links;
  std::map<StepKey, uint64_t> m_offsets;  // what a step sends or where it receives
  std::map<StepKey, Node> m_send_nodes;
  std::map<StepKey, Node> m_receive_nodes;
  std::map<uint64_t, ChunkUse> m_uses;  // by chunk, of the GPU at hand
  std::vector<Message> m_messages;
  std::vector<Copy> m_copies;  // of each GPU in the order in which they depend on each other
  uint64_t m_scratch_chunks = 0;
  uint64_t m_kept_chunks = 0;
};

}  // namespace

ChunkProgram LowerMscclProgram(const std::string& path, const std::string& text,
                               const MscclProgram& program) {
  return MscclLowering(path, text, program).Lower();
}

}  // namespace ddlsim
