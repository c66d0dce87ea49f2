// SPDX-License-Identifier: MIT
//
// Decoders (GPT, Llama, mixtures of experts) and encoders (BERT) as lists of operations.
#include <utility>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/layer-builder.h"
#include "workload-gen/layers/token-layers.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

class TransformerBuilder {
 public:
  TransformerBuilder(const std::string& name, const TransformerShape& shape,
                     const BatchShape& batch, const Formats& formats)
      : m_shape(shape),
        m_batch(batch),
        m_layers(name, formats),
        m_tokens(m_layers, {batch.batch, batch.sequence_length, shape.hidden, shape.rms_norm,
                            batch.sharding, batch.adapters}),
        m_attention(shape.attention),
        m_rows(m_tokens.Tokens().Rows()),
        m_local_vocabulary((shape.vocabulary + batch.sharding.tensor - 1) / batch.sharding.tensor) {
    // A model that predicts every word sees no later one.
    m_attention.causal = shape.output_percent == 100;
    if (batch.adapters.Used()) m_layers.SetWeights(LayerBuilder::Weights::kFrozen);
  }

  LayerModel Build() {
    size_t x = AddEmbedding();
    for (uint64_t i = 0; i < m_shape.layers; ++i) {
      m_layers.SetBlock(static_cast<int>(i));
      x = m_shape.post_norm ? AddPostNormBlock(i, x) : AddPreNormBlock(i, x);
    }
    m_layers.SetBlock(-1);
    if (!m_shape.post_norm) x = m_tokens.Norm("final_norm", x);
    AddHead(x);
    return m_layers.Finish();
  }

 private:
  size_t AddFeedForwardBranch(uint64_t layer, size_t x) {
    const ExpertLayer& experts = m_shape.experts;
    return experts.Used() && layer >= experts.dense_layers
               ? m_tokens.Experts(experts, x)
               : m_tokens.FeedForward(m_shape.feed_forward, x);
  }

  size_t AddEmbedding() {
    const uint64_t hidden = m_shape.hidden;
    EmbeddingShape shape{m_rows, hidden, 1, Product({m_local_vocabulary, hidden}), 0};
    m_token_table = m_layers.AddParameter("embedding.token", shape.table_elements);
    if (m_shape.tied_embedding) shape.tied_elements = shape.table_elements;
    std::vector<size_t> tables = {m_token_table};
    auto add_table = [&](const char* name, uint64_t rows) {
      const uint64_t elements = Product({rows, hidden});
      tables.push_back(m_layers.AddParameter(name, elements));
      shape.table_elements += elements;
      ++shape.tables;
    };
    if (m_shape.learned_positions) add_table("embedding.position", m_shape.positions);
    if (m_shape.token_types > 0) add_table("embedding.token_type", m_shape.token_types);
    // Each rank looks up what lies in its part of the table.
    const size_t x = m_tokens.Leave("embedding.reduce",
                                    m_layers.Add("embedding", "embedding", {}, tables,
                                                 EmbeddingCost(m_layers.GetFormats(), shape)),
                                    hidden);
    return m_shape.post_norm ? m_tokens.Norm("embedding_norm", x) : x;
  }

  size_t AddPreNormBlock(uint64_t layer, size_t x) {
    const size_t attention =
        m_tokens.SelfAttention(m_attention, m_tokens.Norm("attention_norm", x));
    x = m_tokens.Skip("attention_residual", x, attention);
    const size_t feed_forward = AddFeedForwardBranch(layer, m_tokens.Norm("feed_forward_norm", x));
    return m_tokens.Skip("feed_forward_residual", x, feed_forward);
  }

  size_t AddPostNormBlock(uint64_t layer, size_t x) {
    x = m_tokens.Skip("attention_residual", x, m_tokens.SelfAttention(m_attention, x));
    x = m_tokens.Norm("attention_norm", x);
    x = m_tokens.Skip("feed_forward_residual", x, AddFeedForwardBranch(layer, x));
    return m_tokens.Norm("feed_forward_norm", x);
  }

  // The output layer over the whole vocabulary, for the positions that are predicted, and the loss.
  void AddHead(size_t x) {
    std::vector<size_t> outputs;
    if (m_shape.pooler) {
      const size_t pooled = m_layers.AddLinear(
          "pooler", {m_tokens.Gather("pooler.gather", x)},
          {m_batch.batch, m_shape.hidden, m_shape.hidden, m_shape.attention.output_bias, true});
      outputs.push_back(m_layers.AddElementwise(
          "pooler.tanh", {pooled},
          ActivationShape(Activation::kTanh, Product({m_batch.batch, m_shape.hidden}))));
    }
    const uint64_t rows = (Product({m_rows, m_shape.output_percent}) + 99) / 100;
    const LinearShape logits{rows, m_shape.hidden, m_local_vocabulary, false, true};
    x = m_tokens.Enter("logits.gather", x, m_shape.hidden);
    outputs.push_back(m_shape.tied_embedding
                          ? m_layers.AddLinearTied("logits", x, logits, m_token_table)
                          : m_layers.AddLinear("logits", {x}, logits));
    m_tokens.VocabularyLoss(std::move(outputs), rows, m_local_vocabulary);
  }

  const TransformerShape& m_shape;
  const BatchShape& m_batch;
  LayerBuilder m_layers;
  TokenLayers m_tokens;
  AttentionLayer m_attention;
  const uint64_t m_rows;              // of a tensor-parallel group
  const uint64_t m_local_vocabulary;  // rows of the token table on the rank that has most
  size_t m_token_table = 0;
};

}  // namespace

LayerModel BuildModel(const std::string& name, const TransformerShape& shape,
                      const BatchShape& batch, const Formats& formats) {
  return TransformerBuilder(name, shape, batch, formats).Build();
}

}  // namespace ddlsim
