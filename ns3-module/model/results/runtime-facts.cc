// SPDX-License-Identifier: GPL-2.0-only
#include "results/runtime-facts.h"

#include <sys/resource.h>

#include "results/json-object.h"

namespace ddlsim {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double PerSecond(uint64_t count, double time_s) {
  return time_s > 0.0 ? static_cast<double>(count) / time_s : 0.0;
}

}  // namespace

RuntimeFacts MeasureRuntime(std::chrono::steady_clock::time_point started, uint64_t events,
                            uint64_t data_packet_hops) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  RuntimeFacts facts;
  facts.cpu_s = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  facts.wall_s = wall.count();
  facts.max_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts KiB
  facts.events = events;
  facts.data_packet_hops = data_packet_hops;
  return facts;
}

double EventsPerCpuSecond(const RuntimeFacts& facts) {
  return PerSecond(facts.events, facts.cpu_s);
}

double DataPacketHopsPerCpuSecond(const RuntimeFacts& facts) {
  return PerSecond(facts.data_packet_hops, facts.cpu_s);
}

std::string RuntimeJson(const RuntimeFacts& facts) {
  JsonObject json;
  json.AddFixed("cpu_s", facts.cpu_s, 6);
  json.AddFixed("wall_s", facts.wall_s, 6);
  json.AddUint("max_rss_bytes", facts.max_rss_bytes);
  json.AddUint("events", facts.events);
  json.AddFixed("events_per_cpu_s", EventsPerCpuSecond(facts), 0);
  json.AddFixed("data_packet_hops_per_cpu_s", DataPacketHopsPerCpuSecond(facts), 0);
  return json.Text();
}

void WriteRuntime(ResultFolder& folder, const RuntimeFacts& facts) {
  folder.Write("runtime.json", RuntimeJson(facts));
}

}  // namespace ddlsim
