// SPDX-License-Identifier: MIT
//
// Attention: multi-head with grouped keys, across sequences, and latent.
#include <absl/strings/str_cat.h>

#include <utility>

#include "workload-gen/layers/token-layers.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

// Operations per value; see layer-costs.cc for why a rough count does.
constexpr uint64_t kRotaryOperations = 3;

}  // namespace

AttentionShape TokenLayers::Core(const AttentionLayer& layer) const {
  AttentionShape shape;
  shape.batch = m_tokens.batch;
  shape.sequence_length = m_tokens.LocalLength();
  shape.heads = Divided(layer.heads);
  shape.key_value_heads = Divided(layer.key_value_heads);
  shape.head_dimension = layer.head_dimension;
  shape.value_dimension = layer.value_dimension;
  shape.window = layer.window;
  shape.causal = layer.causal;
  return shape;
}

// Ring attention (Liu et al. 2023): the keys and values of the group's members go round, and each
// rank attends to one part after another while the next is on its way. Backward the parts go round
// again, with their gradients.
size_t TokenLayers::AddCore(const AttentionLayer& layer, std::vector<size_t> inputs,
                            const AttentionShape& core) {
  const uint64_t parts = m_tokens.sharding.context;
  if (parts == 1) return m_builder.AddAttention("attention.core", std::move(inputs), core);
  const uint64_t part_bytes = Product({m_builder.GetFormats().ActivationBytes(), m_tokens.Rows(),
                                       Divided(layer.KeyWidth() + layer.ValueWidth())});
  const Exchange forward{kContextAxis, CollectiveType::kAllReduce, true, part_bytes};
  const Exchange backward{kContextAxis, CollectiveType::kAllReduce, true, Product({2, part_bytes})};
  // Ranks hold a piece of the sequence's begin and one of its end, so that under a causal mask each
  // part costs all of them half of its square.
  std::vector<size_t> outputs;
  size_t last = inputs.back();
  for (uint64_t part = 0; part < parts; ++part) {
    std::vector<size_t> part_inputs = inputs;
    if (part > 0) {
      last = m_builder.AddExchange(absl::StrCat("attention.ring", part), last, part_bytes, forward,
                                   backward);
      part_inputs.push_back(last);
    }
    outputs.push_back(
        m_builder.AddAttention(absl::StrCat("attention.core", part), part_inputs, core));
    // What stays is the merged output, and statistics of one part's size, which are merged too.
    m_builder.SetKept(outputs.back(), {true, false, part == 0 ? StatisticsBytes(core) : 0});
  }
  // Rescales and adds what the parts have found: reads and writes the output once per further part.
  const uint64_t values = Product({m_tokens.Rows(), Divided(layer.OutputWidth())});
  return m_builder.AddElementwise("attention.merge", outputs,
                                  {values, 3 * (parts - 1), 2, 3 * (parts - 1), {false, true, 0}});
}

size_t TokenLayers::HeadNorm(const std::string& name, const AttentionLayer& layer, size_t x,
                             uint64_t heads) {
  return m_builder.AddNorm(name, x, Product({m_tokens.Rows(), heads}), layer.head_dimension, 1);
}

// Of queries, keys and values: in one product or three.
std::vector<size_t> TokenLayers::Projections(const AttentionLayer& layer, size_t x) {
  struct Projection {
    const char* name;
    uint64_t width;
  };
  std::vector<Projection> projections = {{"attention.query", layer.QueryWidth()},
                                         {"attention.key", layer.KeyWidth()},
                                         {"attention.value", layer.ValueWidth()}};
  if (layer.fused_qkv) {
    projections = {{"attention.qkv", layer.QueryWidth() + layer.KeyWidth() + layer.ValueWidth()}};
  }
  const uint64_t hidden = m_tokens.hidden;
  std::vector<size_t> adapters, products;
  for (const Projection& each : projections) {
    adapters.push_back(ColumnAdapter(m_tokens.adapters.qkv, each.name, x, hidden, each.width));
  }
  x = Enter("attention.gather", x, hidden);
  for (const Projection& each : projections) {
    products.push_back(ColumnLinear(each.name, x, hidden, each.width, layer.qkv_bias));
  }
  for (size_t i = 0; i < products.size(); ++i) {
    products[i] = AddAdapter(projections[i].name, products[i], adapters[i],
                             Product({m_tokens.Rows(), Divided(projections[i].width)}));
  }
  return products;
}

