// SPDX-License-Identifier: MIT
#include "traces/import/layer-table.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/bounded-json.h"
#include "traces/import/decimal-time.h"

namespace ddlsim {
namespace {

constexpr size_t kFileMaxBytes = 64 << 20;
constexpr size_t kLayersMax = 1 << 20;
constexpr uint64_t kPsPerNs = 1000;

uint64_t TimeNs(const std::string& place, const std::string& text, uint64_t unit_ps) {
  const std::optional<uint64_t> time = DecimalToNs(text, unit_ps);
  if (!time || *time > kDurationMaxNs) {
    throw InputError(place, "'" + Printable(text) + "' is no time",
                     "write a number from 0 to a million seconds");
  }
  return *time;
}

std::optional<CollectiveType> CollectiveOf(const std::string& place, const std::string& text) {
  std::string bare;
  for (char c : text) {
    if (c != '_' && c != '-') bare += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  if (bare == "NONE" || bare.empty()) return std::nullopt;
  static const std::map<std::string, CollectiveType> kTypes{
      {"ALLREDUCE", CollectiveType::kAllReduce},
      {"ALLGATHER", CollectiveType::kAllGather},
      {"REDUCESCATTER", CollectiveType::kReduceScatter},
      {"ALLTOALL", CollectiveType::kAllToAll}};
  const auto found = kTypes.find(bare);
  if (found == kTypes.end()) {
    throw InputError(place, "the communication '" + Printable(text) + "' is unknown",
                     "choose one of NONE, ALLREDUCE, ALLGATHER, REDUCESCATTER, ALLTOALL");
  }
  return found->second;
}

LayerCommunication Communication(const std::string& place, const std::string& type,
                                 const std::string& size) {
  const LayerCommunication result{CollectiveOf(place, type),
                                  ParseCount(place, size, 0, kSizeMaxBytes)};
  if (!result.type && result.size_bytes != 0) {
    throw InputError(place, "has a size of " + size + " bytes without a communication",
                     "write its type, or a size of 0");
  }
  if (result.type && result.size_bytes == 0) {
    throw InputError(place, "has a communication of no bytes", "write NONE, or its size");
  }
  return result;
}

class TextReader {
 public:
  TextReader(const std::string& path, const std::string& text, uint64_t time_unit_ps)
      : m_lines(text), m_time_unit_ps(time_unit_ps) {
    m_table.path = path;
  }

  LayerTable Read() {
    ReadPolicy(Next("the parallelism policy"));
    const std::vector<std::string> count = Next("the number of layers");
    if (count.size() != 1) throw InputError(Place(), "is no number of layers", "write one number");
    const uint64_t layers = ParseCount(Place(), count[0], 1, kLayersMax);
    for (uint64_t i = 0; i < layers; ++i) {
      m_table.layers.push_back(
          ReadLayer(Next("layer " + std::to_string(i + 1) + " of " + std::to_string(layers))));
    }
    std::vector<std::string> rest;
    if (NextWords(rest)) {
      throw InputError(
          Place(), "is one layer more than the " + std::to_string(layers) + " of the second line",
          "correct that number");
    }
    return std::move(m_table);
  }

 private:
  std::string Place() const { return m_table.path + ":" + std::to_string(m_line); }

  bool NextWords(std::vector<std::string>& words) {
    std::string line;
    while (std::getline(m_lines, line)) {
      ++m_line;
      words.clear();
      std::istringstream stream(line);
      for (std::string word; stream >> word;) words.push_back(word);
      if (!words.empty()) return true;
    }
    return false;
  }

  std::vector<std::string> Next(const std::string& what) {
    std::vector<std::string> words;
    if (NextWords(words)) return words;
    throw InputError(m_table.path, "ends before " + what, "copy the file again");
  }

  void ReadPolicy(const std::vector<std::string>& words) {
    m_table.policy = words[0];
    if (words.size() == 1) return;
    if (words.size() != 3 || words[1] != "model_parallel_NPU_group:") {
      throw InputError(Place(),
                       "the policy is followed by '" + Printable(words[1]) + "', which is unknown",
                       "write POLICY, or POLICY model_parallel_NPU_group: N");
    }
    m_table.model_ranks = ParseCount(Place(), words[2], 1, kRankCountMax);
  }

  Layer ReadLayer(const std::vector<std::string>& words) const {
    constexpr size_t kWordsMin = 11, kWordsMax = 12;
    if (words.size() < kWordsMin || words.size() > kWordsMax) {
      throw InputError(Place(), "has " + std::to_string(words.size()) + " columns",
                       "a layer has 11, or 12 with the time of the weight update");
    }
    Layer layer;
    layer.name = words[0];
    layer.place = Place();
    const auto pass = [&](size_t first) {
      return LayerPass{TimeNs(Place(), words[first], m_time_unit_ps),
                       Communication(Place(), words[first + 1], words[first + 2])};
    };
    layer.forward = pass(2);
    layer.input_gradient = pass(5);
    layer.weight_gradient = pass(8);
    if (words.size() == kWordsMax) layer.update_ns = TimeNs(Place(), words[11], m_time_unit_ps);
    return layer;
  }

  std::istringstream m_lines;
  uint64_t m_time_unit_ps;
  size_t m_line = 0;
  LayerTable m_table;
};

// A CSV without quotes: name, times in ns, us or ms by column, types and bytes of communications.
class CsvReader {
 public:
  CsvReader(const std::string& path, const std::string& text) : m_lines(text) {
    m_table.path = path;
  }

  LayerTable Read() {
    std::vector<std::string> cells;
    NextCells(cells);
    ReadHeader(cells);
    while (NextCells(cells)) {
      if (m_table.layers.size() == kLayersMax) {
        throw InputError(Place(), "is more than a million layers", "write fewer");
      }
      if (cells.size() != m_setters.size()) {
        throw InputError(Place(),
                         "has " + std::to_string(cells.size()) + " cells, the header " +
                             std::to_string(m_setters.size()),
                         "write one cell per column");
      }
      m_table.layers.push_back(ReadLayer(cells));
    }
    if (m_table.layers.empty()) {
      throw InputError(m_table.path, "has no layers", "write one line for each");
    }
    return std::move(m_table);
  }

 private:
  // A pass as its cells say it, until type and size are known both.
  struct Draft {
    std::string type = "NONE";
    std::string size = "0";
  };
  struct LayerDraft {
    Layer layer;
    std::array<Draft, 3> communications;
  };
  using Setter = std::function<void(LayerDraft&, const std::string& cell)>;

  std::string Place() const { return m_table.path + ":" + std::to_string(m_line); }

  bool NextCells(std::vector<std::string>& cells) {
    std::string line;
    while (std::getline(m_lines, line)) {
      ++m_line;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (line.empty() || line[0] == '#') continue;
      cells.clear();
      std::istringstream stream(line + ",");
      for (std::string cell; std::getline(stream, cell, ',');) {
        const size_t first = cell.find_first_not_of(' ');
        const size_t last = cell.find_last_not_of(' ');
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
      }
      return true;
    }
    return false;
  }

  void ReadHeader(const std::vector<std::string>& names) {
    std::set<std::string> fields;
    for (const std::string& name : names) {
      std::string field;
      m_setters.push_back(SetterOf(name, field));
      if (!fields.insert(field).second) {
        throw InputError(Place(), "column '" + Printable(name) + "' stands twice",
                         "write each column once, in one unit");
      }
    }
    for (const char* needed : {"name", "forward", "input_gradient", "weight_gradient"}) {
      if (fields.count(needed) != 0) continue;
      const bool is_time = std::string(needed) != "name";
      throw InputError(Place(), std::string("has no column ") + needed + (is_time ? "_us" : ""),
                       "write name, forward_us, input_gradient_us and weight_gradient_us at least");
    }
  }

  // `field` is the column's name without its unit.
  Setter SetterOf(const std::string& name, std::string& field) const {
    field = name;
    if (name == "name")
      return [](LayerDraft& draft, const std::string& cell) { draft.layer.name = cell; };
    static const std::array<const char*, 3> kPasses{"forward", "input_gradient", "weight_gradient"};
    for (size_t i = 0; i < kPasses.size(); ++i) {
      const std::string pass = kPasses[i];
      if (name == pass + "_communication") {
        return [i](LayerDraft& draft, const std::string& cell) {
          draft.communications[i].type = cell;
        };
      }
      if (name == pass + "_communication_bytes") {
        return [i](LayerDraft& draft, const std::string& cell) {
          draft.communications[i].size = cell;
        };
      }
    }
    static const std::array<std::pair<const char*, uint64_t>, 3> kUnits{
        {{"_ns", kPsPerNs}, {"_us", 1000 * kPsPerNs}, {"_ms", 1000000 * kPsPerNs}}};
    for (const auto& [suffix, unit_ps] : kUnits) {
      if (name.size() <= 3 || name.substr(name.size() - 3) != suffix) continue;
      field = name.substr(0, name.size() - 3);
      const auto time = [this, unit = unit_ps](const std::string& cell) {
        return TimeNs(Place(), cell, unit);
      };
      if (field == "forward") {
        return
            [time](LayerDraft& d, const std::string& c) { d.layer.forward.compute_ns = time(c); };
      }
      if (field == "input_gradient") {
        return [time](LayerDraft& d, const std::string& c) {
          d.layer.input_gradient.compute_ns = time(c);
        };
      }
      if (field == "weight_gradient") {
        return [time](LayerDraft& d, const std::string& c) {
          d.layer.weight_gradient.compute_ns = time(c);
        };
      }
      if (field == "update") {
        return [time](LayerDraft& d, const std::string& c) { d.layer.update_ns = time(c); };
      }
    }
    throw InputError(Place(), "column '" + Printable(name) + "' is unknown",
                     "see docs/importing-traces.md; times end in _ns, _us or _ms");
  }

  Layer ReadLayer(const std::vector<std::string>& cells) const {
    LayerDraft draft;
    for (size_t i = 0; i < cells.size(); ++i) m_setters[i](draft, cells[i]);
    draft.layer.place = Place();
    if (draft.layer.name.empty()) throw InputError(Place(), "has no name", "name the layer");
    const std::array<LayerPass*, 3> passes{&draft.layer.forward, &draft.layer.input_gradient,
                                           &draft.layer.weight_gradient};
    for (size_t i = 0; i < passes.size(); ++i) {
      const Draft& each = draft.communications[i];
      passes[i]->communication =
          Communication(Place(), each.type, each.size.empty() ? "0" : each.size);
    }
    return std::move(draft.layer);
  }

  std::istringstream m_lines;
  size_t m_line = 0;
  std::vector<Setter> m_setters;  // by column
  LayerTable m_table;
};

}  // namespace

LayerTable ReadLayerTable(const std::string& path, uint64_t time_unit_ps) {
  const std::string text = ReadSmallFile(path, kFileMaxBytes);
  size_t start = 0;  // comments and empty lines may stand above a CSV's header
  while (start < text.size() && (text[start] == '#' || text[start] == '\n')) {
    start = std::min(text.find('\n', start), text.size() - 1) + 1;
  }
  if (text.compare(start, 5, "name,") == 0) return CsvReader(path, text).Read();
  if (time_unit_ps == 0) {
    throw InputError("--time-unit", "is missing: the table does not say what its times count",
                     "say what 1 is in the table, such as --time-unit=1ns");
  }
  return TextReader(path, text, time_unit_ps).Read();
}

}  // namespace ddlsim
