// SPDX-License-Identifier: MIT
#include "workload-gen/memory/tensor-lives.h"

#include <algorithm>

#include "workload-gen/layers/kept-outputs.h"

namespace ddlsim {
namespace {

bool IsNothing(const Work& work) {
  return work.operations == 0 && work.memory_bytes == 0;
}

bool SharesBlock(const LayerModel& model, size_t a, size_t b) {
  return model.operations[a].block >= 0 && model.operations[a].block == model.operations[b].block;
}

}  // namespace

bool IsInPlace(const Exchange& exchange) {
  return exchange.collective == CollectiveType::kAllReduce && !exchange.is_ring;
}

TensorLives::TensorLives(const StagePart& part, bool recompute, bool is_split,
                         const OverlapPlan& overlap) {
  FindRoots(part);
  FindWeights(part.model, is_split, overlap);
  FindStays(part.model, recompute);
  FindLastNeeds(part.model, is_split);
}

void TensorLives::FindRoots(const StagePart& part) {
  const std::vector<Operation>& operations = part.model.operations;
  readers.assign(operations.size(), 0);
  readers_in_block.assign(operations.size(), 0);
  inputs.resize(operations.size());
  for (size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    const bool is_alias = operation.IsExchange() &&
                          (!operation.forward_exchange || IsInPlace(*operation.forward_exchange));
    root.push_back(is_alias ? root[operation.inputs.front()] : i);
    if (is_alias) continue;
    for (size_t input : operation.inputs) {
      const size_t read = root[input];
      if (std::find(inputs[i].begin(), inputs[i].end(), read) != inputs[i].end()) continue;
      inputs[i].push_back(read);
      ++readers[read];
      if (SharesBlock(part.model, i, read)) ++readers_in_block[read];
    }
  }
  if (part.output) ++readers[root[*part.output]];
}

void TensorLives::FindWeights(const LayerModel& model, bool is_split, const OverlapPlan& overlap) {
  weights_behind.assign(model.operations.size(), kNone);
  has_weights_apart.assign(model.operations.size(), false);
  for (size_t i = 0; i < model.operations.size(); ++i) {
    const Operation& operation = model.operations[i];
    if (!operation.has_backward || IsNothing(operation.weight_gradient)) continue;
    for (size_t input : operation.inputs) {
      if (weights_behind[i] == kNone && model.operations[input].backward_exchange) {
        weights_behind[i] = input;
      }
    }
    has_weights_apart[i] = is_split || weights_behind[i] != kNone ||
                           overlap.RoleOf(i) == OverlapPlan::Role::kScatteredProduct;
  }
}

void TensorLives::FindStays(const LayerModel& model, bool recompute) {
  const std::vector<Operation>& operations = model.operations;
  const std::vector<bool> is_kept = KeptOutputs(operations);
  stays.assign(operations.size(), false);
  stays_in_block.assign(operations.size(), false);
  is_recomputed.assign(operations.size(), false);
  for (size_t i = 0; i < operations.size(); ++i) {
    is_recomputed[i] = recompute && operations[i].block >= 0;
    if (!is_kept[i]) continue;
    if (is_recomputed[i]) stays_in_block[root[i]] = true;
    // In a block that runs again only what is read outside of it stays.
    if (!is_recomputed[i] || readers[root[i]] > readers_in_block[root[i]]) stays[root[i]] = true;
  }
  for (size_t i = 0; i < operations.size(); ++i) {
    if (!is_recomputed[i]) continue;
    for (size_t input : operations[i].inputs) {
      if (!SharesBlock(model, i, root[input])) stays[root[input]] = true;
    }
  }
  // What only later blocks need comes from them, not from running its own block again.
  for (size_t i = 0; i < operations.size(); ++i) {
    if (readers_in_block[i] == 0 && !operations[i].held.kept.output) stays_in_block[i] = false;
  }
}

void TensorLives::FindLastNeeds(const LayerModel& model, bool is_split) {
  const size_t count = model.operations.size();
  last_need.assign(count, kNone);
  is_needed_by_weights.assign(count, false);
  const auto need = [this](size_t read, size_t at, bool by_weights) {
    if (by_weights != is_needed_by_weights[read]) {
      if (!by_weights) return;  // that pass comes later
      is_needed_by_weights[read] = true;
      last_need[read] = at;
    } else {
      last_need[read] = std::min(last_need[read], at);
    }
  };
  for (size_t i = 0; i < count; ++i) {
    const Operation& operation = model.operations[i];
    if (operation.held.kept.output) need(root[i], i, false);
    for (size_t input : operation.inputs) {
      const size_t read = root[input];
      const bool is_made_again = model.operations[input].reload.has_value();
      if (has_weights_apart[i] && is_split && !is_made_again) {
        need(read, i, true);
      } else {
        const bool is_behind = !is_split && weights_behind[i] != kNone;
        need(read, is_behind ? weights_behind[i] : i, false);
      }
    }
  }
  for (size_t i = 0; i < count; ++i) {
    if (last_need[i] == kNone) last_need[i] = i;
  }
}

}  // namespace ddlsim
