// SPDX-License-Identifier: GPL-2.0-only
#include "collective-bench.h"

#include <algorithm>
#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "base/rounding.h"
#include "endpoint/group-layout.h"
#include "library/peer-plan.h"
#include "results/bench-table.h"

namespace ddlsim {
namespace {

constexpr size_t kSizesMax = 1000;
constexpr uint64_t kSizeMaxBytes = uint64_t{1} << 50;
constexpr const char* kSizesRemedy = "write sizes or ranges: 8:8GiB, or 1KiB,64KiB,1MiB:64MiB";

uint64_t ParseBenchSize(const std::string& place, const std::string& text) {
  const uint64_t size_bytes = ParseSizeBytes(place, text);
  if (size_bytes == 0 || size_bytes > kSizeMaxBytes) {
    throw InputError(place, "'" + Printable(text) + "' is no size of a benchmark",
                     "choose from 1 byte to " + FormatSize(kSizeMaxBytes));
  }
  return size_bytes;
}

void AddSize(const std::string& place, uint64_t size_bytes, std::vector<uint64_t>& sizes) {
  if (std::find(sizes.begin(), sizes.end(), size_bytes) != sizes.end()) {
    throw InputError(place, FormatSize(size_bytes) + " is there twice",
                     "leave one out; --repeat measures each size more than once");
  }
  if (sizes.size() == kSizesMax) {
    throw InputError(place, "there are more than " + std::to_string(kSizesMax) + " sizes",
                     "use a shorter list or a larger --step-factor");
  }
  sizes.push_back(size_bytes);
}

template <typename Plan>
void FillEstimate(const Plan& plan, CollectiveRecord& record) {
  record.spec = plan.spec;
  record.model_ps = record.end_ps = Rounded(plan.model_us * 1e6);
  record.protocol = plan.protocol;
  record.channels = plan.channels;
}

}  // namespace

std::vector<uint64_t> BenchSizes(const OptionSet& options) {
  const std::string place = options.Place("sizes");
  const uint64_t factor =
      ParseCount(options.Place("step-factor"), options.Get("step-factor"), 2, 1024);
  std::vector<uint64_t> sizes;
  std::string text = options.Get("sizes");
  if (text.empty() || text.back() == ',') {
    throw InputError(place, "has no size at its end", kSizesRemedy);
  }
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const size_t colon = part.find(':');
    const uint64_t first = ParseBenchSize(place, part.substr(0, colon));
    if (colon == std::string::npos) {
      AddSize(place, first, sizes);
      continue;
    }
    const uint64_t last = ParseBenchSize(place, part.substr(colon + 1));
    if (last < first) {
      throw InputError(place, "'" + Printable(part) + "' ends before it begins", kSizesRemedy);
    }
    for (uint64_t size_bytes = first; size_bytes <= last; size_bytes *= factor) {
      AddSize(place, size_bytes, sizes);
    }
  }
  return sizes;
}

bool IsEstimate(const OptionSet& options) {
  const std::string& text = options.Get("estimate");
  if (text != "true" && text != "false") {
    throw InputError(options.Place("estimate"), "'" + Printable(text) + "' is neither",
                     "choose true or false");
  }
  return text == "true";
}

std::string EstimateBench(const OptionSet& options, const Workload& workload, const RankMap& ranks,
                          const EndpointConfig& config) {
  if (config.library == nullptr) {
    throw InputError(options.Place("estimate"), "only goes with the model of a collective library",
                     "add a host as --hardware whose preset names libraries, or leave it out");
  }
  const Communicator& group = workload.Communicators().At(0);
  const GroupLayout layout(ranks, group.members);
  const ClassGraph& graph = workload.ClassAt(0);
  CollectiveTable table;
  for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
    CollectiveRecord record;
    record.spec.type = graph.CommunicationOf(node).collective;
    record.spec.algorithm = config.algorithms[static_cast<size_t>(record.spec.type)];
    record.spec.rank_count = group.Size();
    record.spec.size_bytes = graph.SizeBytes(node);
    if (record.spec.type == CollectiveType::kAllToAll && config.pair_sizes != nullptr) {
      config.pair_sizes->Apply(record.spec);
    }
    if (!IsPlanned(record.spec) && !IsPeerPlanned(record.spec)) {
      throw InputError(
          options.Place("estimate"),
          "the library has no formula for " + std::string(CollectiveName(record.spec.type)),
          "leave it out");
    }
    const GroupFacts facts = FactsOf(layout);
    if (IsPeerPlanned(record.spec)) {
      FillEstimate(MakePeerPlan(record.spec, facts, *config.library), record);
    } else {
      FillEstimate(MakeLibraryPlan(record.spec, facts, *config.library), record);
    }
    table.Add(record);
  }
  return "# Closed formulas alone: nothing is simulated, `time` is `model`.\n" +
         BenchTable(table.Groups());
}

}  // namespace ddlsim
