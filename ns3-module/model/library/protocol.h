// SPDX-License-Identifier: GPL-2.0-only
//
// The protocols by which a collective library moves data between GPUs, after NCCL's: LL stores 4
// bytes of flag beside 4 of data, LL128 8 beside 120, Simple synchronises once per slice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ddlsim {

enum class Protocol : uint8_t { kAuto, kLl, kLl128, kSimple };
constexpr size_t kProtocolCount = 4;

// "auto", "ll", "ll128", "simple".
const char* ProtocolName(Protocol protocol);
// The inverse, in any case of letters as NCCL_PROTO takes them. Throws InputError at `place`.
Protocol ParseProtocol(const std::string& place, const std::string& name);

// How the program that calls the library is built, which decides what a call costs its caller: one
// process per GPU with calls queued back to back (MPI nccl-tests, training), one process that
// drives all GPUs of a node (`nccl-tests -g 8`), or each call timed alone with a synchronisation.
enum class LaunchStyle : uint8_t { kProcessPerGpu, kSingleProcess, kSynchronized };

// "process-per-gpu", "single-process", "synchronized".
const char* LaunchStyleName(LaunchStyle style);
LaunchStyle ParseLaunchStyle(const std::string& place, const std::string& name);

}  // namespace ddlsim
