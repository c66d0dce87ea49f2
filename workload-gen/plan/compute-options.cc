// SPDX-License-Identifier: MIT
#include "workload-gen/plan/compute-options.h"

#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"
#include "workload-gen/plan/workload-options.h"

namespace ddlsim {
namespace {

struct NamedMethod {
  const char* name;
  AttentionMethod method;
};

constexpr NamedMethod kMethods[] = {{"flash", AttentionMethod::kFlash},
                                    {"flash2", AttentionMethod::kFlash2},
                                    {"unfused", AttentionMethod::kUnfused}};

void ReadAttention(const std::string& text, WorkloadOptions& options) {
  std::vector<std::string> names;
  for (const NamedMethod& known : kMethods) {
    names.emplace_back(known.name);
    if (text != known.name) continue;
    options.compute.attention = known.method;
    return;
  }
  throw InputError("--attention", "'" + Printable(text) + "' is no known choice",
                   Suggest(text, names));
}

std::string WriteAttention(const WorkloadOptions& options) {
  for (const NamedMethod& known : kMethods) {
    if (options.compute.attention == known.method) return known.name;
  }
  return {};
}

void ReadRecompute(const std::string& text, WorkloadOptions& options) {
  if (text != "none" && text != "selective" && text != "full") {
    throw InputError("--recompute", "'" + Printable(text) + "' is no known choice",
                     Suggest(text, std::vector<std::string>{"none", "selective", "full"}));
  }
  options.recompute = text == "full";
  options.compute.recomputes_attention = text == "selective";
}

std::string WriteRecompute(const WorkloadOptions& options) {
  if (options.recompute) return "full";
  return options.compute.recomputes_attention ? "selective" : "none";
}

void ReadFusion(const std::string& text, WorkloadOptions& options) {
  if (text != "none" && text != "pointwise" && text != "convolution") {
    throw InputError("--fusion", "'" + Printable(text) + "' is no known choice",
                     Suggest(text, std::vector<std::string>{"none", "pointwise", "convolution"}));
  }
  options.compute.fuses_pointwise = text != "none";
  options.compute.fuses_convolution_norms = text == "convolution";
}

std::string WriteFusion(const WorkloadOptions& options) {
  if (options.compute.fuses_convolution_norms) return "convolution";
  return options.compute.fuses_pointwise ? "pointwise" : "none";
}

void ReadBackwardPrefetch(const std::string& text, WorkloadOptions& options) {
  options.backward_prefetch =
      static_cast<uint32_t>(ParseCount("--backward-prefetch", text, 0, 1000));
}

std::string WriteBackwardPrefetch(const WorkloadOptions& options) {
  if (options.zero != ZeroStage::kParameters) return {};
  return std::to_string(options.backward_prefetch.value_or(options.prefetch));
}

}  // namespace

std::vector<WorkloadOption> ComputeOptionTable() {
  return {
      {"--compute-times", "FILE",
       "CSV of measured times of operations or kernels, which win over the model of the GPU",
       [](const std::string& text, WorkloadOptions& options) { options.compute.times = text; },
       [](const WorkloadOptions& options) { return options.compute.times; }},
      {"--speed", "RANKS:FACTOR",
       "Ranks that are slower or faster than their GPU, such as 8-15:0.8,3:0.5",
       [](const std::string& text, WorkloadOptions& options) { options.compute.speeds = text; },
       [](const WorkloadOptions& options) { return options.compute.speeds; }},
      {"--attention", "METHOD",
       "flash: the newest fused kernels of the GPU, flash2: FlashAttention-2, unfused: products "
       "and "
       "a softmax through memory (default flash)",
       ReadAttention, WriteAttention},
      {"--fusion", "WHAT",
       "Elementwise operations and norms that follow each other: none, each a kernel of its own, "
       "or "
       "pointwise, as compilers fuse them, or convolution: also norms with the convolutions before "
       "them (default none)",
       ReadFusion, WriteFusion},
      {"--backward-prefetch", "BLOCKS",
       "Of --zero=3: blocks gathered ahead in backward passes, 0 to 1000 (default as --prefetch)",
       ReadBackwardPrefetch, WriteBackwardPrefetch},
      {"--recompute", "WHAT",
       "Activations recomputed in the backward pass: none, selective (scores of unfused "
       "attention), full (default none)",
       ReadRecompute, WriteRecompute},
  };
}

}  // namespace ddlsim
