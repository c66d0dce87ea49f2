// SPDX-License-Identifier: MIT
//
// A made-up run: data-parallel training of a small model, gradients all-reduced in buckets behind
// the backward pass, on a two-level network. The figures are plausible and the same on every
// machine; they are no simulation.
#pragma once

#include <cstdint>
#include <string>

#include "results/run-recorder.h"

namespace ddlsim {

struct SampleOptions {
  uint32_t ranks = 16;
  RunStatus status = RunStatus::kFinished;
  bool has_records = true;         // false: a run in which nothing has completed
  bool has_hostile_names = false;  // names with commas, quotes, line breaks, bytes that are no text
};

constexpr uint32_t kSampleLayers = 12;
constexpr uint32_t kSampleHostsPerLeaf = 4;

// Records the run into ROOT/NAME and finishes it. Returns what the run would print.
std::string WriteSampleRun(const std::string& root, const std::string& name,
                           const SampleOptions& options);

// A number in [0, limit), the same for the same arguments.
uint64_t SampleNoise(uint64_t a, uint64_t b, uint64_t limit);

// The messages of one ring all-reduce that lasts from start_ps to end_ps, to the recorder.
void RecordRingFlows(RunRecorder& recorder, uint32_t ranks, uint64_t size_bytes, uint64_t start_ps,
                     uint64_t end_ps);
// Links and queues of leaves and spines that have carried `bytes_per_host`.
void AddNetwork(RunOutcome& outcome, uint32_t hosts, uint64_t bytes_per_host);

}  // namespace ddlsim
