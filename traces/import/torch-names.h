// SPDX-License-Identifier: MIT
//
// What PyTorch calls communications and types of elements.
#pragma once

#include <cstdint>
#include <string>

namespace ddlsim {

// The kind of communication that "c10d::allreduce_", "gloo:all_reduce" and "nccl:all_reduce" share,
// "all_reduce"; the name without its prefix where it is unknown.
std::string TorchCommunicationKind(const std::string& name);

// Whether `name`, in any of its spellings, is a known kind.
bool IsTorchCommunicationKind(const std::string& name);

// Of "Float", "BFloat16" and so on (c10::ScalarType); 0 for one that is unknown.
uint64_t TorchElementBytes(const std::string& type);

}  // namespace ddlsim
