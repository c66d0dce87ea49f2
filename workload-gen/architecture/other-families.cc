// SPDX-License-Identifier: MIT
//
// Models that are no transformers, in files of models.
#include "base/input-error.h"
#include "workload-gen/architecture/model-family.h"

namespace ddlsim {
namespace {

constexpr uint64_t kTableRowsMax = uint64_t{1} << 34;
constexpr size_t kListMax = 10000;  // layers, stages or tables, so that the graph stays bounded

std::vector<uint64_t> ReadList(const ModelKeys& keys, const char* key,
                               uint64_t high = ModelKeys::kSizeMax) {
  std::vector<uint64_t> list = keys.Sizes(key, high);
  if (list.empty() || list.size() > kListMax) {
    throw InputError(keys.Place(key), std::string("'") + key + "' is empty or too long",
                     "give from 1 to 10000 entries");
  }
  return list;
}

void CheckStages(const ModelKeys& keys, const char* key, const std::vector<uint64_t>& counts,
                 const std::vector<uint64_t>& channels) {
  if (counts.size() != channels.size()) {
    throw InputError(keys.Place(key),
                     std::string("'") + key + "' and 'stage_channels' differ in length",
                     "give one entry per stage in each");
  }
  for (uint64_t count : counts) {
    if (count > 10000 || counts.size() > 100) {
      throw InputError(keys.Place(key), std::string("'") + key + "' asks for too many layers",
                       "give at most 100 stages of 10000");
    }
  }
}

void ReadConvolutional(const ModelKeys& keys, Architecture& model) {
  ConvolutionalShape shape;
  shape.image_size = keys.Size("image_size");
  shape.image_channels = keys.Size("image_channels");
  shape.stem_channels = keys.Size("stem_channels");
  shape.stem_kernel = keys.Size("stem_kernel");
  shape.expansion = keys.Size("expansion");
  shape.classes = keys.Size("classes");
  shape.stage_blocks = ReadList(keys, "stage_blocks");
  shape.stage_channels = ReadList(keys, "stage_channels");
  CheckStages(keys, "stage_blocks", shape.stage_blocks, shape.stage_channels);
  model.shape = shape;
}

void ReadVgg(const ModelKeys& keys, Architecture& model) {
  VggShape shape;
  shape.image_size = keys.Size("image_size");
  shape.image_channels = keys.Size("image_channels");
  shape.classes = keys.Size("classes");
  shape.stage_convolutions = ReadList(keys, "stage_convolutions");
  shape.stage_channels = ReadList(keys, "stage_channels");
  shape.hidden_widths = ReadList(keys, "hidden_widths");
  CheckStages(keys, "stage_convolutions", shape.stage_convolutions, shape.stage_channels);
  const size_t stages = shape.stage_channels.size();
  if (stages > 24 || shape.image_size % (uint64_t{1} << stages) != 0) {
    throw InputError(keys.Place("image_size"),
                     "'image_size' cannot be halved once per stage without a rest",
                     "choose a multiple of 2 to the power of the stages");
  }
  model.shape = shape;
}

void ReadRecommendation(const ModelKeys& keys, Architecture& model) {
  RecommendationShape shape;
  shape.dense_features = keys.Size("dense_features");
  shape.embedding_width = keys.Size("embedding_width");
  shape.table_rows = ReadList(keys, "table_rows", kTableRowsMax);
  shape.bottom_widths = ReadList(keys, "bottom_widths");
  shape.top_widths = ReadList(keys, "top_widths");
  if (shape.bottom_widths.back() != shape.embedding_width) {
    throw InputError(keys.Place("bottom_widths"),
                     "'bottom_widths' does not end in 'embedding_width'",
                     "make the last width equal, since dot products need it");
  }
  if (shape.top_widths.back() != 1) {
    throw InputError(keys.Place("top_widths"), "'top_widths' does not end in 1",
                     "end with 1, the probability");
  }
  model.shape = shape;
}

void ReadRecurrent(const ModelKeys& keys, Architecture& model) {
  RecurrentShape shape;
  shape.layers = keys.Size("layers", 1, 10000);
  shape.hidden = keys.Size("hidden");
  shape.vocabulary = keys.Size("vocabulary");
  model.sequence_length = keys.Size("sequence_length");
  model.shape = shape;
}

void ReadPerceptron(const ModelKeys& keys, Architecture& model) {
  PerceptronShape shape;
  shape.inputs = keys.Size("inputs");
  shape.widths = ReadList(keys, "widths");
  const std::string name = keys.Choice("activation", {"relu", "tanh", "sigmoid", "gelu"});
  for (Activation activation :
       {Activation::kRelu, Activation::kTanh, Activation::kSigmoid, Activation::kGelu}) {
    if (name == ActivationName(activation)) shape.activation = activation;
  }
  model.shape = shape;
}

void ReadLayers(const ModelKeys& keys, Architecture& model) {
  LayerList list = ReadLayerList(keys.Own());
  model.sequence_length = list.input.tokens;
  model.shape = std::move(list);
}

}  // namespace

std::vector<ModelFamily> OtherFamilies() {
  return {{"convolutional",
           {"image_size", "image_channels", "stem_channels", "stem_kernel", "expansion", "classes",
            "stage_blocks", "stage_channels"},
           ReadConvolutional},
          {"vgg",
           {"image_size", "image_channels", "classes", "stage_convolutions", "stage_channels",
            "hidden_widths"},
           ReadVgg},
          {"recommendation",
           {"dense_features", "embedding_width", "table_rows", "bottom_widths", "top_widths"},
           ReadRecommendation},
          {"recurrent", {"layers", "hidden", "vocabulary", "sequence_length"}, ReadRecurrent},
          {"perceptron", {"inputs", "widths", "activation"}, ReadPerceptron},
          {"layers", {"input", "layers"}, ReadLayers}};
}

}  // namespace ddlsim
