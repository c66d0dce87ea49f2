// SPDX-License-Identifier: MIT
//
// The layers that transformers are made of, over the tokens of a batch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload-gen/layers/adapters.h"
#include "workload-gen/layers/axes.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/layers/sharding.h"
#include "workload-gen/layers/transformer-shape.h"

namespace ddlsim {

// What the rows of an activation are, and how wide they are between the layers.
struct TokenShape {
  uint64_t batch = 1;
  uint64_t length = 1;  // tokens per sample, of all ranks of a context-parallel group together
  uint64_t hidden = 0;
  bool rms_norm = false;
  Sharding sharding{};
  Adapters adapters{};

  uint64_t LocalLength() const { return length / sharding.context; }
  // Of a tensor-parallel group: what its members work on together.
  uint64_t Rows() const;
  // Of one rank between the products: fewer under sequence parallelism.
  uint64_t OwnRows() const { return sharding.sequence ? Rows() / sharding.tensor : Rows(); }
};

// Copies of tokens that go to experts.
struct RoutedRows {
  uint64_t routed = 0;              // that a rank sends
  uint64_t received = 0;            // that its own experts get
  std::vector<uint64_t> by_member;  // that those of each rank of its group get; empty: equally many
};

class TokenLayers {
 public:
  static constexpr size_t kNone = SIZE_MAX;

  TokenLayers(LayerBuilder& builder, const TokenShape& tokens)
      : m_builder(builder), m_tokens(tokens) {}

  const TokenShape& Tokens() const { return m_tokens; }
  LayerBuilder& Builder() { return m_builder; }

  size_t Norm(const std::string& name, size_t x);
  // Of a rank's own rows, with the whole weight.
  size_t Linear(const std::string& name, size_t x, uint64_t in, uint64_t out, bool bias);
  // Tensor parallelism (Megatron-LM, section 3): a product divided by its outputs reads what
  // Enter() has made of rows of `width`; one divided by its inputs ends with Leave().
  size_t Enter(const std::string& name, size_t x, uint64_t width);
  size_t ColumnLinear(const std::string& name, size_t x, uint64_t in, uint64_t out, bool bias);
  size_t RowLinear(const std::string& name, size_t x, uint64_t in, uint64_t out, bool bias);
  size_t Leave(const std::string& name, size_t x, uint64_t width);
  size_t Skip(const std::string& name, size_t x, size_t branch);
  // Between layers whose tokens are divided (sequence parallelism) and those that all ranks of a
  // group run alike over all tokens; without it both return x. Rows() to OwnRows(), each rank takes
  // its own ones; and back.
  size_t Scatter(const std::string& name, size_t x);
  size_t Gather(const std::string& name, size_t x);
  // Cross entropy over the last of `outputs`, `rows` of a vocabulary that the ranks of a group
  // divide.
  size_t VocabularyLoss(std::vector<size_t> outputs, uint64_t rows, uint64_t local_vocabulary);

  // From normalised x to the output projection. `score_bias`: the operation that makes it.
  size_t SelfAttention(const AttentionLayer& layer, size_t x, size_t score_bias = kNone);
  // Queries from x, keys and values from `memory`, the output of `memory_tokens`.
  size_t CrossAttention(const AttentionLayer& layer, size_t x, size_t memory,
                        const TokenShape& memory_tokens);
  size_t FeedForward(const FeedForwardLayer& layer, size_t x) {
    return GatedOrPlain("feed_forward", layer, x);
  }
  size_t Experts(const ExpertLayer& layer, size_t x);

 private:
  AttentionShape Core(const AttentionLayer& layer) const;
  size_t AddCore(const AttentionLayer& layer, std::vector<size_t> inputs,
                 const AttentionShape& core);
  // kNone where there are none, or not beside this product; then AddAdapter() gives the product.
  size_t ColumnAdapter(bool is_target, const std::string& name, size_t x, uint64_t in,
                       uint64_t out);
  size_t RowAdapter(bool is_target, const std::string& name, size_t x, uint64_t in, uint64_t out);
  size_t AdaptedRowLinear(bool is_target, const std::string& name, size_t x, uint64_t in,
                          uint64_t out, bool bias);
  size_t AddAdapter(const std::string& name, size_t product, size_t adapter, uint64_t values);
  size_t SumOverTensor(size_t operation);
  Exchange TensorExchange(CollectiveType collective, uint64_t width) const;
  uint64_t Divided(uint64_t width) const { return width / m_tokens.sharding.tensor; }
  std::vector<size_t> Projections(const AttentionLayer& layer, size_t x);
  size_t LatentSelfAttention(const AttentionLayer& layer, size_t x);
  size_t HeadNorm(const std::string& name, const AttentionLayer& layer, size_t x, uint64_t heads);
  size_t GatedOrPlain(const std::string& name, const FeedForwardLayer& layer, size_t x);
  RoutedRows Route(const ExpertLayer& layer) const;
  size_t Exchanged(const std::string& name, size_t x, const RoutedRows& rows, bool is_return);
  size_t LocalExperts(const ExpertLayer& layer, size_t sorted, uint64_t received);
  size_t Dispatch(const ExpertLayer& layer, size_t x, size_t router);
  size_t SharedExpert(const ExpertLayer& layer, size_t x);

  LayerBuilder& m_builder;
  TokenShape m_tokens;
};

}  // namespace ddlsim
