// SPDX-License-Identifier: GPL-2.0-only
#include "collective/file/schedule-json.h"

#include <algorithm>

#include "base/input-error.h"
#include "collective/file/json-fields.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

constexpr uint32_t kEngineCountMax = 1024;

CollectiveType ParseType(const std::string& place, const std::string& name) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kCollectiveTypeCount; ++i) {
    const auto type = static_cast<CollectiveType>(i);
    if (type == CollectiveType::kBarrier) continue;  // which has no chunks
    names.emplace_back(CollectiveName(type));
    if (name == names.back()) return type;
  }
  throw InputError(place, "'" + Printable(name) + "' is no collective", Suggest(name, names));
}

class JsonProgramReader {
 public:
  explicit JsonProgramReader(std::string path) : m_path(std::move(path)) {}

  ChunkProgram Read(const std::string& text) {
    const nlohmann::json root = ParseBoundedJson(m_path, text);
    const JsonFields fields(
        m_path, root,
        {"collective", "ranks", "engines", "root", "chunks", "scratch_chunks", "lanes", "steps"});
    m_program.type = ParseType(fields.Place("collective"), fields.Text("collective"));
    m_program.rank_count = fields.Count("ranks", 1, kFileRankCountMax);
    m_program.engine_count = fields.CountOr("engines", 0, 0, kEngineCountMax);
    m_program.root = fields.CountOr("root", 0, 0, m_program.rank_count - 1);
    m_program.chunk_count = fields.Count("chunks", 1, kFileChunkCountMax);
    m_program.scratch_chunk_count = fields.CountOr("scratch_chunks", 0, 0, kFileChunkCountMax);
    m_program.lane_count = fields.CountOr("lanes", 1, 1, kFileLaneCountMax);
    if (HasShares(m_program.type) && m_program.chunk_count % m_program.rank_count != 0) {
      throw InputError(fields.Place("chunks"), "are no multiple of the ranks",
                       "give every rank's block the same number of chunks");
    }
    m_program.participants.resize(m_program.rank_count + m_program.engine_count);
    const nlohmann::json& steps = fields.List("steps");
    if (steps.size() > kFileStepCountMax) {
      throw InputError(fields.Place("steps"), "are more than 16384", "use fewer steps");
    }
    m_program.step_count = static_cast<uint32_t>(steps.size());
    for (uint32_t step = 0; step < m_program.step_count; ++step) ReadStep(steps[step], step);
    return std::move(m_program);
  }

 private:
  void ReadStep(const nlohmann::json& actions, uint32_t step) {
    const std::string place = m_path + ": steps[" + std::to_string(step) + "]";
    if (!actions.is_array()) throw InputError(place, "is no list", "list its transfers");
    for (size_t i = 0; i < actions.size(); ++i) {
      const std::string action_place = place + "[" + std::to_string(i) + "]";
      if (actions[i].is_object() && actions[i].contains("at")) {
        ReadCopy(action_place, actions[i], step);
      } else {
        ReadTransfer(action_place, actions[i], step);
      }
    }
  }

  void ReadTransfer(const std::string& place, const nlohmann::json& value, uint32_t step) {
    const JsonFields fields(
        place, value,
        {"from", "to", "chunk", "scratch", "to_chunk", "to_scratch", "count", "reduce", "lane"});
    const auto last = static_cast<uint32_t>(m_program.participants.size() - 1);
    const uint32_t from = fields.Count("from", 0, last);
    const uint32_t to = fields.Count("to", 0, last);
    const uint32_t count = ReadCount(fields);
    const uint64_t source = ReadSource(fields, count);
    const uint64_t target = ReadTarget(fields, source, count);
    const auto lane = static_cast<uint8_t>(fields.CountOr("lane", 0, 0, m_program.lane_count - 1));
    m_program.participants[from][step].sends.push_back({to, source, count, lane});
    m_program.participants[to][step].receives.push_back(
        {from, target, count, fields.FlagOr("reduce", false), lane});
  }

  void ReadCopy(const std::string& place, const nlohmann::json& value, uint32_t step) {
    const JsonFields fields(
        place, value, {"at", "chunk", "scratch", "to_chunk", "to_scratch", "count", "reduce"});
    const uint32_t at = fields.Count("at", 0, m_program.rank_count - 1);
    const uint32_t count = ReadCount(fields);
    const uint64_t source = ReadSource(fields, count);
    const uint64_t target = ReadTarget(fields, source, count);
    m_program.participants[at][step].copies.push_back(
        {source, target, count, fields.FlagOr("reduce", false)});
  }

  uint32_t ReadCount(const JsonFields& fields) {
    const uint32_t count = fields.CountOr("count", 1, 1, kFileChunkCountMax);
    m_moved_chunks += count;
    if (m_moved_chunks > kFileMovedChunksMax) {
      throw InputError(m_path, "moves more than four million chunks", "use larger chunks");
    }
    return count;
  }

  uint64_t ReadSource(const JsonFields& fields, uint32_t count) const {
    if (fields.Has("scratch")) return ReadScratch(fields, "scratch", count);
    return fields.Count("chunk", 0, m_program.chunk_count - std::min(count, m_program.chunk_count));
  }

  uint64_t ReadTarget(const JsonFields& fields, uint64_t source, uint32_t count) const {
    if (fields.Has("to_scratch")) return ReadScratch(fields, "to_scratch", count);
    if (!fields.Has("to_chunk") && source < kScratchOffsetBytes) return source;
    const uint32_t last = m_program.chunk_count - std::min(count, m_program.chunk_count);
    return fields.Count("to_chunk", 0, last);
  }

  uint64_t ReadScratch(const JsonFields& fields, const char* key, uint32_t count) const {
    const uint32_t chunks = m_program.scratch_chunk_count;
    return kScratchOffsetBytes + fields.Count(key, 0, chunks - std::min(count, chunks));
  }

  std::string m_path;
  ChunkProgram m_program;
  uint64_t m_moved_chunks = 0;
};

}  // namespace

ChunkProgram ReadJsonProgram(const std::string& path, const std::string& text) {
  return JsonProgramReader(path).Read(text);
}

}  // namespace ddlsim
