// SPDX-License-Identifier: MIT
//
// Model architectures as data: workload-gen/models/*.yaml, one file per family of models.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "workload-gen/architecture/layer-list.h"
#include "workload-gen/architecture/other-shapes.h"
#include "workload-gen/layers/adapters.h"
#include "workload-gen/layers/layer-costs.h"
#include "workload-gen/layers/layer-model.h"
#include "workload-gen/layers/sharding.h"
#include "workload-gen/layers/transformer-shape.h"

namespace ddlsim {

using ArchitectureShape =
    std::variant<TransformerShape, EncoderDecoderShape, VisionShape, ConvolutionalShape, VggShape,
                 RecommendationShape, RecurrentShape, PerceptronShape, LayerList>;

struct Architecture {
  std::string name;
  std::vector<std::string> aliases;
  std::string title;             // "GPT-2 small"
  std::string source;            // where the shape is published
  uint64_t parameters = 0;       // as published; 0: the file states none
  uint64_t batch = 0;            // samples per GPU unless the user says otherwise
  uint64_t sequence_length = 0;  // tokens per sample unless the user says otherwise; 0: none
  uint64_t sequence_max = 0;     // tokens that learned positions allow; 0: any number
  Optimizer optimizer = Optimizer::kAdam;
  ArchitectureShape shape;
  std::string left_out;  // what the original has and this model of it has not; empty: nothing
  std::string place;     // FILE:LINE

  bool HasSequences() const { return sequence_length > 0; }
  // "transformer", "mixture of experts", "convolutional": for people.
  std::string Family() const;
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
  uint64_t sequence_length = 1;  // where the model has sequences
  Sharding sharding{};           // what it has of the model
  Adapters adapters{};           // that are trained instead of the model
};

LayerModel BuildLayers(const Architecture& architecture, const BatchShape& batch,
                       const Formats& formats);

// The same for one family each.
LayerModel BuildModel(const std::string& name, const TransformerShape& shape,
                      const BatchShape& batch, const Formats& formats);
LayerModel BuildModel(const std::string& name, const EncoderDecoderShape& shape,
                      const BatchShape& batch, const Formats& formats);
LayerModel BuildModel(const std::string& name, const VisionShape& shape, const BatchShape& batch,
                      const Formats& formats);
LayerModel BuildModel(const std::string& name, const ConvolutionalShape& shape,
                      const BatchShape& batch, const Formats& formats);
LayerModel BuildModel(const std::string& name, const VggShape& shape, const BatchShape& batch,
                      const Formats& formats);
LayerModel BuildModel(const std::string& name, const RecommendationShape& shape,
                      const BatchShape& batch, const Formats& formats);
LayerModel BuildModel(const std::string& name, const RecurrentShape& shape, const BatchShape& batch,
                      const Formats& formats);
LayerModel BuildModel(const std::string& name, const PerceptronShape& shape,
                      const BatchShape& batch, const Formats& formats);
LayerModel BuildModel(const std::string& name, const LayerList& list, const BatchShape& batch,
                      const Formats& formats);

}  // namespace ddlsim
