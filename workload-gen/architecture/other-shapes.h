// SPDX-License-Identifier: MIT
//
// Shapes of models that are no transformers.
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/layers/layer-costs.h"

namespace ddlsim {

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

// VGG: stages of 3x3 convolutions with bias and ReLU, each stage ending in a 2x2 maximum, then
// hidden layers and the classifier.
struct VggShape {
  uint64_t image_size = 0;
  uint64_t image_channels = 0;
  uint64_t classes = 0;
  std::vector<uint64_t> stage_convolutions;
  std::vector<uint64_t> stage_channels;
  std::vector<uint64_t> hidden_widths;
};

// DLRM: a bottom perceptron over the dense features, one embedding table per categorical feature
// with one lookup each, dot products between all of these, a top perceptron to one probability.
struct RecommendationShape {
  uint64_t dense_features = 0;
  uint64_t embedding_width = 0;
  std::vector<uint64_t> table_rows;
  std::vector<uint64_t> bottom_widths;  // the last is embedding_width
  std::vector<uint64_t> top_widths;     // the last is 1
};

// A language model of stacked LSTM layers as wide as the embedding.
struct RecurrentShape {
  uint64_t layers = 0;
  uint64_t hidden = 0;
  uint64_t vocabulary = 0;
};

// A multi-layer perceptron that classifies.
struct PerceptronShape {
  uint64_t inputs = 0;
  std::vector<uint64_t> widths;  // the last is the number of classes
  Activation activation = Activation::kRelu;
};

}  // namespace ddlsim
