// SPDX-License-Identifier: MIT
//
// Feed-forward layers: plain, gated, and mixtures of experts.
#include <absl/strings/str_cat.h>

#include "workload-gen/arithmetic.h"
#include "workload-gen/token-layers.h"

namespace ddlsim {
namespace {

// Softmax (or sigmoid) over the experts and the choice of the largest, per score.
constexpr uint64_t kRouterOperations = 10;
constexpr uint64_t kIndexBytes = 8;

}  // namespace

size_t TokenLayers::GatedOrPlain(const std::string& name, const FeedForwardLayer& layer, size_t x) {
  const uint64_t hidden = m_tokens.hidden;
  std::vector<size_t> inner;
  if (IsGated(layer.activation)) {
    inner.push_back(Linear(name + ".gate", x, hidden, layer.width, layer.bias));
  }
  inner.push_back(Linear(name + ".up", x, hidden, layer.width, layer.bias));
  const size_t activated = m_builder.AddElementwise(
      absl::StrCat(name, ".", ActivationName(layer.activation)), inner,
      ActivationShape(layer.activation, Product({m_tokens.Rows(), layer.width})));
  return Linear(name + ".down", activated, layer.width, hidden, layer.bias);
}

// Copies each token's row to its experts, sorted by expert; backward adds the copies' gradients.
size_t TokenLayers::Dispatch(const ExpertLayer& layer, size_t x, size_t router) {
  const uint64_t routed = Product({m_tokens.Rows(), layer.per_token});
  ElementwiseShape shape;
  shape.values = Product({routed, m_tokens.hidden});
  shape.forward_moves = 2;
  shape.backward_moves = 2;
  shape.kept.own_bytes = Product({kIndexBytes, routed});
  return m_builder.AddElementwise("experts.dispatch", {x, router}, shape);
}

size_t TokenLayers::SharedExpert(const ExpertLayer& layer, size_t x) {
  const size_t shared =
      GatedOrPlain("experts.shared", {layer.shared_width, Activation::kSwiGlu, false}, x);
  if (!layer.shared_gate) return shared;
  const size_t gate = Linear("experts.shared_gate", x, m_tokens.hidden, 1, false);
  // The scalar per token is read beside a row of `hidden`: two moves forward, three backward.
  const uint64_t values = Product({m_tokens.Rows(), m_tokens.hidden});
  return m_builder.AddElementwise("experts.shared_scale", {shared, gate},
                                  {values, 2, 3, 2, {true, false, 0}});
}

size_t TokenLayers::Experts(const ExpertLayer& layer, size_t x) {
  const uint64_t hidden = m_tokens.hidden;
  const uint64_t rows = m_tokens.Rows();
  const uint64_t routed = Product({rows, layer.per_token});
  const size_t scores = Linear("experts.router", x, hidden, layer.experts, false);
  const size_t router = m_builder.AddElementwise(
      "experts.top_k", {scores},
      {Product({rows, layer.experts}), 2, 2, kRouterOperations, {false, true, 0}, routed});
  const size_t sorted = Dispatch(layer, x, router);
  auto product = [&](const char* name, size_t input, uint64_t in, uint64_t out) {
    return m_builder.AddExpertLinear(name, input, {routed, in, out, false, true, layer.experts},
                                     layer.per_token);
  };
  const size_t gate = product("experts.gate", sorted, hidden, layer.width);
  const size_t up = product("experts.up", sorted, hidden, layer.width);
  const size_t activated = m_builder.AddElementwise(
      "experts.swiglu", {gate, up},
      ActivationShape(Activation::kSwiGlu, Product({routed, layer.width})));
  const size_t down = product("experts.down", activated, layer.width, hidden);
  // Back to the order of the tokens, weighted and summed. Backward reads the sum's gradient and the
  // experts' outputs (for the weights') and writes the outputs' gradients.
  const uint64_t routed_values = Product({routed, hidden});
  const size_t combined =
      m_builder.AddElementwise("experts.combine", {down, router},
                               {routed_values, 2, 3, 2, {true, false, 0}, Product({rows, hidden})});
  if (layer.shared_width == 0) return combined;
  return Skip("experts.sum", combined, SharedExpert(layer, x));
}

}  // namespace ddlsim
