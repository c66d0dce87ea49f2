// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>
#include <pugixml.hpp>

#include "base/input-error.h"
#include "base/quantity.h"
#include "collective/file/msccl-reader.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

constexpr uint32_t kChannelMax = 1 << 10;

class MscclXmlParser {
 public:
  MscclXmlParser(const std::string& path, const std::string& text) : m_path(path), m_text(text) {}

  MscclProgram Parse(CollectiveType type) {
    // Neither is needed; a parser that knew them could be made to read other files or to expand.
    for (const char* forbidden : {"<!DOCTYPE", "<!ENTITY"}) {
      const size_t at = m_text.find(forbidden);
      if (at != std::string::npos) throw Problem(at, "declares a document type", "remove it");
    }
    pugi::xml_document document;
    const auto result = document.load_buffer(m_text.data(), m_text.size(), pugi::parse_default,
                                             pugi::encoding_utf8);
    if (!result) {
      throw Problem(static_cast<size_t>(result.offset), "is not valid XML", "correct the syntax");
    }
    const pugi::xml_node algorithm = document.child("algo");
    if (!algorithm || algorithm != document.document_element()) {
      throw Problem(0, "has no <algo>", "name an algorithm of MSCCL");
    }
    m_program.type = ParseType(algorithm, type);
    m_program.chunk_count = Number(algorithm, "nchunksperloop", 1, kFileChunkCountMax);
    m_program.in_place = algorithm.attribute("inplace").as_int() == 1;
    const uint32_t gpu_count = Number(algorithm, "ngpus", 1, kFileRankCountMax);
    if (HasShares(m_program.type) && m_program.chunk_count % gpu_count != 0) {
      throw Problem(algorithm, "has a number of chunks that is no multiple of the GPUs",
                    "give every GPU's block the same number of chunks");
    }
    m_program.gpus.resize(gpu_count);
    std::vector<bool> seen(gpu_count);
    for (const pugi::xml_node gpu : algorithm.children("gpu")) {
      const uint32_t id = Number(gpu, "id", 0, gpu_count - 1);
      if (seen[id]) throw Problem(gpu, "describes a GPU again", "describe each once");
      seen[id] = true;
      ParseGpu(gpu, m_program.gpus[id]);
    }
    const auto missing = std::find(seen.begin(), seen.end(), false);
    if (missing != seen.end()) {
      throw Problem(algorithm, "has no <gpu id=\"" + std::to_string(missing - seen.begin()) + "\">",
                    "describe all of ngpus");
    }
    return std::move(m_program);
  }

 private:
  InputError Problem(size_t byte, const std::string& problem, const std::string& remedy) const {
    return {JsonPlace(m_path, m_text, byte), problem, remedy};
  }
  InputError Problem(const pugi::xml_node& node, const std::string& problem,
                     const std::string& remedy) const {
    return Problem(static_cast<size_t>(std::max<std::ptrdiff_t>(0, node.offset_debug())),
                   std::string("<") + node.name() + "> " + problem, remedy);
  }

