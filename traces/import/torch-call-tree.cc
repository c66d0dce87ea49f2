// SPDX-License-Identifier: MIT
#include "traces/import/torch-call-tree.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/input-error.h"
#include "traces/import/torch-names.h"

namespace ddlsim {
namespace {

constexpr size_t kNone = TorchCallTree::kNone;

// "gloo:all_reduce", as c10d's libraries record what they do.
bool IsBackendEvent(const std::string& name) {
  return name.find("::") == std::string::npos && name.find(':') != std::string::npos;
}

class TreeBuilder {
 public:
  explicit TreeBuilder(const TorchGraph& graph) : m_graph(graph), m_operators(graph.operators) {}

  TorchCallTree Run() {
    Relate();
    DropPairedBackendEvents();
    return std::move(m_tree);
  }

 private:
  // Parents, children and, for everything within a communication, its outermost operator.
  void Relate() {
    std::unordered_map<uint64_t, size_t> index_of_id;
    m_tree.children.resize(m_operators.size());
    m_tree.parent.assign(m_operators.size(), kNone);
    m_tree.is_backend_part.assign(m_operators.size(), false);
    m_tree.communication.assign(m_operators.size(), kNone);
    for (size_t i = 0; i < m_operators.size(); ++i) {
      index_of_id[m_operators[i].id] = i;
      size_t parent = m_operators[i].parent == 0 ? kNone : index_of_id[m_operators[i].parent];
      // A library's event in a thread of its own calls nothing that is recorded. PyTorch 1.13 puts
      // below it what another thread begins while it has not ended.
      if (parent != kNone && IsBackendEvent(m_operators[parent].name)) parent = kNone;
      m_tree.parent[i] = parent;
      if (parent != kNone) {
        m_tree.children[parent].push_back(i);
        m_tree.communication[i] = m_tree.communication[parent];
      }
      if (m_tree.communication[i] == kNone && IsTorchCommunication(m_operators[i].name)) {
        m_tree.communication[i] = i;
      }
    }
  }

  // c10d::allreduce_ hands over to a thread that records gloo:all_reduce, sometimes under another
  // parent. It is the same communication if there are as many of both.
  void DropPairedBackendEvents() {
    std::map<std::string, size_t> dispatched, executed;
    for (const TorchOperator& op : m_operators) {
      if (op.name.rfind("c10d::", 0) == 0) ++dispatched[TorchCommunicationKind(op.name)];
      if (IsTorchCommunication(op.name) && IsBackendEvent(op.name)) {
        ++executed[TorchCommunicationKind(op.name)];
      }
    }
    for (size_t i = 0; i < m_operators.size(); ++i) {
      const TorchOperator& op = m_operators[i];
      if (m_tree.communication[i] != i || !IsBackendEvent(op.name)) continue;
      const std::string kind = TorchCommunicationKind(op.name);
      const size_t count = dispatched[kind];
      if (count == 0) continue;
      if (count != executed[kind]) {
        Refuse(i,
               "is one of " + std::to_string(executed[kind]) + " that belong to " +
                   std::to_string(count) + " operators of c10d",
               "record whole steps");
      }
      m_tree.is_backend_part[i] = true;
    }
  }

  [[noreturn]] void Refuse(size_t op, const std::string& problem, const std::string& remedy) const {
    throw InputError(m_graph.path,
                     "operator " + std::to_string(m_operators[op].id) + " '" +
                         Printable(m_operators[op].name) + "' " + problem,
                     remedy);
  }

  const TorchGraph& m_graph;
  const std::vector<TorchOperator>& m_operators;
  TorchCallTree m_tree;
};

}  // namespace

std::vector<const TorchOperator*> TorchCallTree::Below(const TorchGraph& graph, size_t op) const {
  std::vector<const TorchOperator*> below;
  std::vector<size_t> open(children[op].rbegin(), children[op].rend());
  while (!open.empty()) {
    const size_t next = open.back();
    open.pop_back();
    below.push_back(&graph.operators[next]);
    open.insert(open.end(), children[next].rbegin(), children[next].rend());
  }
  return below;
}

TorchCallTree BuildTorchCallTree(const TorchGraph& graph) {
  return TreeBuilder(graph).Run();
}

}  // namespace ddlsim
