// SPDX-License-Identifier: MIT
#include "workload-gen/graph/stage-cut.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/input-error.h"

namespace ddlsim {
namespace {

constexpr size_t kNone = SIZE_MAX;

// Blocks of each part.
std::vector<uint32_t> SharesOf(uint32_t blocks, uint32_t parts) {
  std::vector<uint32_t> shares(parts, blocks / parts);
  // The parts that get one more: from the second on, the first and the last at the end.
  std::vector<uint32_t> order;
  for (uint32_t part = 1; part + 1 < parts; ++part) order.push_back(part);
  order.push_back(0);
  if (parts > 1) order.push_back(parts - 1);
  for (uint32_t i = 0; i < blocks % parts; ++i) ++shares[order[i]];
  return shares;
}

// First operation of each part, and behind the last.
std::vector<size_t> BordersOf(const LayerModel& model, uint32_t parts) {
  std::vector<size_t> first_of_block;
  int block = -1;
  for (size_t i = 0; i < model.operations.size(); ++i) {
    if (model.operations[i].block <= block) continue;
    block = model.operations[i].block;
    first_of_block.push_back(i);
  }
  const auto blocks = static_cast<uint32_t>(first_of_block.size());
  if (blocks < parts) {
    throw InputError("--pp",
                     absl::StrCat("'", model.name, "' has ", blocks, " blocks for ", parts,
                                  " parts of a pipeline"),
                     "use fewer stages");
  }
  std::vector<size_t> borders = {0};
  uint32_t next = 0;
  for (uint32_t share : SharesOf(blocks, parts)) {
    next += share;
    borders.push_back(next < blocks ? first_of_block[next] : model.operations.size());
  }
  return borders;
}

class Cutter {
 public:
  Cutter(const LayerModel& model, size_t begin, size_t end)
      : m_model(model), m_begin(begin), m_end(end) {}

  // `input`: the operation before `begin` whose output the part reads; kNone: the first part.
  StagePart Cut(size_t input) {
    StagePart part;
    part.model.name = m_model.name;
    part.has_input = input != kNone;
    if (part.has_input) {
      Operation received;
      received.name = "stage_input";
      received.operation_class = "stage_input";
      received.forward = received.backward = {0, 0, 0};
      received.has_backward = false;
      received.output_bytes = m_model.operations[input].output_bytes;
      part.model.operations.push_back(std::move(received));
    }
    const size_t shift = part.has_input ? 1 : 0;
    for (size_t i = m_begin; i < m_end; ++i) {
      Operation operation = m_model.operations[i];
      for (size_t& read : operation.inputs) {
        if (read < m_begin && read != input) Refuse(operation, read);
        read = read < m_begin ? 0 : read - m_begin + shift;
      }
      for (size_t& parameter : operation.parameters) {
        parameter = Local(parameter, m_model.parameters, m_local, part.model.parameters);
      }
      for (size_t& parameter : operation.frozen) {
        parameter = Local(parameter, m_model.frozen, m_local_frozen, part.model.frozen);
      }
      part.model.operations.push_back(std::move(operation));
    }
    return part;
  }

 private:
  [[noreturn]] void Refuse(const Operation& reader, size_t read) const {
    throw InputError("--pp",
                     absl::StrCat("'", reader.name, "' reads '", m_model.operations[read].name,
                                  "' of an earlier stage beside the stage's input: not modelled"),
                     "use --pp=1, or fewer stages");
  }

  static size_t Local(size_t parameter, const std::vector<ParameterTensor>& all,
                      std::map<size_t, size_t>& places, std::vector<ParameterTensor>& own) {
    const auto [found, is_new] = places.try_emplace(parameter, own.size());
    if (is_new) own.push_back(all[parameter]);
    return found->second;
  }

  const LayerModel& m_model;
  const size_t m_begin;
  const size_t m_end;
  std::map<size_t, size_t> m_local;
  std::map<size_t, size_t> m_local_frozen;
};

// The newest operation before `begin` that [begin, end) reads.
size_t InputOf(const LayerModel& model, size_t begin, size_t end) {
  size_t input = kNone;
  for (size_t i = begin; i < end; ++i) {
    for (size_t read : model.operations[i].inputs) {
      if (read < begin && (input == kNone || read > input)) input = read;
    }
  }
  return input;
}

// Marks what the first and the last part both use.
void MarkTied(const LayerModel& model, std::vector<StagePart>& stages) {
  std::map<std::string, std::vector<std::pair<size_t, ParameterTensor*>>> uses;
  for (size_t part = 0; part < stages.size(); ++part) {
    for (ParameterTensor& tensor : stages[part].model.parameters) {
      uses[tensor.name].push_back({part, &tensor});
    }
  }
  for (const auto& [name, copies] : uses) {
    if (copies.size() == 1) continue;
    if (copies.size() > 2 || copies.front().first != 0 ||
        copies.back().first + 1 != stages.size()) {
      throw InputError("--pp",
                       absl::StrCat("'", model.name, "' uses '", name,
                                    "' in stages other than the first and the last: not modelled"),
                       "use --pp=1");
    }
    for (const auto& copy : copies) copy.second->is_tied = true;
  }
}

}  // namespace

std::vector<StagePart> CutStages(const LayerModel& model, uint32_t parts) {
  if (parts == 1) return {{model, false, std::nullopt}};
  const std::vector<size_t> borders = BordersOf(model, parts);
  std::vector<StagePart> stages;
  for (uint32_t part = 0; part < parts; ++part) {
    const size_t begin = borders[part], end = borders[part + 1];
    const size_t input = part == 0 ? kNone : InputOf(model, begin, end);
    stages.push_back(Cutter(model, begin, end).Cut(input));
    if (part == 0) continue;
    if (input == kNone || input < borders[part - 1]) {
      throw InputError("--pp",
                       absl::StrCat("no tensor leads from stage to stage before '",
                                    model.operations[begin].name, "': not modelled"),
                       "use --pp=1, or fewer stages");
    }
    StagePart& before = stages[part - 1];
    before.output = input - borders[part - 1] + (before.has_input ? 1 : 0);
  }
  MarkTied(model, stages);
  return stages;
}

}  // namespace ddlsim
