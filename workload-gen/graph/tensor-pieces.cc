// SPDX-License-Identifier: MIT
#include "workload-gen/graph/tensor-pieces.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "workload-gen/layers/axes.h"
#include "workload-gen/layers/work-pieces.h"
#include "workload-gen/numbers/arithmetic.h"

namespace ddlsim {
namespace {

using Role = OverlapPlan::Role;

std::string PieceName(const std::string& name, size_t piece) {
  return absl::StrCat(name, ".piece", piece);
}

}  // namespace

void TensorPieces::EmitForward(size_t operation, const std::string& prefix, const NodeIds& inputs,
                               NodeIds& forward) {
  const Operation& emitted = m_model.operations[operation];
  switch (m_plan.RoleOf(operation)) {
    case Role::kGather:
      PassRound(Name(prefix, operation), emitted.forward_exchange->size_bytes, inputs);
      m_readers = m_plan.ReaderCount(operation);
      forward[operation] = m_arrivals.back().front();
      break;
    case Role::kGatheredProduct:
      // The first reader's turn is that of all: piece by piece, so that each runs as early as it
      // can.
      if (m_readers > 0) EmitGathered(operation, prefix, inputs, forward);
      break;
    case Role::kScatteredProduct: {
      m_pieces.clear();
      m_product_inputs = inputs;
      for (const Work& work : CutRows(emitted.forward, m_is_ring ? m_ranks : m_splits)) {
        m_pieces.push_back(m_nodes.Compute(PieceName(Name(prefix, operation), m_pieces.size()),
                                           emitted.operation_class, work, inputs));
      }
      forward[operation] = m_pieces.back();
      break;
    }
    case Role::kScatter:
      forward[operation] = EmitScatter(operation, prefix);
      break;
    case Role::kWhole:
      break;
  }
}

// An all_gather of `size_bytes` round the ring: each rank sends what it has received last, first
// its own rows.
void TensorPieces::PassRound(const std::string& name, uint64_t size_bytes, const NodeIds& own) {
  m_arrivals = {own};
  for (uint32_t piece = 1; piece < m_ranks; ++piece) {
    const uint32_t tag = m_nodes.NextRingTag();
    const std::string piece_name = PieceName(name, piece);
    m_nodes.Copy(piece_name + ".send", kTensorAxis, 1, size_bytes / m_ranks, tag,
                 m_arrivals.back());
    m_arrivals.push_back({m_nodes.Receive(piece_name + ".receive", kTensorAxis, -1,
                                          size_bytes / m_ranks, tag, own)});
  }
}

void TensorPieces::EmitGathered(size_t first, const std::string& prefix, const NodeIds& inputs,
                                NodeIds& forward) {
  std::vector<std::vector<Work>> pieces;
  for (size_t reader = first; reader < first + m_readers; ++reader) {
    pieces.push_back(CutRows(m_model.operations[reader].forward, m_ranks));
  }
  for (uint32_t piece = 0; piece < m_ranks; ++piece) {
    for (size_t i = 0; i < m_readers; ++i) {
      const size_t reader = first + i;
      NodeIds data = m_arrivals[piece];
      // Gathered parameters and the like: the pieces behind follow the first one.
      if (piece == 0) {
        for (uint64_t id : inputs) {
          if (id != m_arrivals.back().front()) AddUnique(data, id);
        }
      }
      forward[reader] =
          m_nodes.Compute(PieceName(Name(prefix, reader), piece),
                          m_model.operations[reader].operation_class, pieces[i][piece], data);
    }
  }
  m_readers = 0;
}

uint64_t TensorPieces::EmitScatter(size_t scatter, const std::string& prefix) {
  const std::string name = Name(prefix, scatter);
  if (m_is_ring) return SendPieces(scatter, name);
  const Exchange& exchange = *m_model.operations[scatter].forward_exchange;
  uint64_t last = NodeStream::kNone;
  for (size_t piece = 0; piece < m_pieces.size(); ++piece) {
    last = m_nodes.Collective(PieceName(name, piece), exchange.axis, exchange.collective,
                              exchange.size_bytes / m_splits, {m_pieces[piece]});
  }
  return last;
}

// Each piece goes straight to the rank whose rows it holds, this rank's own is the last one; then
// each rank adds what it has got.
uint64_t TensorPieces::SendPieces(size_t scatter, const std::string& name) {
  const uint64_t share_bytes = m_model.operations[scatter].forward_exchange->size_bytes / m_ranks;
  NodeIds shares = {m_pieces.back()};
  for (uint32_t piece = 0; piece + 1 < m_ranks; ++piece) {
    const auto offset = static_cast<int32_t>(piece + 1);
    const uint32_t tag = m_nodes.NextRingTag();
    const std::string piece_name = PieceName(name, piece);
    m_nodes.Copy(piece_name + ".send", kTensorAxis, offset, share_bytes, tag, {m_pieces[piece]});
    shares.push_back(m_nodes.Receive(piece_name + ".receive", kTensorAxis, -offset, share_bytes,
                                     tag, m_product_inputs));
  }
  const uint64_t values = share_bytes / m_value_bytes;
  const Work sum{Product({m_ranks - 1, values}), Product({m_ranks + 1, share_bytes}), 1};
  return m_nodes.Compute(name + ".piece_sum", "elementwise", sum, std::move(shares));
}

NodeIds TensorPieces::EmitGather(size_t scatter, const std::string& prefix,
                                 const NodeIds& sources) {
  PassRound(Name(prefix, scatter), m_model.operations[scatter].backward_exchange->size_bytes,
            sources);
  NodeIds all = sources;
  for (const NodeIds& arrival : m_arrivals) {
    for (uint64_t id : arrival) AddUnique(all, id);
  }
  return all;
}

uint64_t TensorPieces::EmitInputGradient(size_t product, const std::string& prefix,
                                         const NodeIds& data) {
  const Operation& operation = m_model.operations[product];
  const std::vector<Work> pieces =
      CutRows(Without(operation.backward, operation.weight_gradient), m_ranks);
  uint64_t last = NodeStream::kNone;
  for (uint32_t piece = 0; piece < m_ranks; ++piece) {
    NodeIds waits_for = m_arrivals[piece];
    if (piece == 0) {
      for (uint64_t id : data) AddUnique(waits_for, id);
    }
    last = m_nodes.Compute(PieceName(Name(prefix, product), piece), operation.operation_class,
                           pieces[piece], std::move(waits_for));
  }
  return last;
}

}  // namespace ddlsim
