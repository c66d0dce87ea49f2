// SPDX-License-Identifier: MIT
//
// T5 (Raffel et al. 2019, arXiv 1910.10683): text to text. The tokens per sample are those of the
// encoder; the decoder has as many as the model's pre-training has targets for them.
#include <optional>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/layers/token-layers.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

class EncoderDecoderBuilder {
 public:
  EncoderDecoderBuilder(const std::string& name, const EncoderDecoderShape& shape,
                        const BatchShape& batch, const Formats& formats)
      : m_shape(shape),
        m_layers(name, formats),
        m_encoder(m_layers,
                  {batch.batch, batch.sequence_length, shape.hidden, true, batch.sharding}),
        m_decoder(m_layers, {batch.batch, shape.TargetLength(batch.sequence_length), shape.hidden,
                             true, batch.sharding}),
        m_local_vocabulary((shape.vocabulary + batch.sharding.tensor - 1) / batch.sharding.tensor) {
  }

  LayerModel Build() {
    m_table =
        m_layers.AddParameter("embedding.token", Product({m_local_vocabulary, m_shape.hidden}));
    const size_t memory = AddEncoder();
    const size_t x = m_decoder.Enter("logits.gather", AddDecoder(memory), m_shape.hidden);
    const LinearShape logits{m_decoder.Tokens().Rows(), m_shape.hidden, m_local_vocabulary, false,
                             true};
    const size_t output = m_shape.tied_embedding
                              ? m_layers.AddLinearTied("logits", x, logits, m_table)
                              : m_layers.AddLinear("logits", {x}, logits);
    m_decoder.VocabularyLoss({output}, logits.rows, m_local_vocabulary);
    return m_layers.Finish();
  }

 private:
  // The table serves the encoder, the decoder and, where tied, the output layer: every further use
  // adds its gradient to the first one's. Each rank looks up what lies in its part of the table.
  size_t AddEmbedding(const std::string& name, TokenLayers& tokens, bool adds_gradient) {
    const uint64_t elements = Product({m_local_vocabulary, m_shape.hidden});
    const EmbeddingShape shape{
        tokens.Tokens().Rows(), m_shape.hidden, 1, elements, adds_gradient ? elements : 0, true};
    return tokens.Leave(
        name + ".reduce",
        m_layers.Add(name, "embedding", {}, {m_table}, EmbeddingCost(m_layers.GetFormats(), shape)),
        m_shape.hidden);
  }

  // One scalar per head and pair of positions, looked up by distance; all layers of a stack share
  // it. As in Megatron-LM (t5_model.py) every rank of a tensor-parallel group looks up all heads
  // and takes its own; backward the gradients of all heads come together.
  size_t AddScoreBias(const std::string& name, const TokenLayers& tokens) {
    const uint64_t heads = m_shape.attention.heads;
    const uint64_t pairs = Product({tokens.Tokens().length, tokens.Tokens().length});
    const uint64_t elements = Product({m_shape.relative_buckets, heads});
    const size_t table = m_layers.AddParameter(name, elements);
    const Cost cost = EmbeddingCost(m_layers.GetFormats(), {pairs, heads, 1, elements, 0, true});
    const size_t bias = m_layers.Add(name, "embedding", {}, {table}, cost);
    const uint64_t ranks = tokens.Tokens().sharding.tensor;
    if (ranks == 1) return bias;
    return m_layers.AddExchange(
        name + ".scatter", bias, cost.output_bytes / ranks, std::nullopt,
        Exchange{kTensorAxis, CollectiveType::kAllGather, false, cost.output_bytes});
  }

  size_t AddSelfAttention(TokenLayers& tokens, size_t x, size_t score_bias) {
    const size_t branch =
        tokens.SelfAttention(m_shape.attention, tokens.Norm("attention_norm", x), score_bias);
    return tokens.Skip("attention_residual", x, branch);
  }

  size_t AddFeedForward(TokenLayers& tokens, size_t x) {
    const size_t branch =
        tokens.FeedForward(m_shape.feed_forward, tokens.Norm("feed_forward_norm", x));
    return tokens.Skip("feed_forward_residual", x, branch);
  }

  size_t AddEncoder() {
    size_t x = AddEmbedding("encoder.embedding", m_encoder, true);
    const size_t bias = AddScoreBias("encoder.position_bias", m_encoder);
    for (uint64_t i = 0; i < m_shape.encoder_layers; ++i) {
      m_layers.SetBlock(m_block++);
      x = AddFeedForward(m_encoder, AddSelfAttention(m_encoder, x, bias));
    }
    m_layers.SetBlock(-1);
    return m_encoder.Norm("encoder.final_norm", x);
  }

  size_t AddDecoder(size_t memory) {
    size_t x = AddEmbedding("decoder.embedding", m_decoder, m_shape.tied_embedding);
    const size_t bias = AddScoreBias("decoder.position_bias", m_decoder);
    for (uint64_t i = 0; i < m_shape.decoder_layers; ++i) {
      m_layers.SetBlock(m_block++);
      x = AddSelfAttention(m_decoder, x, bias);
      const size_t branch = m_decoder.CrossAttention(
          m_shape.attention, m_decoder.Norm("cross_attention_norm", x), memory, m_encoder.Tokens());
      x = m_decoder.Skip("cross_attention_residual", x, branch);
      x = AddFeedForward(m_decoder, x);
    }
    m_layers.SetBlock(-1);
    return m_decoder.Norm("decoder.final_norm", x);
  }

  const EncoderDecoderShape& m_shape;
  LayerBuilder m_layers;
  TokenLayers m_encoder;
  TokenLayers m_decoder;
  const uint64_t m_local_vocabulary;  // rows of the token table on the rank that has most
  size_t m_table = 0;
  int m_block = 0;
};

}  // namespace

uint64_t EncoderDecoderShape::TargetLength(uint64_t input_length) const {
  const uint64_t scaled = Product({input_length, target_positions});
  return (scaled + positions - 1) / positions;
}

LayerModel BuildModel(const std::string& name, const EncoderDecoderShape& shape,
                      const BatchShape& batch, const Formats& formats) {
  return EncoderDecoderBuilder(name, shape, batch, formats).Build();
}

}  // namespace ddlsim