  uint32_t Number(const pugi::xml_node& node, const char* name, uint32_t low, uint32_t high) const {
    const std::string text = node.attribute(name).value();
    const bool is_number = !text.empty() && text.size() <= 9 &&
                           text.find_first_not_of("0123456789") == std::string::npos;
    const unsigned long value = is_number ? std::stoul(text) : 0;
    if (!is_number || value < low || value > high) {
      throw Problem(
          node, std::string("has no valid ") + name + " ('" + Printable(text) + "')",
          "use a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return static_cast<uint32_t>(value);
  }
  // -1, or missing: none.
  int32_t NumberOrNone(const pugi::xml_node& node, const char* name, uint32_t high) const {
    const std::string text = node.attribute(name).value();
    if (text.empty() || text == "-1") return -1;
    return static_cast<int32_t>(Number(node, name, 0, high));
  }

  CollectiveType ParseType(const pugi::xml_node& algorithm, CollectiveType otherwise) const {
    const std::string name = algorithm.attribute("coll").value();
    if (name.empty() || name == "custom") return otherwise;
    std::vector<std::string> names{"custom"};
    for (size_t i = 0; i < kCollectiveTypeCount; ++i) {
      const auto type = static_cast<CollectiveType>(i);
      if (type == CollectiveType::kBarrier) continue;
      std::string known = CollectiveName(type);
      known.erase(std::remove(known.begin(), known.end(), '_'), known.end());
      if (name == known || name == CollectiveName(type)) return type;
      names.push_back(known);
    }
    throw Problem(algorithm, "has the unknown coll '" + Printable(name) + "'",
                  Suggest(name, names));
  }

  void ParseGpu(const pugi::xml_node& node, MscclGpu& gpu) {
    gpu.input_chunks = Number(node, "i_chunks", 0, kFileChunkCountMax);
    gpu.output_chunks = Number(node, "o_chunks", 0, kFileChunkCountMax);
    gpu.scratch_chunks = Number(node, "s_chunks", 0, kFileChunkCountMax);
    std::map<int32_t, int32_t> index_of_id;
    for (const pugi::xml_node block : node.children("tb")) {
      gpu.blocks.emplace_back();
      gpu.blocks.back().id = static_cast<int32_t>(Number(block, "id", 0, INT32_MAX / 8));
      const auto index = static_cast<int32_t>(gpu.blocks.size() - 1);
      if (gpu.blocks.size() > kFileLaneCountMax ||
          !index_of_id.emplace(gpu.blocks.back().id, index).second) {
        throw Problem(block, "is one too many, or has an id again", "use at most 255 ids");
      }
      ParseBlock(block, gpu.blocks.back());
    }
    ResolveDependencies(node, gpu, index_of_id);
  }

  void ParseBlock(const pugi::xml_node& node, MscclBlock& block) {
    const auto last_gpu = static_cast<uint32_t>(m_program.gpus.size() - 1);
    block.send_peer = NumberOrNone(node, "send", last_gpu);
    block.receive_peer = NumberOrNone(node, "recv", last_gpu);
    block.channel = Number(node, "chan", 0, kChannelMax);
    for (const pugi::xml_node step : node.children("step")) {
      if (Number(step, "s", 0, kFileStepCountMax) != block.steps.size()) {
        throw Problem(step, "is out of order", "number the steps of a tb from 0");
      }
      block.steps.push_back(ParseStep(step));
      const MscclStep& parsed = block.steps.back();
      if ((parsed.sends && block.send_peer < 0) || (parsed.receives && block.receive_peer < 0)) {
        throw Problem(step, "sends or receives, but its tb has no such peer", "name the peer");
      }
    }
  }

  MscclStep ParseStep(const pugi::xml_node& node) {
    MscclStep step;
    step.place_bytes = static_cast<size_t>(std::max<std::ptrdiff_t>(0, node.offset_debug()));
    const std::string type = node.attribute("type").value();
    step.depends_on_block = NumberOrNone(node, "depid", INT32_MAX / 8);
    const int32_t depends_on_step = NumberOrNone(node, "deps", kFileStepCountMax);
    if ((step.depends_on_block < 0) != (depends_on_step < 0)) {
      throw Problem(node, "has one of depid and deps alone", "state both, or -1 for both");
    }
    step.depends_on_step = static_cast<uint32_t>(std::max(0, depends_on_step));
    if (type == "nop") return step;
    static const std::vector<std::string> kTypes{"s",    "r",  "rcs", "rrs", "rrc",
                                                 "rrcs", "re", "cpy", "nop"};
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      throw Problem(node, "has the unknown type '" + Printable(type) + "'", Suggest(type, kTypes));
    }
    step.copies = type == "cpy" || type == "re";
    step.receives = type[0] == 'r' && type != "re";
    step.sends = type.back() == 's';
    step.reduces = type.compare(0, 2, "rr") == 0 || type == "re";
    step.stores = type != "rrs";
    step.count = Number(node, "cnt", 1, kFileChunkCountMax);
    m_moved_chunks += 2 * uint64_t{step.count};
    if (m_moved_chunks > kFileMovedChunksMax) {
      throw Problem(node, "brings the moved chunks above four million", "use larger chunks");
    }
    step.source = ParseRange(node, "srcbuf", "srcoff");
    step.target = ParseRange(node, "dstbuf", "dstoff");
    return step;
  }

  MscclRange ParseRange(const pugi::xml_node& node, const char* buffer, const char* offset) const {
    const std::string name = node.attribute(buffer).value();
    if (name != "i" && name != "o" && name != "s") {
      throw Problem(node, std::string("has no valid ") + buffer, "use i, o or s");
    }
    const MscclBuffer known = name == "i"   ? MscclBuffer::kInput
                              : name == "o" ? MscclBuffer::kOutput
                                            : MscclBuffer::kScratch;
    return {known, Number(node, offset, 0, kFileChunkCountMax)};
  }

  void ResolveDependencies(const pugi::xml_node& node, MscclGpu& gpu,
                           const std::map<int32_t, int32_t>& index_of_id) const {
    for (MscclBlock& block : gpu.blocks) {
      for (MscclStep& step : block.steps) {
        if (step.depends_on_block < 0) continue;
        const auto found = index_of_id.find(step.depends_on_block);
        if (found == index_of_id.end() ||
            step.depends_on_step >= gpu.blocks[found->second].steps.size()) {
          throw Problem(step.place_bytes, "<step> depends on a step that is not there",
                        "name a step of the same gpu");
        }
        step.depends_on_block = found->second;
      }
    }
    if (gpu.blocks.empty() && m_program.gpus.size() > 1) {
      throw Problem(node, "has no <tb>", "say what it does");
    }
  }

  const std::string& m_path;
  const std::string& m_text;
  MscclProgram m_program;
  uint64_t m_moved_chunks = 0;
};

}  // namespace

MscclProgram ParseMscclXml(const std::string& path, const std::string& text, CollectiveType type) {
  return MscclXmlParser(path, text).Parse(type);
}

}  // namespace ddlsim
