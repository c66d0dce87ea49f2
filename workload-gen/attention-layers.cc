// SPDX-License-Identifier: MIT
//
// Attention: multi-head with grouped keys, across sequences, and latent.
#include "workload-gen/arithmetic.h"
#include "workload-gen/token-layers.h"

namespace ddlsim {
namespace {

// Operations per value; see layer-costs.cc for why a rough count does.
constexpr uint64_t kRotaryOperations = 3;

}  // namespace

AttentionShape TokenLayers::Core(const AttentionLayer& layer) const {
  AttentionShape shape;
  shape.batch = m_tokens.batch;
  shape.sequence_length = m_tokens.length;
  shape.heads = layer.heads;
  shape.key_value_heads = layer.key_value_heads;
  shape.head_dimension = layer.head_dimension;
  shape.value_dimension = layer.value_dimension;
  shape.window = layer.window;
  return shape;
}

size_t TokenLayers::HeadNorm(const std::string& name, const AttentionLayer& layer, size_t x,
                             uint64_t heads) {
  return m_builder.AddNorm(name, x, Product({m_tokens.Rows(), heads}), layer.head_dimension, 1);
}

size_t TokenLayers::SelfAttention(const AttentionLayer& layer, size_t x, size_t score_bias) {
  if (layer.latent.Used()) return LatentSelfAttention(layer, x);
  const uint64_t hidden = m_tokens.hidden;
  std::vector<size_t> rotated, rest;
  if (layer.fused_qkv) {
    rest = {Linear("attention.qkv", x, hidden,
                   layer.QueryWidth() + layer.KeyWidth() + layer.ValueWidth(), layer.qkv_bias)};
    if (layer.rotary) rotated = rest;  // a part of the one tensor is rotated
  } else {
    size_t query = Linear("attention.query", x, hidden, layer.QueryWidth(), layer.qkv_bias);
    size_t key = Linear("attention.key", x, hidden, layer.KeyWidth(), layer.qkv_bias);
    rest = {Linear("attention.value", x, hidden, layer.ValueWidth(), layer.qkv_bias)};
    if (layer.qk_norm) {
      query = HeadNorm("attention.query_norm", layer, query, layer.heads);
      key = HeadNorm("attention.key_norm", layer, key, layer.key_value_heads);
    }
    std::vector<size_t>& both = layer.rotary ? rotated : rest;
    both.insert(both.begin(), {query, key});
  }
  if (layer.rotary) {
    const uint64_t values = Product({m_tokens.Rows(), layer.QueryWidth() + layer.KeyWidth()});
    rest.push_back(m_builder.AddElementwise("attention.rotary", rotated,
                                            {values, 2, 2, kRotaryOperations, {}}));
  }
  AttentionShape core = Core(layer);
  if (score_bias != kNone) {
    core.score_bias = true;
    rest.push_back(score_bias);
  }
  const size_t attention = m_builder.AddAttention("attention.core", rest, core);
  return Linear("attention.output", attention, layer.OutputWidth(), hidden, layer.output_bias);
}

size_t TokenLayers::CrossAttention(const AttentionLayer& layer, size_t x, size_t memory,
                                   const TokenShape& memory_tokens) {
  const uint64_t hidden = m_tokens.hidden;
  TokenLayers source(m_builder, memory_tokens);
  const size_t query =
      Linear("cross_attention.query", x, hidden, layer.QueryWidth(), layer.qkv_bias);
  const size_t key = source.Linear("cross_attention.key", memory, memory_tokens.hidden,
                                   layer.KeyWidth(), layer.qkv_bias);
  const size_t value = source.Linear("cross_attention.value", memory, memory_tokens.hidden,
                                     layer.ValueWidth(), layer.qkv_bias);
  AttentionShape core = Core(layer);
  core.key_length = memory_tokens.length;
  const size_t attention =
      m_builder.AddAttention("cross_attention.core", {query, key, value}, core);
  return Linear("cross_attention.output", attention, layer.OutputWidth(), hidden,
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
    query_input = m_builder.AddNorm("attention.query_down_norm", query_input, rows, query_width, 1);
  }
  const size_t query =
      Linear("attention.query", query_input, query_width, layer.QueryWidth(), false);
  const size_t down = Linear("attention.key_value_down", x, hidden,
                             latent.key_value_rank + latent.rotary_dimension, layer.qkv_bias);
  const size_t down_norm =
      m_builder.AddNorm("attention.key_value_down_norm", down, rows, latent.key_value_rank, 1);
  const uint64_t plain_dimension = layer.head_dimension - latent.rotary_dimension;
  const size_t key_value = Linear("attention.key_value", down_norm, latent.key_value_rank,
                                  layer.heads * (plain_dimension + layer.value_dimension), false);
  // Rotates its part of queries and keys and writes both in full, the shared part of the key once
  // per head.
  const ElementwiseShape rotary{
      Product({2, rows, layer.QueryWidth()}), 2, 2, kRotaryOperations, {}};
  const size_t rotated =
      m_builder.AddElementwise("attention.rotary", {query, key_value, down}, rotary);
  const size_t attention =
      m_builder.AddAttention("attention.core", {key_value, rotated}, Core(layer));
  return Linear("attention.output", attention, layer.OutputWidth(), hidden, layer.output_bias);
}

}  // namespace ddlsim
