// SPDX-License-Identifier: GPL-2.0-only
//
// Collective algorithms of a user's own, from a file: JSON of this project or the XML of MSCCL.
// docs/collectives.md has both formats.
#pragma once

#include <memory>
#include <string>

#include "collective/schedule.h"

namespace ddlsim {

// Reads the file, checks on symbolic data that it does what `spec` asks for, and returns it as a
// schedule for that size. Throws InputError: place PATH, with line or element, for a file that
// cannot be read, is malformed, too large, for another collective or group, or wrong (with which
// rank lacks what); place "--size" for a size that is no multiple of the file's chunks.
// `spec.algorithm` and `spec.local_size` are not looked at. The check takes as long as the
// algorithm has chunks and ranks: callers keep what they load.
std::unique_ptr<Schedule> LoadScheduleFile(const std::string& path, const CollectiveSpec& spec);

}  // namespace ddlsim
