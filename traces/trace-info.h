// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "traces/trace-set.h"

namespace ddlsim {

// A page of text for people: ranks, classes, groups, nodes by type, bytes by collective, compute
// time. Reads every file of the set. Throws InputError as TraceReader does.
std::string DescribeTraceSet(const TraceSet& set);

}  // namespace ddlsim