size_t TokenLayers::SelfAttention(const AttentionLayer& layer, size_t x, size_t score_bias) {
  if (layer.latent.Used()) return LatentSelfAttention(layer, x);
  const std::vector<size_t> projections = Projections(layer, x);
  std::vector<size_t> rotated, rest;
  if (layer.fused_qkv) {
    rest = projections;
    if (layer.rotary) rotated = rest;  // a part of the one tensor is rotated
  } else {
    size_t query = projections[0], key = projections[1];
    rest = {projections[2]};
    if (layer.qk_norm) {
      query = HeadNorm("attention.query_norm", layer, query, Divided(layer.heads));
      key = HeadNorm("attention.key_norm", layer, key, Divided(layer.key_value_heads));
    }
    std::vector<size_t>& both = layer.rotary ? rotated : rest;
    both.insert(both.begin(), {query, key});
  }
  if (layer.rotary) {
    const uint64_t values =
        Product({m_tokens.Rows(), Divided(layer.QueryWidth() + layer.KeyWidth())});
    rest.push_back(m_builder.AddElementwise("attention.rotary", rotated,
                                            {values, 2, 2, kRotaryOperations, {}}));
  }
  AttentionShape core = Core(layer);
  if (score_bias != kNone) {
    core.score_bias = true;
    rest.push_back(score_bias);
  }
  const size_t attention = AddCore(layer, rest, core);
  return AdaptedRowLinear(m_tokens.adapters.output, "attention.output", attention,
                          layer.OutputWidth(), m_tokens.hidden, layer.output_bias);
}

size_t TokenLayers::CrossAttention(const AttentionLayer& layer, size_t x, size_t memory,
                                   const TokenShape& memory_tokens) {
  const uint64_t hidden = m_tokens.hidden;
  TokenLayers source(m_builder, memory_tokens);
  x = Enter("cross_attention.gather", x, hidden);
  memory = source.Enter("cross_attention.gather_memory", memory, memory_tokens.hidden);
  const size_t query =
      ColumnLinear("cross_attention.query", x, hidden, layer.QueryWidth(), layer.qkv_bias);
  const size_t key = source.ColumnLinear("cross_attention.key", memory, memory_tokens.hidden,
                                         layer.KeyWidth(), layer.qkv_bias);
  const size_t value = source.ColumnLinear("cross_attention.value", memory, memory_tokens.hidden,
                                           layer.ValueWidth(), layer.qkv_bias);
  AttentionShape core = Core(layer);
  core.causal = false;
  core.key_length = memory_tokens.length;
  const size_t attention =
      m_builder.AddAttention("cross_attention.core", {query, key, value}, core);
  return RowLinear("cross_attention.output", attention, layer.OutputWidth(), hidden,
                   layer.output_bias);
}

// As in training: keys and values are expanded from the latent vector, no products are merged.
size_t TokenLayers::LatentSelfAttention(const AttentionLayer& layer, size_t x) {
  const uint64_t rows = m_tokens.Rows();
  const uint64_t hidden = m_tokens.hidden;
  const LatentAttention& latent = layer.latent;
  size_t query_input = x;
  uint64_t query_width = hidden;
  if (latent.query_rank > 0) {
    query_width = latent.query_rank;
    query_input = Linear("attention.query_down", x, hidden, query_width, layer.qkv_bias);
    query_input = SumOverTensor(m_builder.AddNorm("attention.query_down_norm", query_input,
                                                  m_tokens.OwnRows(), query_width, 1));
  }
  query_input = Enter("attention.gather_query", query_input, query_width);
  const size_t query =
      ColumnLinear("attention.query", query_input, query_width, layer.QueryWidth(), false);
  const uint64_t down_width = latent.key_value_rank + latent.rotary_dimension;
  const size_t down =
      Enter("attention.gather_key_value",
            Linear("attention.key_value_down", x, hidden, down_width, layer.qkv_bias), down_width);
  const size_t down_norm =
      m_builder.AddNorm("attention.key_value_down_norm", down, rows, latent.key_value_rank, 1);
  const uint64_t plain_dimension = layer.head_dimension - latent.rotary_dimension;
  const size_t key_value =
      ColumnLinear("attention.key_value", down_norm, latent.key_value_rank,
                   layer.heads * (plain_dimension + layer.value_dimension), false);
  // Rotates its part of queries and keys and writes both in full, the shared part of the key once
  // per head.
  const ElementwiseShape rotary{
      Product({2, rows, Divided(layer.QueryWidth())}), 2, 2, kRotaryOperations, {}};
  const size_t rotated =
      m_builder.AddElementwise("attention.rotary", {query, key_value, down}, rotary);
  const size_t attention = AddCore(layer, {key_value, rotated}, Core(layer));
  return RowLinear("attention.output", attention, layer.OutputWidth(), hidden, layer.output_bias);
}

}  // namespace ddlsim
