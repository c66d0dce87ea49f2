// SPDX-License-Identifier: MIT
//
// Rank classes fine enough for one rank of each to stand for all of it.
#pragma once

#include "workload-gen/describe/node-source.h"

namespace ddlsim {

// Ranks with the same graph may have peers with different ones: where the experts of some ranks get
// more tokens, or some ranks are slower. Splits classes until all ranks of each exchange messages
// with ranks of the same classes, and share groups with ranks of the same set of classes. Leaves
// sets alone whose messages name ranks by number: there each rank has a class of its own.
void SplitClasses(NodeSource& source);

}  // namespace ddlsim
