// SPDX-License-Identifier: MIT
#include "workload-gen/plan/expert-load-options.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <cmath>
#include <cstdlib>
#include <utility>
#include <variant>

#include "base/input-error.h"
#include "workload-gen/plan/expert-load-file.h"
#include "workload-gen/plan/workload-options.h"

namespace ddlsim {
namespace {

constexpr uint64_t kPpm = 1000000;
constexpr double kImbalanceMax = kRankCountMax;

void ReadImbalance(const std::string& text, WorkloadOptions& options) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 1 && value <= kImbalanceMax)) {
    throw InputError("--expert-imbalance", "'" + Printable(text) + "' is no imbalance",
                     "write how many times the mean the fullest rank gets: 1 (all the same) or "
                     "more, such as 1.5");
  }
  options.expert_loads.imbalance_ppm = static_cast<uint64_t>(std::llround(value * kPpm));
}

// Empty for none, which makes the same set as leaving the option out.
std::string WriteImbalance(const WorkloadOptions& options) {
  const uint64_t ppm = options.expert_loads.imbalance_ppm;
  if (ppm == kPpm) return "";
  std::string text = absl::StrFormat("%d.%06d", ppm / kPpm, ppm % kPpm);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// The experts of the model, which some ranks of a layer share among them.
const TransformerShape& SpreadExperts(const char* option, const Parallelism& plan,
                                      const Architecture& model) {
  const auto* shape = std::get_if<TransformerShape>(&model.shape);
  if (shape == nullptr || !shape->experts.Used()) {
    throw InputError(option, "'" + model.name + "' has no experts that ranks could share",
                     "leave it out");
  }
  if (plan.expert == 1) {
    throw InputError(option, "has no effect with --ep=1, where every rank has all experts",
                     "use --ep=2 or more, or leave it out");
  }
  return *shape;
}

}  // namespace

std::vector<WorkloadOption> ExpertLoadOptionTable() {
  return {
      {"--expert-imbalance", "TIMES",
       "Beside --ep: tokens of the rank whose experts get most, over the mean; the others share "
       "the "
       "rest. Which rank it is is drawn from --seed for each layer (default 1)",
       ReadImbalance, WriteImbalance},
      {"--expert-loads", "FILE",
       "Beside --ep: a CSV file of measured shares of the tokens, expert,share or "
       "layer,expert,share (default: all experts get the same)",
       [](const std::string& text, WorkloadOptions& o) { o.expert_loads.file = text; },
       [](const WorkloadOptions& o) { return o.expert_loads.file; }},
  };
}

std::shared_ptr<const ExpertLoads> RequestedExpertLoads(const ExpertLoadOptions& options,
                                                        const Parallelism& plan,
                                                        const Architecture& model, uint64_t seed) {
  const bool has_imbalance = options.imbalance_ppm != kPpm;
  if (options.file.empty() && !has_imbalance) return nullptr;
  if (!options.file.empty() && has_imbalance) {
    throw InputError("--expert-loads", "stands beside --expert-imbalance", "give one of them");
  }
  const char* option = has_imbalance ? "--expert-imbalance" : "--expert-loads";
  const TransformerShape& shape = SpreadExperts(option, plan, model);
  if (options.imbalance_ppm > plan.expert * kPpm) {
    throw InputError(option,
                     absl::StrCat("is more than the ", plan.expert,
                                  " ranks that share a layer's "
                                  "experts"),
                     absl::StrCat("use at most ", plan.expert, ", where one of them gets all"));
  }
  ExpertLoads loads = has_imbalance ? HotMemberLoads(options.imbalance_ppm, plan.expert,
                                                     shape.experts.dense_layers, shape.layers, seed)
                                    : LoadExpertLoads(options.file, shape, plan.expert);
  if (loads.AreEqual()) return nullptr;
  return std::make_shared<const ExpertLoads>(std::move(loads));
}

}  // namespace ddlsim
