// SPDX-License-Identifier: GPL-2.0-only
//
// The one way to a ClassGraph, from a trace file as from code.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "endpoint/communicator-table.h"
#include "replay/class-graph.h"
#include "replay/duration-model.h"

namespace ddlsim {

class GraphBuilder {
 public:
  // `place` begins every message, for example the file. References outlive the builder.
  GraphBuilder(std::string place, const CommunicatorTable& communicators,
               const DurationModel& durations);

  // Nodes may come in any order. Throws InputError for a group that does not exist, a peer outside
  // the run, or a duration that nothing states.
  void Add(const GraphNode& node);
  // Resolves dependencies. Throws InputError for one on a node that does not exist, a duplicate
  // identifier, a cycle.
  std::unique_ptr<const ClassGraph> Finish();

 private:
  uint64_t DurationPs(const GraphNode& node) const;
  ClassGraph::Communication CommunicationOf(const GraphNode& node) const;
  uint32_t SharesIndex(const MemberShares& shares);
  void ResolveDependencies();
  void LinkDependants();
  std::vector<uint32_t> TopologicalOrder() const;
  void AssignOrders(const std::vector<uint32_t>& topological_order);
  [[noreturn]] void RefuseCycle(const std::vector<uint32_t>& remaining) const;
  std::string Describe(uint32_t node) const;

  const std::string m_place;
  const CommunicatorTable& m_communicators;
  const DurationModel& m_durations;
  std::unique_ptr<ClassGraph> m_graph;
  // Dependencies by node: identifiers until ResolveDependencies(), positions after it.
  std::vector<uint64_t> m_dependencies;
  std::vector<uint64_t> m_first_dependency;
  bool m_is_topological = true;
  std::map<std::pair<bool, std::vector<uint64_t>>, uint32_t> m_shares;
};

}  // namespace ddlsim
