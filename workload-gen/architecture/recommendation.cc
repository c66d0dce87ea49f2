// SPDX-License-Identifier: MIT
//
// DLRM (Naumov et al. 2019, arXiv 1906.00091) with dot interaction. Every GPU holds every table,
// with dense gradients: PyTorch's defaults under data parallelism; or tables are spread over ranks.
#include <absl/strings/str_cat.h>

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/architecture/perceptron.h"
#include "workload-gen/layers/sharded-tables.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

// Dot products between all pairs of feature vectors as one batched matrix product, of which the
// strict lower triangle is taken and joined to the dense features' vector.
Cost InteractionCost(const Formats& formats, uint64_t rows, uint64_t features, uint64_t width) {
  const uint64_t a = formats.ActivationBytes();
  const uint64_t vectors = Product({rows, features, width});
  const uint64_t products = Product({rows, features, features});
  const uint64_t output = Product({rows, features * (features - 1) / 2 + width});
  Cost cost;
  // Join the vectors, multiply, pick the triangle.
  cost.forward = {Product({2, products, width}),
                  Product({a, Product({3, vectors}) + products + Product({2, output})}), 3};
  // Put the triangle's gradient back, two products, add and split their results.
  cost.backward = {Product({4, products, width}),
                   Product({a, Product({8, vectors}) + Product({3, products}) + output}), 5};
  cost.output_bytes = Product({a, output});
  cost.kept = {false, false, Product({a, vectors})};  // the joined copy
  return cost;
}

size_t AddWholeTables(LayerBuilder& layers, const RecommendationShape& shape, uint64_t rows) {
  EmbeddingShape tables{rows, shape.embedding_width, shape.table_rows.size(), 0, 0, false};
  std::vector<size_t> parameters;
  for (size_t i = 0; i < shape.table_rows.size(); ++i) {
    const uint64_t elements = Product({shape.table_rows[i], shape.embedding_width});
    tables.table_elements = Sum(tables.table_elements, elements);
    parameters.push_back(layers.AddParameter(absl::StrCat("embedding.table", i), elements));
  }
  return layers.Add("embedding", "embedding", {}, parameters,
                    EmbeddingCost(layers.GetFormats(), tables));
}

struct Features {
  size_t dense;
  size_t embedding;
};

// Spread tables are looked up first, so that their vectors are on the way while the bottom
// perceptron runs; backward their gradients leave before it runs, and come home behind it: the
// order of the open-source DLRM (dlrm_s_pytorch.py, distributed_forward).
Features AddFeatures(LayerBuilder& layers, const RecommendationShape& shape,
                     const BatchShape& batch, const PerceptronLayers& bottom) {
  if (batch.sharding.tables == nullptr) {
    const size_t dense = AddPerceptron(layers, bottom, {});
    return {dense, AddWholeTables(layers, shape, batch.batch)};
  }
  ShardedTables tables(layers, *batch.sharding.tables, batch.sharding.member, shape.table_rows,
                       shape.embedding_width, batch.batch);
  const size_t lookup = tables.AddLookup();
  const size_t dense = AddPerceptron(layers, bottom, {});
  return {dense, tables.AddExchange(lookup)};
}

}  // namespace

LayerModel BuildModel(const std::string& name, const RecommendationShape& shape,
                      const BatchShape& batch, const Formats& formats) {
  const uint64_t rows = batch.batch;
  const uint64_t width = shape.embedding_width;
  const uint64_t features = shape.table_rows.size() + 1;
  LayerBuilder layers(name, formats);
  PerceptronLayers bottom;
  bottom.prefix = "bottom";
  bottom.rows = rows;
  bottom.in = shape.dense_features;
  bottom.widths = shape.bottom_widths;
  const auto [dense, embedding] = AddFeatures(layers, shape, batch, bottom);
  const size_t interaction = layers.Add("interaction", "matmul", {dense, embedding}, {},
                                        InteractionCost(formats, rows, features, width));
  PerceptronLayers top;
  top.prefix = "top";
  top.rows = rows;
  top.in = features * (features - 1) / 2 + width;
  top.widths = shape.top_widths;
  top.last = Activation::kSigmoid;
  const size_t probability = AddPerceptron(layers, top, {interaction});
  layers.AddCrossEntropy("loss", {probability}, rows, 1);
  return layers.Finish();
}

}  // namespace ddlsim
