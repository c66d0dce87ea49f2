// SPDX-License-Identifier: MIT
//
// JSON from untrusted files: bounded in bytes, depth and number of values.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace ddlsim {

// The whole of a regular file. Throws InputError (place PATH), also above `size_max_bytes`.
std::string ReadSmallFile(const std::string& path, size_t size_max_bytes);

// Throws InputError with place "PLACE:LINE".
nlohmann::json ParseBoundedJson(const std::string& place, const std::string& text);

// Where a JSON error is: "PLACE:LINE", from the error's byte position (1 for the first byte).
std::string JsonPlace(const std::string& place, const std::string& text, size_t byte);

}  // namespace ddlsim
