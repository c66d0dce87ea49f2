// SPDX-License-Identifier: MIT
#include "traces/rescale/classed-set.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/input-error.h"

namespace ddlsim {
namespace {

const char* const kForeignAxis = "dp";

// Groups of other tools that stand at the same place of different copies become one axis: names are
// joined as the graphs are compared.
class NameUnion {
 public:
  void Join(const std::string& a, const std::string& b) { m_parent[Root(a)] = Root(b); }
  bool Contains(const std::string& name) const { return m_parent.count(name) != 0; }
  std::string Root(const std::string& name) {
    std::string root = name;
    while (m_parent.emplace(root, root).first->second != root) root = m_parent[root];
    m_parent[name] = root;
    return root;
  }

 private:
  std::map<std::string, std::string> m_parent;
};

class ForeignClasses {
 public:
  ForeignClasses(const TraceSet& set, const ClassingOptions& options)
      : m_set(set), m_options(options) {}

  ClassedSet Run() {
    ClassedSet result;
    result.rank_count = m_set.rank_count;
    result.data_axis = kForeignAxis;
    result.is_foreign = true;
    GroupAxis data = DataAxis();
    for (const auto& group : data.groups) {
      ClassedSet::Class next;
      next.ranks = group;
      std::sort(next.ranks.begin(), next.ranks.end());
      next.file = m_set.classes[next.ranks[0]].file;
      for (uint32_t rank : next.ranks) Compare(next.ranks[0], rank);
      result.classes.push_back(std::move(next));
    }
    result.axes.push_back(std::move(data));
    NameAxes(result);
    return result;
  }

 private:
  [[noreturn]] void Refuse(const std::string& problem, const std::string& remedy) const {
    throw InputError(m_set.path, problem, remedy);
  }

  GroupAxis DataAxis() const {
    GroupAxis axis{kForeignAxis, {}};
    if (m_options.data_groups.empty()) {
      axis.groups.emplace_back(m_set.rank_count);
      std::iota(axis.groups[0].begin(), axis.groups[0].end(), 0);
      return axis;
    }
    std::vector<bool> is_taken(m_set.rank_count);
    uint32_t count = 0;
    for (const std::string& name : m_options.data_groups) {
      const auto found = std::find_if(m_set.axes.begin(), m_set.axes.end(),
                                      [&](const GroupAxis& each) { return each.name == name; });
      if (found == m_set.axes.end()) {
        throw InputError("--dp-groups", "the set has no group '" + Printable(name) + "'",
                         "name groups of its groups file");
      }
      axis.groups.push_back(found->groups[0]);
      for (uint32_t rank : axis.groups.back()) {
        if (is_taken[rank]) {
          throw InputError("--dp-groups", "rank " + std::to_string(rank) + " is in two of them",
                           "name each data-parallel group once");
        }
        is_taken[rank] = true;
        ++count;
      }
    }
    if (count != m_set.rank_count) {
      const auto missing = std::find(is_taken.begin(), is_taken.end(), false) - is_taken.begin();
      throw InputError("--dp-groups", "rank " + std::to_string(missing) + " is in none of them",
                       "name the data-parallel groups of all ranks");
    }
    return axis;
  }

  void Compare(uint32_t first_rank, uint32_t other_rank) {
    TraceReader first(m_set.classes[first_rank].file);
    TraceReader other(m_set.classes[other_rank].file);
    GraphNode a, b;
    while (true) {
      const bool has_a = first.Next(a), has_b = other.Next(b);
      const std::string ranks =
          "ranks " + std::to_string(first_rank) + " and " + std::to_string(other_rank);
      if (has_a != has_b) Refuse(ranks + " have different numbers of nodes", kAlike);
      if (!has_a) return;
      const char* difference = Difference(a, b);
      if (difference != nullptr) {
        Refuse(ranks + " differ in the " + difference + " of node " + std::to_string(a.id) + " '" +
                   Printable(a.name) + "'",
               std::string(difference) == "duration"
                   ? "--ignore-durations takes those of the lowest rank for all"
                   : kAlike);
      }
      if (a.group.empty() != b.group.empty()) Refuse(ranks + " differ in their groups", kAlike);
      if (!a.group.empty()) m_names.Join(a.group, b.group);
    }
  }

