// SPDX-License-Identifier: MIT
//
// Reads a large JSON file, gzip or plain, one element of its top-level arrays at a time, so that
// memory follows the largest element and not the file.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace ddlsim {

// Of a file that is an object: `handle(key, value)` for every key, but for a key whose value is an
// array, `handle(key, element)` for every element instead. Of a file that is an array: the same
// with an empty key. Numbers with a fraction or exponent come as strings with their own text, so
// that times keep all their digits. `place` is "PATH:LINE" and holds during the call.
using JsonElementHandler =
    std::function<void(const std::string& key, nlohmann::json&& value, const std::string& place)>;

// Treats the file as hostile: an element has at most 64 levels and 2^20 values. Throws InputError
// with place "PATH:LINE".
void ReadJsonElements(const std::string& path, const JsonElementHandler& handle);

}  // namespace ddlsim
