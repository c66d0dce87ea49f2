// SPDX-License-Identifier: MIT
//
// A model that a user writes as a list of layers (family: layers); docs/workloads.md has the types.
// Each layer states its own size; what it reads it learns from the layers before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ddlsim {

class YamlMap;

constexpr size_t kListedLayersMax = 20000;  // repetitions counted

struct ListedLayer {
  std::string type;
  std::string name;
  int block = -1;                         // repetition that it belongs to; -1: none
  std::vector<size_t> inputs;             // earlier layers; none: the batch itself
  std::map<std::string, uint64_t> sizes;  // by key, defaults filled in; flags are 0 or 1
  std::map<std::string, std::string> choices;
  std::string place;  // FILE:LINE

  uint64_t Size(const std::string& key) const { return sizes.at(key); }
  bool Flag(const std::string& key) const { return sizes.at(key) != 0; }
};

// One sample of the batch: exactly one of tokens, features, image_size is not zero.
struct ListedInput {
  uint64_t tokens = 0;  // default of --sequence-length
  uint64_t features = 0;
  uint64_t image_size = 0;
  uint64_t image_channels = 0;
};

struct LayerList {
  ListedInput input;
  std::vector<ListedLayer> layers;  // repetitions written out
};

// Reads the keys `input` and `layers` of a model. Throws InputError.
LayerList ReadLayerList(const YamlMap& model);

}  // namespace ddlsim
