// SPDX-License-Identifier: MIT
//
// Reads the part of a host preset that says how its GPUs are joined.
#pragma once

#include <cstdint>

#include "hardware/host.h"
#include "hardware/yaml-map.h"

namespace ddlsim {

// `map`: the value of 'scale_up', of a host of `gpu_count` GPUs. Throws InputError.
ScaleUp ReadScaleUp(const YamlMap& map, uint32_t gpu_count);

}  // namespace ddlsim
