// SPDX-License-Identifier: GPL-2.0-only
#include "results/bench-table.h"

#include <algorithm>

#include "results/collective-figures.h"
#include "results/decimal-text.h"
#include "results/text-table.h"

namespace ddlsim {
namespace {

constexpr uint64_t kElementBytes = 4;  // of the type that nccl-tests takes unless told otherwise
constexpr double kPsPerUs = 1e6;

bool Reduces(CollectiveType type) {
  return type == CollectiveType::kAllReduce || type == CollectiveType::kReduceScatter ||
         type == CollectiveType::kReduce;
}

// What nccl-tests counts: elements of one rank's part where the size is that of all of them.
uint64_t Elements(const CollectiveSpec& spec) {
  const bool is_split =
      !spec.is_send_receive &&
      (spec.type == CollectiveType::kAllGather || spec.type == CollectiveType::kReduceScatter ||
       spec.type == CollectiveType::kAllToAll || spec.type == CollectiveType::kGather ||
       spec.type == CollectiveType::kScatter);
  return spec.size_bytes / (is_split ? spec.rank_count : 1) / kElementBytes;
}

std::string Us(uint64_t time_ps) {
  return FixedText(static_cast<double>(time_ps) / kPsPerUs, 3);
}

}  // namespace

std::string BenchTable(std::vector<CollectiveGroup> groups) {
  if (groups.empty()) return "# No collective has completed.\n";
  std::sort(groups.begin(), groups.end(),
            [](const CollectiveGroup& a, const CollectiveGroup& b) { return a.first < b.first; });
  TextTable table({"#", "size", "count", "type", "redop", "root", "time", "algbw", "busbw", "bound",
                   "model", "algorithm", "protocol", "channels"},
                  1);
  table.AddRow({"#", "(B)", "(elements)", "", "", "", "(us)", "(GB/s)", "(GB/s)", "(us)", "(us)"});
  double sum = 0;
  for (const CollectiveGroup& group : groups) {
    const CollectiveSpec& spec = group.spec;
    const uint64_t time_ps = group.MeanTimePs();
    const bool has_bandwidth = HasBandwidth(spec, time_ps);
    const double busbw = has_bandwidth ? BusBandwidth(spec, time_ps) : 0;
    const double algbw = has_bandwidth ? AlgorithmBandwidth(spec.size_bytes, time_ps) : 0;
    sum += busbw;
    table.AddRow(
        {"", std::to_string(spec.size_bytes), std::to_string(Elements(spec)), "float",
         Reduces(spec.type) ? "sum" : "none",
         IsRooted(spec.type) ? std::to_string(spec.root) : "-1", Us(time_ps), FixedText(algbw, 2),
         FixedText(busbw, 2), group.bound_ps == 0 ? "-" : Us(group.MeanBoundPs()),
         group.model_ps == kNoModelPs ? "-" : Us(group.model_ps), AlgorithmName(spec.algorithm),
         group.protocol == Protocol::kAuto ? "-" : ProtocolName(group.protocol),
         group.channels == 0 ? "-" : std::to_string(group.channels)});
  }
  const CollectiveSpec& first = groups.front().spec;
  return "# " + std::string(OperationName(first)) + " among " + std::to_string(first.rank_count) +
         " ranks; in place and out of place are the same here, so there is one time.\n"
         "# bound: the least that the hosts' links allow; model: closed formula of the library.\n"
         "#\n" +
         table.Text(0) +
         "# Avg bus bandwidth    : " + FixedText(sum / static_cast<double>(groups.size()), 4) +
         "\n";
}

}  // namespace ddlsim
