// SPDX-License-Identifier: MIT
//
// Decoders (GPT, Llama) and encoders (BERT) as lists of operations.
#include "workload-gen/architecture.h"
#include "workload-gen/arithmetic.h"
#include "workload-gen/layer-builder.h"

namespace ddlsim {
namespace {

// Operations per value; see layer-costs.cc for why a rough count does.
constexpr uint64_t kGeluOperations = 8;
constexpr uint64_t kRotaryOperations = 3;

class TransformerBuilder {
 public:
  TransformerBuilder(const std::string& name, const TransformerShape& shape,
                     const BatchShape& batch, const Formats& formats)
      : m_shape(shape),
        m_batch(batch),
        m_rows(Product({batch.batch, batch.sequence_length})),
        m_layers(name, formats) {}

  LayerModel Build() {
    size_t x = AddEmbedding();
    for (uint64_t i = 0; i < m_shape.layers; ++i) {
      m_layers.SetBlock(static_cast<int>(i));
      const bool last = i + 1 == m_shape.layers;
      x = m_shape.post_norm ? AddPostNormBlock(x, last) : AddPreNormBlock(x);
    }
    m_layers.SetBlock(-1);
    if (!m_shape.post_norm) x = AddNorm("final_norm", x, 0);
    AddHead(x);
    return m_layers.Finish();
  }

 private:
  // Gradients beyond the first that meet where the attention (feed-forward) branch begins: that of
  // the skip connection, and one per further product that reads the same activations.
  uint64_t AttentionForks() const { return m_shape.fused_qkv ? 1 : 3; }
  uint64_t FeedForwardForks() const { return m_shape.gated ? 2 : 1; }

  size_t AddNorm(const std::string& name, size_t x, uint64_t extra_gradients) {
    return m_layers.AddNorm(name, x, m_rows, m_shape.hidden, m_shape.rms_norm ? 1 : 2,
                            extra_gradients);
  }

  size_t AddProduct(const std::string& name, size_t x, uint64_t in, uint64_t out) {
    return m_layers.AddLinear(name, x, {m_rows, in, out, m_shape.bias, true});
  }

  size_t AddSkip(const std::string& name, size_t x, size_t branch) {
    return m_layers.AddResidual(name, x, branch, Product({m_rows, m_shape.hidden}));
  }

  size_t AddEmbedding() {
    const uint64_t hidden = m_shape.hidden;
    EmbeddingShape shape{m_rows, hidden, 1, Product({m_shape.vocabulary, hidden}), 0};
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
    const size_t x = m_layers.Add("embedding", "embedding", {}, tables,
                                  EmbeddingCost(m_layers.GetFormats(), shape));
    return m_shape.post_norm ? AddNorm("embedding_norm", x, AttentionForks()) : x;
  }

  size_t AddAttentionBranch(size_t x) {
    const uint64_t hidden = m_shape.hidden;
    const uint64_t key_value = m_shape.key_value_heads * m_shape.head_dimension;
    std::vector<size_t> projections;
    if (m_shape.fused_qkv) {
      projections = {AddProduct("attention.qkv", x, hidden, hidden + 2 * key_value)};
    } else {
      projections = {AddProduct("attention.query", x, hidden, hidden),
                     AddProduct("attention.key", x, hidden, key_value),
                     AddProduct("attention.value", x, hidden, key_value)};
    }
    if (!m_shape.learned_positions) {
      // Queries and keys are rotated, values are not; with one fused tensor all depend on it.
      const ElementwiseShape rotary{Product({m_rows, hidden + key_value}), 2, 2, kRotaryOperations,
                                    0};
      std::vector<size_t> rotated = projections;
      if (rotated.size() == 3) rotated.pop_back();
      const size_t index = m_layers.AddElementwise("attention.rotary", rotated, rotary);
      projections = projections.size() == 3 ? std::vector<size_t>{projections[2], index}
                                            : std::vector<size_t>{index};
    }
    const size_t attention =
        m_layers.AddAttention("attention.core", projections,
                              {m_batch.batch, m_batch.sequence_length, m_shape.heads,
                               m_shape.key_value_heads, m_shape.head_dimension});
    return AddProduct("attention.output", attention, hidden, hidden);
  }

  size_t AddFeedForwardBranch(size_t x) {
    const uint64_t inner = m_shape.feed_forward;
    const uint64_t values = Product({m_rows, inner});
    size_t activated;
    if (m_shape.gated) {
      const size_t gate = AddProduct("feed_forward.gate", x, m_shape.hidden, inner);
      const size_t up = AddProduct("feed_forward.up", x, m_shape.hidden, inner);
      activated = m_layers.AddElementwise("feed_forward.swiglu", {gate, up},
                                          {values, 3, 5, kGeluOperations, 0});
    } else {
      const size_t up = AddProduct("feed_forward.up", x, m_shape.hidden, inner);
      activated =
          m_layers.AddElementwise("feed_forward.gelu", {up}, {values, 2, 3, kGeluOperations, 0});
    }
    return AddProduct("feed_forward.down", activated, inner, m_shape.hidden);
  }

  size_t AddPreNormBlock(size_t x) {
    const size_t attention = AddAttentionBranch(AddNorm("attention_norm", x, AttentionForks()));
    x = AddSkip("attention_residual", x, attention);
    const size_t feed_forward =
        AddFeedForwardBranch(AddNorm("feed_forward_norm", x, FeedForwardForks()));
    return AddSkip("feed_forward_residual", x, feed_forward);
  }

  size_t AddPostNormBlock(size_t x, bool last) {
    x = AddSkip("attention_residual", x, AddAttentionBranch(x));
    x = AddNorm("attention_norm", x, FeedForwardForks());
    x = AddSkip("feed_forward_residual", x, AddFeedForwardBranch(x));
    return AddNorm("feed_forward_norm", x, last ? 0 : AttentionForks());
  }

  // The output layer over the whole vocabulary, for the positions that are predicted, and the loss.
  void AddHead(size_t x) {
    std::vector<size_t> outputs;
    if (m_shape.pooler) {
      const size_t pooled = m_layers.AddLinear(
          "pooler", x, {m_batch.batch, m_shape.hidden, m_shape.hidden, m_shape.bias, true});
      outputs.push_back(m_layers.AddElementwise(
          "pooler.tanh", {pooled}, {Product({m_batch.batch, m_shape.hidden}), 2, 3, 1, 0}));
    }
    const uint64_t rows = (Product({m_rows, m_shape.output_percent}) + 99) / 100;
    const LinearShape logits{rows, m_shape.hidden, m_shape.vocabulary, false, true};
    outputs.push_back(m_shape.tied_embedding
                          ? m_layers.AddLinearTied("logits", x, logits, m_token_table)
                          : m_layers.AddLinear("logits", x, logits));
    m_layers.AddCrossEntropy("loss", outputs, rows, m_shape.vocabulary);
  }

  const TransformerShape& m_shape;
  const BatchShape& m_batch;
  uint64_t m_rows;
  size_t m_token_table = 0;
  LayerBuilder m_layers;
};

}  // namespace

LayerModel BuildTransformer(const std::string& name, const TransformerShape& shape,
                            const BatchShape& batch, const Formats& formats) {
  return TransformerBuilder(name, shape, batch, formats).Build();
}

}  // namespace ddlsim
