// SPDX-License-Identifier: MIT
//
// Readers of one `model_type` each. They fill in shape, sequence_length, sequence_max and batch,
// and throw InputError.
#pragma once

#include "workload-gen/architecture/architecture.h"
#include "workload-gen/huggingface/hf-keys.h"

namespace ddlsim {

constexpr uint64_t kHfLayersMax = 10000;
constexpr const char* kHfUseYaml = "describe the model in a YAML file (--model)";

// The width of a head, where the heads share `hidden`.
uint64_t HfHeadDimension(const HfKeys& keys, const char* heads_key, uint64_t heads,
                         uint64_t hidden);

void ReadLlama(HfKeys& keys, Architecture& model);
void ReadMistral(HfKeys& keys, Architecture& model);
void ReadMixtral(HfKeys& keys, Architecture& model);
void ReadQwen2(HfKeys& keys, Architecture& model);
void ReadQwen2Moe(HfKeys& keys, Architecture& model);
void ReadQwen3(HfKeys& keys, Architecture& model);
void ReadQwen3Moe(HfKeys& keys, Architecture& model);
void ReadDeepSeek(HfKeys& keys, Architecture& model);

}  // namespace ddlsim
