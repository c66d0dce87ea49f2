// SPDX-License-Identifier: MIT
#include "workload-gen/plan/adapter-options.h"

#include <absl/strings/str_cat.h>

#include <variant>

#include "base/input-error.h"
#include "base/quantity.h"
#include "workload-gen/plan/workload-options.h"

namespace ddlsim {
namespace {

constexpr uint64_t kRankMax = 1 << 16;
constexpr const char* kTargets[] = {"qkv", "attention", "feed_forward", "all"};

void ReadTargets(const std::string& text, WorkloadOptions& options) {
  for (const char* known : kTargets) {
    if (text == known) {
      options.adapters.targets = text;
      return;
    }
  }
  throw InputError(
      "--lora-targets", "'" + Printable(text) + "' is no known choice",
      Suggest(text, std::vector<std::string>(std::begin(kTargets), std::end(kTargets))));
}

}  // namespace

std::vector<WorkloadOption> AdapterOptionTable() {
  return {
      {"--lora-rank", "COUNT",
       "Low-rank adapters of this rank are trained, the model's own weights stay as they are; 0: "
       "the whole model is trained (default 0)",
       [](const std::string& text, WorkloadOptions& o) {
         o.adapters.rank = ParseCount("--lora-rank", text, 0, kRankMax);
       },
       [](const WorkloadOptions& o) {
         return o.adapters.rank == 0 ? "" : absl::StrCat(o.adapters.rank);
       }},
      {"--lora-targets", "LAYERS",
       "Beside --lora-rank: products that have adapters: qkv, attention (qkv and output), "
       "feed_forward or all (default attention)",
       ReadTargets, [](const WorkloadOptions& o) { return o.adapters.targets; }},
  };
}

Adapters RequestedAdapters(const AdapterOptions& options, const Architecture& model) {
  if (options.rank == 0) {
    if (options.targets.empty()) return {};
    throw InputError("--lora-targets", "goes with --lora-rank only",
                     "give a rank, such as --lora-rank=16, or leave it out");
  }
  Adapters adapters;
  adapters.rank = options.rank;
  const std::string& targets = options.targets;
  adapters.qkv = targets != "feed_forward";
  adapters.output = adapters.qkv && targets != "qkv";
  adapters.feed_forward = targets == "feed_forward" || targets == "all";
  const auto* shape = std::get_if<TransformerShape>(&model.shape);
  const auto refuse = [&model](const char* what) {
    throw InputError(
        "--lora-rank",
        absl::StrCat("adapters of ", what, ", as '", model.name, "' has them, are not modelled"),
        "leave it out, or choose a decoder or encoder without them");
  };
  if (shape == nullptr) {
    throw InputError(
        "--lora-rank",
        absl::StrCat("adapters of '", model.name, "' (", model.Family(), ") are not modelled"),
        "leave it out, or choose a decoder or encoder");
  }
  if (adapters.qkv && shape->attention.latent.Used()) refuse("latent attention");
  if (adapters.feed_forward && shape->experts.Used()) refuse("experts");
  if (options.rank > shape->hidden) {
    throw InputError("--lora-rank", absl::StrCat("is more than the width of '", model.name, "'"),
                     absl::StrCat("use at most ", shape->hidden));
  }
  return adapters;
}

}  // namespace ddlsim
