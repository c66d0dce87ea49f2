// SPDX-License-Identifier: MIT
#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "traces/import/layer-cells.h"

namespace ddlsim {
namespace {

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
      return LayerPass{LayerTimeNs(Place(), words[first], m_time_unit_ps),
                       ParseLayerCommunication(Place(), words[first + 1], words[first + 2])};
    };
    layer.forward = pass(2);
    layer.input_gradient = pass(5);
    layer.weight_gradient = pass(8);
    if (words.size() == kWordsMax)
      layer.update_ns = LayerTimeNs(Place(), words[11], m_time_unit_ps);
    return layer;
  }

  std::istringstream m_lines;
  uint64_t m_time_unit_ps;
  size_t m_line = 0;
  LayerTable m_table;
};

}  // namespace

LayerTable ReadLayerText(const std::string& path, const std::string& text, uint64_t time_unit_ps) {
  return TextReader(path, text, time_unit_ps).Read();
}

}  // namespace ddlsim
