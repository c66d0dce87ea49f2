// SPDX-License-Identifier: MIT
#include "workload-gen/describe/class-split.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "traces/group-index.h"

namespace ddlsim {
namespace {

// What the ranks of a class exchange with whom.
struct Exchanges {
  std::set<std::string> collectives;                // by group
  std::set<std::pair<std::string, int32_t>> peers;  // group and offset of messages
};

class Splitter {
 public:
  explicit Splitter(const NodeSource& source)
      : m_set(source.set), m_index(source.set), m_class_of(source.set.rank_count) {
    for (size_t i = 0; i < m_set.classes.size(); ++i) {
      for (uint32_t rank : m_set.classes[i].ranks) m_class_of[rank] = static_cast<uint32_t>(i);
      m_exchanges.emplace_back();
      source.for_each(i, [this](const GraphNode& node) { Add(node, m_exchanges.back()); });
      m_origin.push_back(i);
    }
  }

  bool HasAbsolutePeers() const { return m_has_absolute_peers; }

  // Until a round splits nothing; each round but the last makes more classes.
  void Run() {
    while (SplitOnce()) continue;
  }

  // The class before, by class.
  const std::vector<size_t>& Origin() const { return m_origin; }
  const std::vector<uint32_t>& ClassOf() const { return m_class_of; }

 private:
  void Add(const GraphNode& node, Exchanges& exchanges) {
    if (node.type == NodeType::kCollective) exchanges.collectives.insert(node.group);
    if (node.type != NodeType::kSend && node.type != NodeType::kReceive) return;
    if (node.peer_is_relative) {
      exchanges.peers.emplace(node.group, node.peer_offset);
    } else {
      m_has_absolute_peers = true;
    }
  }

  // A number for the set of classes in a group; each group is looked through once a round.
  uint32_t ClassesIn(const std::string& name, const GroupIndex::Member& member) {
    const auto key = std::make_pair(name, member.group_number);
    const auto known = m_classes_in.find(key);
    if (known != m_classes_in.end()) return known->second;
    std::set<uint32_t> classes;
    for (uint32_t rank : *member.group) classes.insert(m_class_of[rank]);
    const auto number = static_cast<uint32_t>(m_class_sets.size());
    return m_classes_in[key] = m_class_sets.try_emplace(std::move(classes), number).first->second;
  }

  // The classes of those that a rank exchanges with, as numbers.
  std::vector<uint32_t> Surroundings(uint32_t rank) {
    std::vector<uint32_t> all;
    const Exchanges& exchanges = m_exchanges[m_origin[m_class_of[rank]]];
    for (const std::string& group : exchanges.collectives) {
      all.push_back(ClassesIn(group, m_index.FindOrThrow(group, rank)));
    }
    for (const auto& [group, offset] : exchanges.peers) {
      const GroupIndex::Member member = m_index.FindOrThrow(group, rank);
      all.push_back(m_class_of[RelativePeer(*member.group, member.index, offset)]);
    }
    return all;
  }

  bool SplitOnce() {
    m_classes_in.clear();
    m_class_sets.clear();
    std::map<std::pair<uint32_t, std::vector<uint32_t>>, uint32_t> numbers;
    std::vector<uint32_t> class_of(m_class_of.size());
    for (uint32_t rank = 0; rank < class_of.size(); ++rank) {
      numbers.try_emplace({m_class_of[rank], Surroundings(rank)}, 0);
    }
    std::vector<size_t> origin;
    for (auto& [key, number] : numbers) {
      number = static_cast<uint32_t>(origin.size());
      origin.push_back(m_origin[key.first]);
    }
    for (uint32_t rank = 0; rank < class_of.size(); ++rank) {
      class_of[rank] = numbers.at({m_class_of[rank], Surroundings(rank)});
    }
    const bool has_split = origin.size() > m_origin.size();
    m_class_of = std::move(class_of);
    m_origin = std::move(origin);
    return has_split;
  }

  const TraceSet& m_set;
  const GroupIndex m_index;
  std::vector<uint32_t> m_class_of;    // by rank
  std::vector<Exchanges> m_exchanges;  // by class of the set
  std::vector<size_t> m_origin;        // class of the set, by class
  bool m_has_absolute_peers = false;
  // Of the round under way.
  std::map<std::pair<std::string, uint32_t>, uint32_t> m_classes_in;  // by group
  std::map<std::set<uint32_t>, uint32_t> m_class_sets;
};

}  // namespace

void SplitClasses(NodeSource& source) {
  std::vector<size_t> origin;
  std::vector<RankClass> classes;
  {
    Splitter splitter(source);
    if (splitter.HasAbsolutePeers()) return;
    splitter.Run();
    origin = splitter.Origin();
    if (origin.size() == source.set.classes.size()) return;
    for (size_t old : origin) classes.push_back({source.set.classes[old].file, {}});
    for (uint32_t rank = 0; rank < source.set.rank_count; ++rank) {
      classes[splitter.ClassOf()[rank]].ranks.push_back(rank);
    }
  }
  if (source.set.has_manifest) {
    std::vector<ClassTotals> totals;
    totals.reserve(origin.size());
    for (size_t old : origin) totals.push_back(source.set.stated_totals[old]);
    source.set.stated_totals = std::move(totals);
  }
  source.set.classes = std::move(classes);
  source.for_each = [origin, for_each = std::move(source.for_each)](size_t rank_class,
                                                                    const NodeSink& sink) {
    for_each(origin[rank_class], sink);
  };
}

}  // namespace ddlsim
