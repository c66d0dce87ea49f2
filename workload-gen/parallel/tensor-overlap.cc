// SPDX-License-Identifier: MIT
#include "workload-gen/parallel/tensor-overlap.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"

namespace ddlsim {
namespace {

using Method = TensorOverlap::Method;

constexpr uint64_t kSplitsMax = 256;
constexpr std::pair<const char*, Method> kMethods[] = {{"none", Method::kNone},
                                                       {"bulk", Method::kBulk},
                                                       {"ring_exchange", Method::kRingExchange},
                                                       {"pipeline", Method::kPipeline}};

}  // namespace

TensorOverlap ParseTensorOverlap(const std::string& place, const std::string& text) {
  TensorOverlap overlap;
  const std::string start = "pipeline:";
  if (text.rfind(start, 0) == 0) {
    overlap.method = Method::kPipeline;
    overlap.splits =
        static_cast<uint32_t>(ParseCount(place, text.substr(start.size()), 2, kSplitsMax));
    return overlap;
  }
  for (const auto& [name, method] : kMethods) {
    if (text != name) continue;
    overlap.method = method;
    return overlap;
  }
  throw InputError(place, "'" + Printable(text) + "' is no known choice",
                   "choose none, bulk, ring_exchange, pipeline, or pipeline:PIECES");
}

std::string TensorOverlapText(const TensorOverlap& overlap) {
  for (const auto& [name, method] : kMethods) {
    if (overlap.method != method) continue;
    return method == Method::kPipeline ? absl::StrCat(name, ":", overlap.splits) : name;
  }
  return "";
}

}  // namespace ddlsim
