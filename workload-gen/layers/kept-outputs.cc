// SPDX-License-Identifier: MIT
#include "workload-gen/layers/kept-outputs.h"

namespace ddlsim {
namespace {

bool KeepsItsInputInstead(const Operation& operation) {
  return operation.IsExchange() &&
         (!operation.forward_exchange || operation.reload || operation.forward_exchange->is_ring);
}

}  // namespace

std::vector<bool> KeptOutputs(const std::vector<Operation>& operations) {
  std::vector<bool> is_kept(operations.size());
  for (size_t i = 0; i < operations.size(); ++i) {
    const Kept& kept = operations[i].held.kept;
    if (kept.output) is_kept[i] = true;
    for (size_t input : operations[i].inputs) {
      if (kept.inputs) is_kept[input] = true;
    }
  }
  for (size_t i = operations.size(); i-- > 0;) {
    if (!is_kept[i] || !KeepsItsInputInstead(operations[i])) continue;
    is_kept[i] = false;
    is_kept[operations[i].inputs.front()] = true;
  }
  return is_kept;
}

}  // namespace ddlsim
