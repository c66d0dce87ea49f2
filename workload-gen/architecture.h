// SPDX-License-Identifier: MIT
//
// Model architectures as data: workload-gen/models/*.yaml, one file per family of models.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "workload-gen/layer-costs.h"
#include "workload-gen/layer-model.h"

namespace ddlsim {

struct TransformerShape {
  uint64_t layers = 0;
  uint64_t hidden = 0;
  uint64_t heads = 0;
  uint64_t key_value_heads = 0;  // fewer than heads: grouped-query attention
  uint64_t head_dimension = 0;   // hidden / heads
  uint64_t feed_forward = 0;
  uint64_t vocabulary = 0;
  uint64_t positions = 0;          // longest sequence
  uint64_t token_types = 0;        // BERT's segment embedding; 0: none
  bool learned_positions = false;  // false: rotary
  bool rms_norm = false;           // false: layer normalisation with bias
  bool post_norm = false;          // normalise after each residual addition, not before the branch
  bool gated = false;              // SwiGLU; false: GELU
  bool bias = false;
  bool fused_qkv = false;         // query, key and value are one tensor
  bool tied_embedding = false;    // the output layer shares the token embedding
  bool pooler = false;            // BERT's dense layer on the first token
  uint64_t output_percent = 100;  // positions whose words are predicted (BERT: the masked ones)
};

// ResNet with bottleneck blocks, stride in the 3x3 convolution.
struct ConvolutionalShape {
  uint64_t image_size = 0;
  uint64_t image_channels = 0;
  uint64_t stem_channels = 0;
  uint64_t stem_kernel = 0;
  uint64_t expansion = 0;
  uint64_t classes = 0;
  std::vector<uint64_t> stage_blocks;
  std::vector<uint64_t> stage_channels;
};

struct Architecture {
  std::string name;
  std::vector<std::string> aliases;
  std::string title;        // "GPT-2 small"
  std::string source;       // where the shape is published
  uint64_t parameters = 0;  // as published; 0: the file states none
  uint64_t batch = 0;       // samples per GPU unless the user says otherwise
  Optimizer optimizer = Optimizer::kAdam;
  std::variant<TransformerShape, ConvolutionalShape> shape;
  std::string place;  // FILE:LINE

  bool IsTransformer() const { return std::holds_alternative<TransformerShape>(shape); }
};

// A model by name or alias, or a YAML file with exactly one model by path. Models lie in the folder
// that the environment variable DDL_MODELS_DIR names, by default workload-gen/models of the source
// tree. Throws InputError, also where the shapes do not make the stated number of parameters.
Architecture LoadArchitecture(const std::string& name_or_path);

// All models, in the order of the files' names and of the files.
std::vector<Architecture> ListArchitectures();

// What one GPU computes per micro-batch.
struct BatchShape {
  uint64_t batch = 1;
  uint64_t sequence_length = 1;  // transformers only
};

LayerModel BuildLayers(const Architecture& architecture, const BatchShape& batch,
                       const Formats& formats);
LayerModel BuildTransformer(const std::string& name, const TransformerShape& shape,
                            const BatchShape& batch, const Formats& formats);
LayerModel BuildConvolutional(const std::string& name, const ConvolutionalShape& shape,
                              const BatchShape& batch, const Formats& formats);

}  // namespace ddlsim
