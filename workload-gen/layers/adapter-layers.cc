// SPDX-License-Identifier: MIT
//
// Low-rank adapters beside products that tensor parallelism divides. What goes between their two
// products is as narrow as their rank: that is exchanged, not the rows themselves.
#include "workload-gen/layers/token-layers.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {

// A over the rows that a rank has, before they are gathered for the product beside; B over all rows
// with its columns of that product.
size_t TokenLayers::ColumnAdapter(bool is_target, const std::string& name, size_t x, uint64_t in,
                                  uint64_t out) {
  if (!m_tokens.adapters.Used() || !is_target) return kNone;
  const uint64_t rank = m_tokens.adapters.rank;
  m_builder.SetWeights(LayerBuilder::Weights::kAdapter);
  size_t low = Linear(name + ".lora_a", x, in, rank, false);
  low = Enter(name + ".lora_gather", low, rank);
  low = ColumnLinear(name + ".lora_b", low, rank, out, false);
  m_builder.SetWeights(LayerBuilder::Weights::kFrozen);
  return low;
}

// A with its part of the inputs, whose sums over the ranks go to those that have the rows; B over
// these.
size_t TokenLayers::RowAdapter(bool is_target, const std::string& name, size_t x, uint64_t in,
                               uint64_t out) {
  if (!m_tokens.adapters.Used() || !is_target) return kNone;
  const uint64_t rank = m_tokens.adapters.rank;
  m_builder.SetWeights(LayerBuilder::Weights::kAdapter);
  size_t low =
      m_builder.AddLinear(name + ".lora_a", {x}, {m_tokens.Rows(), Divided(in), rank, false, true});
  low = Leave(name + ".lora_reduce", low, rank);
  low = Linear(name + ".lora_b", low, rank, out, false);
  m_builder.SetWeights(LayerBuilder::Weights::kFrozen);
  return low;
}

// One kernel scales what the adapter gives and adds it; backward one scales.
size_t TokenLayers::AddAdapter(const std::string& name, size_t product, size_t adapter,
                               uint64_t values) {
  if (adapter == kNone) return product;
  return m_builder.AddElementwise(name + ".lora_sum", {product, adapter}, {values, 3, 2, 2, {}});
}

size_t TokenLayers::AdaptedRowLinear(bool is_target, const std::string& name, size_t x, uint64_t in,
                                     uint64_t out, bool bias) {
  const size_t adapter = RowAdapter(is_target, name, x, in, out);
  const size_t product = RowLinear(name, x, in, out, bias);
  return AddAdapter(name, product, adapter, Product({m_tokens.OwnRows(), out}));
}

}  // namespace ddlsim
