// SPDX-License-Identifier: MIT
//
// Feed-forward layers: plain, gated, and mixtures of experts.
#include <absl/strings/str_cat.h>

#include "workload-gen/layers/token-layers.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

// Softmax (or sigmoid) over the experts and the choice of the largest, per score.
constexpr uint64_t kRouterOperations = 10;
constexpr uint64_t kIndexBytes = 8;

}  // namespace

size_t TokenLayers::GatedOrPlain(const std::string& name, const FeedForwardLayer& layer, size_t x) {
  const uint64_t hidden = m_tokens.hidden;
  const bool adapts = m_tokens.adapters.feed_forward;
  std::vector<std::string> names;
  if (IsGated(layer.activation)) names.push_back(name + ".gate");
  names.push_back(name + ".up");
  std::vector<size_t> adapters, inner;
  for (const std::string& up : names) {
    adapters.push_back(ColumnAdapter(adapts, up, x, hidden, layer.width));
  }
  x = Enter(name + ".gather", x, hidden);
  for (const std::string& up : names) {
    inner.push_back(ColumnLinear(up, x, hidden, layer.width, layer.bias));
  }
  const uint64_t values = Product({m_tokens.Rows(), Divided(layer.width)});
  for (size_t i = 0; i < inner.size(); ++i) {
    inner[i] = AddAdapter(names[i], inner[i], adapters[i], values);
  }
  const size_t activated =
      m_builder.AddElementwise(absl::StrCat(name, ".", ActivationName(layer.activation)), inner,
                               ActivationShape(layer.activation, values));
  return AdaptedRowLinear(adapts, name + ".down", activated, layer.width, hidden, layer.bias);
}

// Copies each token's row to its experts, sorted by expert; backward adds the copies' gradients.
size_t TokenLayers::Dispatch(const ExpertLayer& layer, size_t x, size_t router) {
  const uint64_t routed = Product({m_tokens.OwnRows(), layer.per_token});
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
  const uint64_t values = Product({m_tokens.OwnRows(), m_tokens.hidden});
  return m_builder.AddElementwise("experts.shared_scale", {shared, gate},
                                  {values, 2, 3, 2, {true, false, 0}});
}

// All-to-all between the ranks that share the experts: rows to where their experts are, or back.
// The gradients go the other way. Every rank sends `routed` rows to the experts and gets them back.
size_t TokenLayers::Exchanged(const std::string& name, size_t x, const RoutedRows& rows,
                              bool is_return) {
  if (m_tokens.sharding.expert == 1) return x;
  const uint64_t row_bytes = Product({m_builder.GetFormats().ActivationBytes(), m_tokens.hidden});
  const bool has_shares = !rows.by_member.empty();
  Exchange exchange{kExpertAxis,
                    CollectiveType::kAllToAll,
                    false,
                    Product({row_bytes, rows.routed}),
                    {rows.by_member, has_shares && is_return}};
  Exchange back = exchange;
  back.shares.are_sent = has_shares && !is_return;
  return m_builder.AddExchange(
      name, x, Product({row_bytes, is_return ? rows.routed : rows.received}), exchange, back);
}

RoutedRows TokenLayers::Route(const ExpertLayer& layer) const {
  const Sharding& sharding = m_tokens.sharding;
  RoutedRows rows;
  rows.routed = rows.received = Product({m_tokens.OwnRows(), layer.per_token});
  if (sharding.expert_loads == nullptr) return rows;
  rows.by_member = sharding.expert_loads->ReceivedRows(m_builder.GetBlock(),
                                                       Product({rows.routed, sharding.expert}));
  if (!rows.by_member.empty()) rows.received = rows.by_member[sharding.member];
  return rows;
}

// The experts of this rank over the rows that were sent to it.
size_t TokenLayers::LocalExperts(const ExpertLayer& layer, size_t sorted, uint64_t received) {
  const Sharding& sharding = m_tokens.sharding;
  const uint64_t hidden = m_tokens.hidden;
  // Ranks that share an expert's width work on all of their rows together, like Enter() and
  // Leave().
  const bool is_shared = sharding.expert_tensor > 1 && received > 0;
  TokenShape tokens = m_tokens;
  tokens.batch = 1;
  tokens.sharding.context = 1;
  tokens.length = is_shared && sharding.sequence ? Product({received, sharding.tensor}) : received;
  if (!is_shared) tokens.sharding = {};
  TokenLayers shared(m_builder, tokens);
  const size_t gathered = shared.Enter("experts.gather", sorted, hidden);
  auto product = [&](const char* name, size_t input, uint64_t in, uint64_t out) {
    const LinearShape shape{tokens.length, in, out, false, true, layer.experts / sharding.expert};
    return m_builder.AddExpertLinear(name, input, shape, layer.per_token);
  };
  const uint64_t width = layer.width / sharding.expert_tensor;
  const size_t gate = product("experts.gate", gathered, hidden, width);
  const size_t up = product("experts.up", gathered, hidden, width);
  const size_t activated = m_builder.AddElementwise(
      "experts.swiglu", {gate, up},
      ActivationShape(Activation::kSwiGlu, Product({tokens.length, width})));
  return shared.Leave("experts.reduce", product("experts.down", activated, width, hidden), hidden);
}

size_t TokenLayers::Experts(const ExpertLayer& layer, size_t x) {
  const uint64_t hidden = m_tokens.hidden;
  const uint64_t rows = m_tokens.OwnRows();
  const RoutedRows routed = Route(layer);
  const size_t scores = Linear("experts.router", x, hidden, layer.experts, false);
  const size_t router = m_builder.AddElementwise(
      "experts.top_k", {scores},
      {Product({rows, layer.experts}), 2, 2, kRouterOperations, {false, true, 0}, routed.routed});
  const size_t sent = Exchanged("experts.send", Dispatch(layer, x, router), routed, false);
  const size_t down =
      Exchanged("experts.return", LocalExperts(layer, sent, routed.received), routed, true);
  // Back to the order of the tokens, weighted and summed. Backward reads the sum's gradient and the
  // experts' outputs (for the weights') and writes the outputs' gradients.
  const uint64_t routed_values = Product({routed.routed, hidden});
  const size_t combined =
      m_builder.AddElementwise("experts.combine", {down, router},
                               {routed_values, 2, 3, 2, {true, false, 0}, Product({rows, hidden})});
  if (layer.shared_width == 0) return combined;
  return Skip("experts.sum", combined, SharedExpert(layer, x));
}

}  // namespace ddlsim
