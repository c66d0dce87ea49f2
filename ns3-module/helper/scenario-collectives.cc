// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-collectives.h"

#include <string>
#include <utility>

#include "base/input-error.h"
#include "pair-sizes.h"
#include "scenario-workload.h"

namespace ddlsim {
namespace {

const char* const kFilePrefix = "file:";

class FileAlgorithm : public CustomAlgorithm {
 public:
  explicit FileAlgorithm(ScheduleFile file) : m_file(std::move(file)) {}
  std::unique_ptr<Schedule> Make(const CollectiveSpec& spec) const override {
    return m_file.Make(spec);
  }
  uint64_t SizeUnitBytes() const override { return m_file.ChunkCount(); }

 private:
  ScheduleFile m_file;
};

// Of a collective among all ranks that the options name, so that MSCCL files need not.
CollectiveType NamedCollective(const OptionSet& options) {
  for (const char* option : {"collective", "collective-bench"}) {
    const CollectiveType* type = FindCollective(options.Get(option));
    if (type != nullptr) return *type;
  }
  return CollectiveType::kAllReduce;
}

// A file that no collective of the run needs is a mistake; so is a size that it cannot cut, which
// is found before the run begins.
void CheckUse(const OptionSet& options, const ScheduleFile& file, const Workload& workload) {
  bool is_used = false;
  for (uint32_t i = 0; i < workload.ClassCount(); ++i) {
    const ClassGraph& graph = workload.ClassAt(i);
    for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
      if (graph.Type(node) != NodeType::kCollective) continue;
      const ClassGraph::Communication& communication = graph.CommunicationOf(node);
      if (communication.collective != file.Type()) continue;
      is_used = true;
      CollectiveSpec spec;
      spec.type = file.Type();
      spec.rank_count = file.RankCount();
      spec.root = communication.root;
      spec.size_bytes = graph.SizeBytes(node);
      file.Make(spec);
    }
  }
  if (is_used) return;
  throw InputError(options.Place("algo"),
                   std::string("is an algorithm for ") + CollectiveName(file.Type()) +
                       ", of which this run has none",
                   "name a file for a collective of the run");
}

struct AllToAlls {
  bool has_any = false;
  bool has_shares = false;  // of their own
};

AllToAlls FindAllToAlls(const Workload& workload) {
  AllToAlls found;
  for (uint32_t i = 0; i < workload.ClassCount(); ++i) {
    const ClassGraph& graph = workload.ClassAt(i);
    for (uint32_t node = 0; node < graph.NodeCount(); ++node) {
      if (graph.Type(node) != NodeType::kCollective) continue;
      const ClassGraph::Communication& communication = graph.CommunicationOf(node);
      if (communication.collective != CollectiveType::kAllToAll) continue;
      found.has_any = true;
      found.has_shares = found.has_shares || graph.SharesOf(communication) != nullptr;
    }
  }
  return found;
}

void CheckPairSizes(const OptionSet& options, const Workload& workload) {
  for (const char* name : {"alltoallv", "alltoall-skew"}) {
    if (options.Get(name).empty()) continue;
    const AllToAlls found = FindAllToAlls(workload);
    if (found.has_shares) {
      throw InputError(
          options.Place(name),
          "contradicts the workload, whose all_to_all have unequal shares of their own",
          "leave it out, or use a workload without --expert-imbalance and --embedding-sharding");
    }
    if (found.has_any) continue;
    throw InputError(options.Place(name), "is about all_to_all, of which this run has none",
                     "leave it out, or use --collective=all_to_all");
  }
}

}  // namespace

std::string AlgorithmFile(const OptionSet& options) {
  const std::string& text = options.Get("algo");
  return text.rfind(kFilePrefix, 0) == 0 ? text.substr(std::string(kFilePrefix).size()) : "";
}

ScenarioCollectives::ScenarioCollectives(const OptionSet& options, const Workload& workload)
    : m_pair_sizes(RequestedPairSizes(options)) {
  CheckPairSizes(options, workload);
  const std::string path = AlgorithmFile(options);
  if (path.empty()) return;
  ScheduleFile file(path, NamedCollective(options));
  CheckUse(options, file, workload);
  m_custom_type = file.Type();
  m_custom = std::make_unique<FileAlgorithm>(std::move(file));
}

void ScenarioCollectives::Apply(EndpointConfig& config) const {
  config.pair_sizes = m_pair_sizes.get();
  config.custom = m_custom.get();
  if (m_custom != nullptr) {
    config.algorithms[static_cast<size_t>(m_custom_type)] = Algorithm::kFile;
  }
}

}  // namespace ddlsim
