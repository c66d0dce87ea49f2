// SPDX-License-Identifier: MIT
//
// The events of torch.profiler's Chrome trace (Kineto) of one rank, as far as they say when an
// operator or a GPU kernel ran.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ddlsim {

enum class KinetoKind : uint8_t { kOperator, kLaunch, kGpuWork };

struct KinetoEvent {
  static constexpr uint64_t kNone = UINT64_MAX;

  KinetoKind kind = KinetoKind::kOperator;
  std::string name;
  std::string category;  // as in the file; empty in traces of a torch without Kineto
  std::string lane;      // thread of the host, or device and stream
  uint64_t start_ns = 0;
  uint64_t duration_ns = 0;
  uint64_t record_function_id = kNone;
  uint64_t external_id = kNone;
  uint64_t correlation = kNone;

  uint64_t EndNs() const { return start_ns + duration_ns; }
};

struct KinetoTrace {
  std::string path;
  std::vector<KinetoEvent> events;  // by start; those of one start in the order of the file
  // Categories whose events were taken for computations although nothing is known about them.
  std::vector<std::string> unknown_categories;
  uint64_t rank = KinetoEvent::kNone;  // if the file states it
};

// Treats the file as hostile. Throws InputError: syntax, a missing time, and an event of an unknown
// category unless `allow_unknown`, which takes it for work of a GPU and names its category.
KinetoTrace ReadKinetoTrace(const std::string& path, bool allow_unknown);

}  // namespace ddlsim
