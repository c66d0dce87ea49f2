// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/model-division.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <variant>
#include <vector>

#include "base/input-error.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

[[noreturn]] void Refuse(const char* option, const std::string& problem,
                         const std::string& remedy) {
  throw InputError(option, problem, remedy);
}

void CheckDivides(const char* option, uint64_t degree, const std::string& what, uint64_t number) {
  if (number % degree == 0) return;
  Refuse(option, absl::StrCat(degree, " does not divide the ", number, " ", what),
         "choose a divisor");
}

void CheckAttention(const Parallelism& plan, const AttentionLayer& layer) {
  CheckDivides("--tp", plan.tensor, "attention heads", layer.heads);
  if (layer.key_value_heads % plan.tensor != 0) {
    Refuse("--tp",
           absl::StrCat(plan.tensor, " does not divide the ", layer.key_value_heads,
                        " key and value heads; copies of heads are not modelled"),
           "choose a divisor");
  }
}

void CheckExperts(const Parallelism& plan, const ExpertLayer& layer) {
  if (plan.expert == 1 && !layer.Used()) return;
  if (!layer.Used()) Refuse("--ep", "the model has no experts", "use 1");
  CheckDivides("--ep", plan.expert, "experts of a layer", layer.experts);
  const uint32_t together = plan.ExpertTensor();
  if (together != 1 && together != plan.tensor) {
    Refuse("--etp", absl::StrCat(together, " is neither 1 nor the ", plan.tensor, " of --tp"),
           "choose one of these");
  }
  if (together == 1 && plan.tensor > 1 && !plan.sequence) {
    Refuse("--etp",
           "whole experts beside divided layers need the tokens divided too, or all ranks of a "
           "tensor-parallel group would compute the same",
           "use --sequence-parallel=true, or leave --etp out");
  }
  CheckDivides("--etp", together, "columns of an expert", layer.width);
  const uint64_t places = uint64_t{plan.tensor} * plan.context * plan.data;
  if (places % (uint64_t{plan.expert} * together) != 0) {
    Refuse("--ep",
           absl::StrCat(plan.expert, " x --etp=", together, " does not divide the ", places,
                        " ranks of a pipeline stage, among which experts are spread"),
           "choose a divisor of these, or more data-parallel ranks");
  }
}

// As in Megatron-LM and PyTorch, which overlap the exchanges of sequence parallelism only.
// `tokens`: of a micro-batch, in each stack of layers.
void CheckOverlap(const Parallelism& plan, const std::vector<uint64_t>& tokens) {
  const TensorOverlap& overlap = plan.overlap;
  if (overlap.method == TensorOverlap::Method::kNone) return;
  if (plan.tensor == 1) {
    Refuse("--tp-comm-overlap", "there is one tensor-parallel rank: nothing is exchanged",
           "use none, or --tp=2 or more");
  }
  if (!plan.sequence) {
    Refuse("--tp-comm-overlap",
           "without sequence parallelism the all_reduce of an input's gradient runs beside the "
           "weight's gradient anyway, and nothing else is overlapped",
           "use none, or --sequence-parallel=true");
  }
  if (overlap.method != TensorOverlap::Method::kPipeline) return;
  for (const uint64_t all : tokens) {
    CheckDivides("--tp-comm-overlap", overlap.splits, "tokens of a rank in a micro-batch",
                 all / plan.tensor);
  }
}

// Sequence parallelism.
void CheckTokens(const Parallelism& plan, const std::vector<uint64_t>& tokens,
                 const std::string& what) {
  if (!plan.sequence || plan.tensor == 1) return;
  for (const uint64_t all : tokens) {
    if (all % plan.tensor == 0) continue;
    Refuse("--tp",
           absl::StrCat(plan.tensor, " does not divide the ", all, " ", what,
                        ", which are divided too"),
           "choose a divisor, another batch, or --sequence-parallel=false");
  }
}

