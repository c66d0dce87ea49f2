// SPDX-License-Identifier: MIT
//
// Which event of the Kineto trace is which operator of the execution graph.
#pragma once

#include <cstddef>
#include <vector>

#include "traces/import/kineto-trace.h"
#include "traces/import/torch-graph.h"

namespace ddlsim {

struct TorchMatch {
  static constexpr size_t kNone = SIZE_MAX;
  // By operator: the index of its event. None only for operators that run within a communication
  // library's own threads, which belong to its communications.
  std::vector<size_t> event_of_operator;
  bool by_record_function = false;  // else by the order of the operators on each thread
  size_t events_outside = 0;        // operators in the Kineto trace before or after the graph
};

// By "Record function id" where the events have it (Kineto); else, for a torch without Kineto, the
// operators of each thread in their order, which must have the same names. Throws InputError for
// an operator without an event, or an event within the graph's time without an operator.
TorchMatch MatchTorch(const TorchGraph& graph, const KinetoTrace& trace);

}  // namespace ddlsim
