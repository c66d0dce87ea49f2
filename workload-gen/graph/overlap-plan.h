// SPDX-License-Identifier: MIT
//
// Which products of a part of a model run in pieces, beside the exchange before or behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workload-gen/layers/layer-model.h"
#include "workload-gen/parallel/tensor-overlap.h"

namespace ddlsim {

// Those of dense layers within blocks, as in Transformer Engine: the output layer's products and
// the grouped ones of experts stay whole, and so does a product next to an exchange that something
// else depends on too.
class OverlapPlan {
 public:
  enum class Role : uint8_t {
    kWhole,
    kGather,            // an all_gather whose readers are products in pieces
    kGatheredProduct,   // such a reader
    kScatteredProduct,  // in pieces too, backward as well
    kScatter,           // the reduce_scatter behind it; backward an all_gather
  };

  // `ranks`: of a tensor-parallel group.
  OverlapPlan(const LayerModel& model, const TensorOverlap& overlap, uint32_t ranks);

  Role RoleOf(size_t operation) const { return m_roles[operation]; }
  // Of a kGather: consecutive operations right behind it.
  size_t ReaderCount(size_t gather) const { return m_reader_counts[gather]; }

 private:
  void PlanGather(const LayerModel& model, size_t gather,
                  const std::vector<std::vector<size_t>>& readers, uint32_t ranks);
  void PlanScatter(const LayerModel& model, size_t scatter,
                   const std::vector<std::vector<size_t>>& readers, uint32_t pieces,
                   uint32_t ranks);

  std::vector<Role> m_roles;
  std::vector<size_t> m_reader_counts;
};

// Whether the operation is a product of routed experts.
bool IsExpertProduct(const LayerModel& model, const Operation& operation);

}  // namespace ddlsim
