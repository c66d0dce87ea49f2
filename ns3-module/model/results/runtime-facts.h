// SPDX-License-Identifier: GPL-2.0-only
//
// runtime.json: what depends on the machine. The only file that may differ between two runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "results/result-folder.h"

namespace ddlsim {

struct RuntimeFacts {
  double cpu_s = 0.0;  // user and system time of the whole process
  double wall_s = 0.0;
  uint64_t max_rss_bytes = 0;  // largest resident memory of the process
  uint64_t events = 0;         // executed by the engine
  uint64_t data_packet_hops = 0;
};

// The process so far; `started` is when the program began.
RuntimeFacts MeasureRuntime(std::chrono::steady_clock::time_point started, uint64_t events,
                            uint64_t data_packet_hops);

// Per CPU second; 0 where no CPU time was measured.
double EventsPerCpuSecond(const RuntimeFacts& facts);
double DataPacketHopsPerCpuSecond(const RuntimeFacts& facts);

std::string RuntimeJson(const RuntimeFacts& facts);
void WriteRuntime(ResultFolder& folder, const RuntimeFacts& facts);

}  // namespace ddlsim
