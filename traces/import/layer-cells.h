// SPDX-License-Identifier: MIT
//
// What single cells of a layer table say. All throw InputError (place `place`).
#pragma once

#include <cstdint>
#include <string>

#include "traces/import/layer-table.h"

namespace ddlsim {

constexpr size_t kLayersMax = 1 << 20;

// A decimal number of `unit_ps` picoseconds, as LayerTable has it.
uint64_t LayerTimeNs(const std::string& place, const std::string& text, uint64_t unit_ps);

// "ALLREDUCE", "all_reduce" and so on with a size in bytes, or "NONE" with 0.
LayerCommunication ParseLayerCommunication(const std::string& place, const std::string& type,
                                           const std::string& size);

// The two formats. `text` is the whole of the file `path`.
LayerTable ReadLayerText(const std::string& path, const std::string& text, uint64_t time_unit_ps);
LayerTable ReadLayerCsv(const std::string& path, const std::string& text);

}  // namespace ddlsim
