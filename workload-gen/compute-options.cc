// SPDX-License-Identifier: MIT
#include "workload-gen/compute-options.h"

#include <utility>

#include "base/input-error.h"
#include "workload-gen/workload-options.h"

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

void ReadWeights(const std::string& text, WorkloadOptions& options) {
  if (text != "fp32" && text != "master") {
    throw InputError("--weights", "'" + Printable(text) + "' is no known choice",
                     Suggest(text, std::vector<std::string>{"fp32", "master"}));
  }
  options.compute.has_master_weights = text == "master";
}

std::string WriteWeights(const WorkloadOptions& options) {
  return options.compute.has_master_weights ? "master" : "fp32";
}

}  // namespace

std::vector<WorkloadOption> ComputeOptionTable() {
  return {
      {"--attention", "METHOD",
       "flash: the newest fused kernels of the GPU, flash2: FlashAttention-2, unfused: products "
       "and "
       "a softmax through memory (default flash)",
       ReadAttention, WriteAttention},
      {"--weights", "WHERE",
       "Parameters: fp32, as autocast casts them, or master: in the format of the products, with a "
       "copy in fp32 beside the optimizer (default fp32)",
       ReadWeights, WriteWeights},
      {"--recompute", "WHAT",
       "Activations recomputed in the backward pass: none, selective (scores of unfused "
       "attention), full (default none)",
       ReadRecompute, WriteRecompute},
  };
}

}  // namespace ddlsim
