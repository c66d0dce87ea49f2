// SPDX-License-Identifier: MIT
//
// A model from the config.json that Hugging Face's transformers library keeps beside its weights.
#pragma once

#include <string>

#include "workload-gen/architecture/architecture.h"

namespace ddlsim {

// The architecture as pre-training or, for vision, classification runs it. Throws InputError, also
// for a `model_type` or a key that is not known: nothing that may change the work is skipped.
Architecture LoadHfConfig(const std::string& path);

}  // namespace ddlsim
