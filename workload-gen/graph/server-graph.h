// SPDX-License-Identifier: MIT
//
// The execution graph of a parameter server (Li et al. 2014, Scaling Distributed Machine Learning
// with the Parameter Server): it keeps some of the buckets of parameters, receives the workers'
// gradients, updates, and sends the parameters back.
//
// Synchronous: one update of the workers' sum per iteration. Asynchronous: one per worker, as its
// gradients come; a worker gets its parameters back once all workers have sent those of `staleness`
// iterations before (bounded staleness, Ho et al. 2013), so that none is further ahead.
#pragma once

#include <cstdint>
#include <vector>

#include "workload-gen/graph/gradient-buckets.h"
#include "workload-gen/graph/node-stream.h"
#include "workload-gen/graph/training-graph.h"

namespace ddlsim {

// Of server `server`, from 0; its rank is that of the workers' number plus `server`.
IterationTotals EmitServerGraph(const TrainingPlan& plan, uint32_t server, const NodeSink& sink);

}  // namespace ddlsim
