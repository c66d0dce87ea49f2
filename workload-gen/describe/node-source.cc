// SPDX-License-Identifier: MIT
#include "workload-gen/describe/node-source.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <memory>
#include <utility>

#include "base/input-error.h"
#include "traces/group-index.h"
#include "traces/trace-reader.h"
#include "workload-gen/describe/class-split.h"

namespace ddlsim {
namespace {

// The options of a manifest's command. Throws InputError for what is none.
WorkloadOptions OptionsOf(const std::string& command) {
  std::vector<std::string> words = absl::StrSplit(command, ' ', absl::SkipEmpty());
  if (words.empty() || words.front() != "ddl-workload") {
    throw InputError("the manifest's command", "is not one of ddl-workload", "generate it again");
  }
  WorkloadOptions options;
  const std::vector<WorkloadOption> table = WorkloadOptionTable();
  for (size_t i = 1; i < words.size(); ++i) {
    const size_t equals = words[i].find('=');
    bool is_known = false;
    for (const WorkloadOption& option : table) {
      if (equals == words[i].npos || words[i].substr(0, equals) != option.name) continue;
      option.read(words[i].substr(equals + 1), options);
      is_known = true;
    }
    if (!is_known) {
      throw InputError(Printable(words[i], 40), "is no option of this version",
                       "generate the set again");
    }
  }
  CheckWorkloadOptions(options);
  return options;
}

// Models and costs may have changed since the set was written.
bool MakesTheSet(const Workload& workload, const TraceSet& set) {
  if (set.classes.size() != PlannedClasses(workload).size() ||
      set.rank_count != workload.options.parallelism.RankCount()) {
    return false;
  }
  const std::vector<IterationTotals> totals = CountWorkload(workload);
  for (size_t stage = 0; stage < totals.size(); ++stage) {
    const uint64_t nodes = totals[stage].nodes * workload.options.iterations;
    if (nodes != set.stated_totals[stage].nodes) return false;
  }
  return true;
}

void PlanAgain(NodeSource& source) {
  try {
    Workload workload = PlanWorkload(OptionsOf(source.set.generator_command));
    if (MakesTheSet(workload, source.set)) {
      source.workload = std::move(workload);
    } else {
      source.workload_note = "the command that made this set makes another one with this version";
    }
  } catch (const InputError& error) {
    source.workload_note = std::string("the workload cannot be planned again: ") + error.what();
  }
}

}  // namespace

NodeSource OpenNodeSource(const std::string& path, const OpenOptions& options) {
  NodeSource source;
  source.set = OpenTraceSet(path, options);
  ValidateTraceSet(source.set);
  if (source.set.has_manifest) {
    PlanAgain(source);
  } else {
    source.workload_note = "traces of other tools do not state their model";
  }
  source.has_passes = source.workload.has_value();
  // A reader cannot convert sizes: that takes the ranks of the node's group.
  const auto set = std::make_shared<TraceSet>(source.set);
  const auto index = std::make_shared<GroupIndex>(*set);
  source.for_each = [set, index](size_t rank_class, const NodeSink& sink) {
    const RankClass& file = set->classes[rank_class];
    TraceReader reader(file.file);
    GraphNode node;
    while (reader.Next(node)) {
      if (node.type == NodeType::kCollective) {
        const auto member = index->FindOrThrow(node.group, file.ranks.front());
        node.size_bytes = set->SizeBytes(node, member.group->size());
      }
      sink(node);
    }
  };
  if (source.set.has_manifest) SplitClasses(source);
  return source;
}

NodeSource PlannedNodeSource(const WorkloadOptions& options) {
  NodeSource source;
  source.workload = PlanWorkload(options);
  const Parallelism& parallelism = source.workload->options.parallelism;
  source.set.rank_count = parallelism.RankCount();
  source.set.axes = GroupAxes(parallelism);
  const auto classes =
      std::make_shared<const std::vector<PlannedClass>>(PlannedClasses(*source.workload));
  for (const PlannedClass& each : *classes) source.set.classes.push_back({"", each.ranks});
  source.has_passes = true;
  source.for_each = [classes](size_t rank_class, const NodeSink& sink) {
    (*classes)[rank_class].Emit(sink);
  };
  SplitClasses(source);
  return source;
}

}  // namespace ddlsim
