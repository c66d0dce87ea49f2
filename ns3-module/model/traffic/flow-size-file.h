// SPDX-License-Identifier: GPL-2.0-only
//
// Flow sizes from a user's file: a line per point, "SIZE_BYTES PERCENT_OF_FLOWS_AT_OR_BELOW", sizes
// and shares rising up to 100. What follows a '#' is a comment. Files of the HPCC authors' traffic
// generator are of this form.
#pragma once

#include <string>

#include "traffic/flow-size-distribution.h"

namespace ddlsim {

// Throws InputError (FILE:LINE); `place` is that of a file that cannot be read.
FlowSizeDistribution ReadFlowSizeFile(const std::string& place, const std::string& path);

}  // namespace ddlsim