void CheckFeedForward(const Parallelism& plan, const FeedForwardLayer& layer) {
  CheckDivides("--tp", plan.tensor, "columns of the feed-forward layer", layer.width);
}

void CheckTransformer(const Parallelism& plan, const TransformerShape& shape,
                      const BatchShape& batch) {
  CheckAttention(plan, shape.attention);
  CheckFeedForward(plan, shape.feed_forward);
  if (shape.experts.shared_width > 0) {
    CheckDivides("--tp", plan.tensor, "columns of the shared expert", shape.experts.shared_width);
  }
  CheckExperts(plan, shape.experts);
  CheckDivides("--cp", plan.context, "tokens of a sequence", batch.sequence_length);
  if (shape.pooler && plan.context > 1) {
    Refuse("--cp", "a pooler reads the first token of each sequence: not modelled", "use 1");
  }
  const std::vector<uint64_t> tokens = {
      Product({batch.batch, batch.sequence_length / plan.context})};
  CheckTokens(plan, tokens, "tokens of a micro-batch");
  CheckOverlap(plan, tokens);
}

// Padding to a multiple is not modelled: Megatron-LM turns sequence parallelism off in its vision
// transformers (pretrain_vlm.py), and so context parallelism.
void CheckVision(const Parallelism& plan, const VisionShape& shape, const BatchShape& batch) {
  CheckAttention(plan, shape.attention);
  CheckFeedForward(plan, shape.feed_forward);
  CheckExperts(plan, {});
  if (plan.context > 1) {
    Refuse("--cp",
           absl::StrCat("a classifier reads one of the ", shape.Tokens(),
                        " tokens of an image: not modelled"),
           "use 1");
  }
  const std::vector<uint64_t> tokens = {Product({batch.batch, shape.Tokens()})};
  CheckTokens(
      plan, tokens,
      absl::StrCat("tokens of a micro-batch, ", shape.Tokens(), " per image with the class token"));
  CheckOverlap(plan, tokens);
}

void CheckEncoderDecoder(const Parallelism& plan, const EncoderDecoderShape& shape,
                         const BatchShape& batch) {
  CheckAttention(plan, shape.attention);
  CheckFeedForward(plan, shape.feed_forward);
  CheckExperts(plan, {});
  if (plan.context > 1) {
    Refuse("--cp",
           "a bias is added to the scores of all pairs of positions, those on different ranks "
           "too: not modelled",
           "use 1");
  }
  const std::vector<uint64_t> tokens = {
      Product({batch.batch, batch.sequence_length}),
      Product({batch.batch, shape.TargetLength(batch.sequence_length)})};
  CheckTokens(plan, tokens, "tokens of the input or the target in a micro-batch");
  CheckOverlap(plan, tokens);
}

void CheckUndivided(const Parallelism& plan, const Architecture& model) {
  const auto check = [&](const char* option, uint32_t degree) {
    if (degree == 1) return;
    Refuse(option,
           absl::StrCat("layers of '", model.name, "' (", model.Family(),
                        ") are not divided: not modelled"),
           "use 1, and --dp or --pp");
  };
  check("--tp", plan.tensor);
  check("--cp", plan.context);
  check("--ep", plan.expert);
  CheckOverlap(plan, {});
}

}  // namespace

void CheckDivision(const Parallelism& plan, const Architecture& model, const BatchShape& batch) {
  if (const auto* transformer = std::get_if<TransformerShape>(&model.shape)) {
    CheckTransformer(plan, *transformer, batch);
  } else if (const auto* vision = std::get_if<VisionShape>(&model.shape)) {
    CheckVision(plan, *vision, batch);
  } else if (const auto* both = std::get_if<EncoderDecoderShape>(&model.shape)) {
    CheckEncoderDecoder(plan, *both, batch);
  } else {
    CheckUndivided(plan, model);
  }
}

}  // namespace ddlsim
