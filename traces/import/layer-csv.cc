// SPDX-License-Identifier: MIT
#include <array>
#include <functional>
#include <set>
#include <sstream>

#include "base/input-error.h"
#include "traces/import/layer-cells.h"

namespace ddlsim {
namespace {

constexpr uint64_t kPsPerNs = 1000;

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
        return LayerTimeNs(Place(), cell, unit);
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
          ParseLayerCommunication(Place(), each.type, each.size.empty() ? "0" : each.size);
    }
    return std::move(draft.layer);
  }

  std::istringstream m_lines;
  size_t m_line = 0;
  std::vector<Setter> m_setters;  // by column
  LayerTable m_table;
};

}  // namespace

LayerTable ReadLayerCsv(const std::string& path, const std::string& text) {
  return CsvReader(path, text).Read();
}

}  // namespace ddlsim
