// SPDX-License-Identifier: MIT
//
// Schedules as text and back.
#pragma once

#include <memory>
#include <string>

#include "collective/schedule.h"

namespace ddlsim {

// `schedule` of `spec` in the project's JSON, one byte being one chunk.
std::string JsonOf(const CollectiveSpec& spec, const Schedule& schedule);

// Through a file that is gone afterwards.
std::unique_ptr<Schedule> LoadText(const std::string& text, const CollectiveSpec& spec);

// what() of the InputError, with FILE for the file's path; "no error" if there is none.
std::string LoadError(const std::string& text, const CollectiveSpec& spec);

// How many of 500 copies of the text, each with a few places overwritten by one of the letters, cut
// out or doubled, are refused; the others load.
int RefusedWhenDamaged(const std::string& text, const CollectiveSpec& spec,
                       const std::string& letters, uint64_t seed);

CollectiveSpec FileSpec(CollectiveType type, uint32_t rank_count, uint64_t size_bytes);

}  // namespace ddlsim