  const char* Difference(const GraphNode& a, const GraphNode& b) const {
    if (a.id != b.id) return "number";
    if (a.type != b.type) return "type";
    if (a.name != b.name) return "name";
    if (a.control_dependencies != b.control_dependencies) return "dependencies";
    if (a.data_dependencies != b.data_dependencies) return "dependencies";
    if (a.duration_ns != b.duration_ns) {
      const bool both_known = (a.duration_ns == kNoDuration) == (b.duration_ns == kNoDuration);
      if (!m_options.ignore_durations || !both_known) return "duration";
    }
    if (a.operations != b.operations || a.memory_bytes != b.memory_bytes) return "work";
    if (a.size_bytes != b.size_bytes) return "size";
    if (a.collective != b.collective || a.root != b.root) return "collective";
    if (a.shares != b.shares) return "shares";
    if (a.tag != b.tag) return "tag";
    if (a.is_copy != b.is_copy) return "way of sending";
    if (a.peer_is_relative != b.peer_is_relative || a.peer_offset != b.peer_offset) return "peer";
    return nullptr;
  }

  // Data-parallel groups go by that axis; joined names make an axis each, called by the first.
  void NameAxes(ClassedSet& result) {
    std::map<std::string, GroupAxis> axis_of_root;
    const auto& data = result.axes[0].groups;
    for (const GroupAxis& each : m_set.axes) {
      const std::vector<uint32_t>& ranks = each.groups[0];
      if (!m_names.Contains(each.name)) continue;  // of no collective: nothing goes by it
      if (std::find(data.begin(), data.end(), ranks) != data.end()) {
        result.axis_of_group[each.name] = kForeignAxis;
        continue;
      }
      GroupAxis& axis = axis_of_root[m_names.Root(each.name)];
      if (axis.name.empty()) axis.name = "group-" + each.name;
      const bool is_known =
          std::find(axis.groups.begin(), axis.groups.end(), ranks) != axis.groups.end();
      if (!is_known) axis.groups.push_back(ranks);
      result.axis_of_group[each.name] = axis.name;
    }
    for (auto& [root, axis] : axis_of_root) {
      std::set<uint32_t> taken;
      for (const auto& group : axis.groups) {
        for (uint32_t rank : group) {
          if (taken.insert(rank).second) continue;
          Refuse("rank " + std::to_string(rank) +
                     " is in two groups that stand at the same place " + "of the graph as '" +
                     Printable(root) + "'",
                 kAlike);
        }
      }
      result.axes.push_back(std::move(axis));
    }
  }

  static constexpr const char* kAlike =
      "rescale sets whose data-parallel ranks do the same; --dp-groups says which ranks those are";

  const TraceSet& m_set;
  const ClassingOptions& m_options;
  NameUnion m_names;
};

}  // namespace

ClassedSet ClassRanks(const TraceSet& set, const ClassingOptions& options) {
  if (!set.has_manifest) return ForeignClasses(set, options).Run();
  if (!options.data_groups.empty() || options.ignore_durations) {
    throw InputError(options.ignore_durations ? "--ignore-durations" : "--dp-groups",
                     "does not go with a set that has a manifest.json",
                     "leave it out: the manifest has classes and axes");
  }
  ClassedSet result;
  result.rank_count = set.rank_count;
  result.axes = set.axes;
  result.data_axis = options.data_axis;
  for (const RankClass& each : set.classes) result.classes.push_back({each.file, each.ranks});
  return result;
}

}  // namespace ddlsim
