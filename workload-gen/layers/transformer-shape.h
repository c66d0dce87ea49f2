// SPDX-License-Identifier: MIT
//
// Shapes of transformers, one struct per kind of layer: what a parallelism divides stands together.
#pragma once

#include <cstdint>

#include "workload-gen/layers/layer-costs.h"

namespace ddlsim {

// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1): queries, and keys with
// values, are products of low rank; a part of each query and key carries the rotary position, and
// that part of the key is shared by all heads.
struct LatentAttention {
  uint64_t query_rank = 0;      // 0: queries are not compressed
  uint64_t key_value_rank = 0;  // 0: no latent attention
  uint64_t rotary_dimension = 0;
  bool Used() const { return key_value_rank > 0; }
};

struct AttentionLayer {
  uint64_t heads = 0;
  uint64_t key_value_heads = 0;  // fewer than heads: grouped-query attention
  uint64_t head_dimension = 0;   // of queries and keys, the rotary part included
  uint64_t value_dimension = 0;
  uint64_t window = 0;       // keys that a query sees at most; 0: all
  bool fused_qkv = false;    // query, key and value are one tensor
  bool qkv_bias = false;     // of the projections to query, key and value
  bool output_bias = false;  // of the projection after the attention
  bool qk_norm = false;      // queries and keys are RMS-normalised per head
  bool rotary = false;
  bool causal = false;      // a token sees no later one
  bool score_bias = false;  // a learned bias by relative position is added to the scores (T5)
  LatentAttention latent;

  uint64_t QueryWidth() const { return heads * head_dimension; }
  uint64_t KeyWidth() const { return key_value_heads * head_dimension; }
  uint64_t ValueWidth() const { return key_value_heads * value_dimension; }
  uint64_t OutputWidth() const { return heads * value_dimension; }
};

struct FeedForwardLayer {
  uint64_t width = 0;
  Activation activation = Activation::kGelu;
  bool bias = false;
};

// Mixture of experts: a router sends each token to `per_token` of `experts` gated feed-forward
// layers, all with equally many tokens here; `shared_width` is that of one more that every token
// takes (several shared experts are one of their total width).
struct ExpertLayer {
  uint64_t experts = 0;  // 0: none
  uint64_t per_token = 0;
  uint64_t width = 0;
  uint64_t shared_width = 0;  // 0: no shared expert
  bool shared_gate = false;   // a learned gate scales the shared expert (Qwen)
  uint64_t dense_layers = 0;  // the first layers have the plain feed-forward layer instead
  bool Used() const { return experts > 0; }
};

// Decoders (GPT, Llama, DeepSeek) and encoders (BERT).
struct TransformerShape {
  uint64_t layers = 0;
  uint64_t hidden = 0;
  AttentionLayer attention;
  FeedForwardLayer feed_forward;
  ExpertLayer experts;
  uint64_t vocabulary = 0;
  uint64_t positions = 0;          // longest sequence
  uint64_t token_types = 0;        // BERT's segment embedding; 0: none
  bool learned_positions = false;  // false: rotary
  bool rms_norm = false;           // false: layer normalisation with bias
  bool post_norm = false;          // normalise after each residual addition, not before the branch
  bool tied_embedding = false;     // the output layer shares the token embedding
  bool pooler = false;             // BERT's dense layer on the first token
  uint64_t output_percent = 100;   // positions whose words are predicted (BERT: the masked ones)
};

// T5: an encoder and a decoder with cross attention, RMS normalisation before each branch.
struct EncoderDecoderShape {
  uint64_t encoder_layers = 0;
  uint64_t decoder_layers = 0;
  uint64_t hidden = 0;
  AttentionLayer attention;
  FeedForwardLayer feed_forward;
  uint64_t vocabulary = 0;
  uint64_t positions = 0;         // tokens of the input in pre-training
  uint64_t target_positions = 0;  // tokens of the target for so many of the input
  uint64_t relative_buckets = 0;  // rows of the learned position bias, one table per stack
  bool tied_embedding = false;    // the output layer shares the token embedding

  // Tokens of the target for so many of the input.
  uint64_t TargetLength(uint64_t input_length) const;
};

// ViT: square patches, a class token, learned positions, an encoder with layer normalisation before
// each branch, a classifier on the class token.
struct VisionShape {
  uint64_t image_size = 0;
  uint64_t image_channels = 0;
  uint64_t patch_size = 0;
  uint64_t layers = 0;
  uint64_t hidden = 0;
  AttentionLayer attention;
  FeedForwardLayer feed_forward;
  uint64_t classes = 0;

  uint64_t Patches() const { return (image_size / patch_size) * (image_size / patch_size); }
  uint64_t Tokens() const { return Patches() + 1; }
};

}  // namespace ddlsim
