// SPDX-License-Identifier: MIT
#include "base/input-error.h"
#include "traces/class-scan.h"
#include "traces/collective-check.h"
#include "traces/group-index.h"
#include "traces/message-check.h"
#include "traces/trace-set.h"

namespace ddlsim {
namespace {

// What a manifest certifies about a file has to hold: replays rely on it.
void CheckCertificate(const TraceSet& set, size_t number, const ClassScan& scan) {
  const std::string& file = set.classes[number].file;
  if (!scan.is_topological) {
    throw InputError(file, "is not in topological order, which a set with a manifest has to be",
                     "generate the set again");
  }
  const ClassTotals& stated = set.stated_totals.at(number);
  const ClassTotals& found = scan.totals;
  const auto compare = [&file](const char* key, uint64_t a, uint64_t b) {
    if (a == b) return;
    throw InputError(file,
                     std::string("the manifest states ") + key + " as " + std::to_string(a) +
                         " where the file has " + std::to_string(b),
                     "generate the set again");
  };
  compare("nodes", stated.nodes, found.nodes);
  compare("compute_nodes", stated.compute_nodes, found.compute_nodes);
  compare("memory_nodes", stated.memory_nodes, found.memory_nodes);
  compare("send_nodes", stated.send_nodes, found.send_nodes);
  compare("receive_nodes", stated.receive_nodes, found.receive_nodes);
  compare("collective_nodes", stated.collective_nodes, found.collective_nodes);
  compare("communication_bytes", stated.communication_bytes, found.communication_bytes);
  compare("compute_ns", stated.compute_ns, found.compute_ns);
}

}  // namespace

ValidationReport ValidateTraceSet(const TraceSet& set) {
  const GroupIndex index(set);
  SetScan scan;
  scan.class_of_rank.resize(set.rank_count);
  ValidationReport report;
  ClassTotals sum;
  for (size_t i = 0; i < set.classes.size(); ++i) {
    for (uint32_t rank : set.classes[i].ranks) {
      scan.class_of_rank.at(rank) = static_cast<uint32_t>(i);
    }
    scan.classes.push_back(ScanClass(set, index, set.classes[i]));
    if (set.has_manifest) CheckCertificate(set, i, scan.classes.back());
    report.is_topological &= scan.classes.back().is_topological;
    sum.Add(scan.classes.back().totals);
  }
  CheckMessages(set, index, scan);
  CheckCollectives(set, index, scan);
  report.nodes = sum.nodes;
  report.compute_nodes = sum.compute_nodes;
  report.memory_nodes = sum.memory_nodes;
  report.send_nodes = sum.send_nodes;
  report.receive_nodes = sum.receive_nodes;
  report.collective_nodes = sum.collective_nodes;
  report.communication_bytes = sum.communication_bytes;
  return report;
}

}  // namespace ddlsim
