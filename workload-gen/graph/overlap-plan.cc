// SPDX-License-Identifier: MIT
#include "workload-gen/graph/overlap-plan.h"

#include "workload-gen/layers/axes.h"
#include "workload-gen/layers/work-pieces.h"

namespace ddlsim {
namespace {

bool IsExchangeOf(const Operation& operation, CollectiveType type) {
  const auto& exchange = operation.forward_exchange;
  return exchange && !exchange->is_ring && exchange->collective == type &&
         exchange->axis == kTensorAxis;
}

bool IsAdapter(const LayerModel& model, const Operation& operation) {
  return !model.frozen.empty() && operation.frozen.empty();
}

bool IsDenseProduct(const LayerModel& model, size_t index) {
  const Operation& operation = model.operations[index];
  return operation.operation_class == "matmul" && operation.block >= 0 && operation.HasWeights() &&
         !IsExpertProduct(model, operation) && !IsAdapter(model, operation);
}

}  // namespace

bool IsExpertProduct(const LayerModel& model, const Operation& operation) {
  if (!operation.frozen.empty()) return model.frozen[operation.frozen.front()].routed_expert;
  return !operation.parameters.empty() &&
         model.parameters[operation.parameters.front()].routed_expert;
}

OverlapPlan::OverlapPlan(const LayerModel& model, const TensorOverlap& overlap, uint32_t ranks)
    : m_roles(model.operations.size(), Role::kWhole), m_reader_counts(model.operations.size()) {
  if (!overlap.CutsProducts()) return;
  const bool is_ring = overlap.method == TensorOverlap::Method::kRingExchange;
  std::vector<std::vector<size_t>> readers(model.operations.size());
  for (size_t i = 0; i < model.operations.size(); ++i) {
    for (size_t input : model.operations[i].inputs) readers[input].push_back(i);
  }
  for (size_t i = 0; i < model.operations.size(); ++i) {
    if (IsExchangeOf(model.operations[i], CollectiveType::kAllGather)) {
      PlanGather(model, i, readers, ranks);
    } else if (IsExchangeOf(model.operations[i], CollectiveType::kReduceScatter)) {
      PlanScatter(model, i, readers, is_ring ? ranks : overlap.splits, ranks);
    }
  }
}

void OverlapPlan::PlanGather(const LayerModel& model, size_t gather,
                             const std::vector<std::vector<size_t>>& readers, uint32_t ranks) {
  size_t next = gather + 1;
  for (size_t reader : readers[gather]) {
    const bool is_next = reader == next++;
    if (!is_next || !IsDenseProduct(model, reader)) return;
    if (!CanCutRows(model.operations[reader].forward, ranks)) return;
  }
  if (readers[gather].empty()) return;
  m_roles[gather] = Role::kGather;
  m_reader_counts[gather] = readers[gather].size();
  for (size_t reader : readers[gather]) m_roles[reader] = Role::kGatheredProduct;
}

// Backward the gradient is gathered round the ring, a piece per rank.
void OverlapPlan::PlanScatter(const LayerModel& model, size_t scatter,
                              const std::vector<std::vector<size_t>>& readers, uint32_t pieces,
                              uint32_t ranks) {
  const size_t product = model.operations[scatter].inputs.front();
  if (product + 1 != scatter || readers[product].size() != 1) return;
  if (m_roles[product] != Role::kWhole || !IsDenseProduct(model, product)) return;
  const Operation& operation = model.operations[product];
  const Work input_gradient = Without(operation.backward, operation.weight_gradient);
  if (!CanCutRows(operation.forward, pieces) || !CanCutRows(input_gradient, ranks)) return;
  m_roles[product] = Role::kScatteredProduct;
  m_roles[scatter] = Role::kScatter;
}

}  // namespace ddlsim
