// SPDX-License-Identifier: MIT
#include <algorithm>

#include "sample-run.h"

namespace ddlsim {
namespace {

constexpr uint64_t kRateBps = 400000000000;
constexpr uint64_t kDelayPs = 500000;
constexpr uint64_t kPayloadBytes = 4096;
constexpr uint64_t kFrameBytes = kPayloadBytes + 62;
constexpr uint32_t kSpines = 4;
constexpr uint32_t kFlowStepsMax = 64;  // of a ring of 1,024 ranks there would be 2,046

std::string HostName(uint32_t host) {
  return "host-" + std::to_string(host);
}
std::string LeafName(uint32_t leaf) {
  return "leaf-" + std::to_string(leaf);
}
std::string SpineName(uint32_t spine) {
  return "spine-" + std::to_string(spine);
}

void AddDirection(RunOutcome& outcome, const std::string& from, const std::string& to,
                  uint32_t port, uint64_t bytes) {
  const uint64_t noise = SampleNoise(outcome.links.size(), bytes, 100);
  LinkRecord link;
  link.link = from < to ? from + "--" + to : to + "--" + from;
  link.source = from;
  link.destination = to;
  link.rate_bps = kRateBps;
  link.delay_ps = kDelayPs;
  link.data_frames = bytes / kFrameBytes;
  link.frames = link.data_frames * 2;
  link.bytes = link.data_frames * (kFrameBytes + 66);
  link.busy_ps = (link.bytes + 20 * link.frames) * 20;  // 20 ps a byte at 400 Gb/s
  link.lost_frames = noise < 10 ? noise : 0;
  outcome.links.push_back(link);

  QueueRecord queue;
  queue.node = from;
  queue.port = port;
  queue.peer = to;
  queue.capacity_bytes = from.front() == 'h' ? 0 : 32u << 20;
  queue.max_queue_bytes = std::min<uint64_t>(bytes, noise * 4 * kFrameBytes);
  queue.ecn_marked_frames = noise > 90 ? noise : 0;
  outcome.queues.push_back(queue);
}

}  // namespace

uint64_t SampleNoise(uint64_t a, uint64_t b, uint64_t limit) {
  uint64_t x = a * 0x9e3779b97f4a7c15 + b * 0xbf58476d1ce4e5b9 + 0x94d049bb133111eb;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return (x ^ (x >> 31)) % limit;
}

void RecordRingFlows(RunRecorder& recorder, uint32_t ranks, uint64_t size_bytes, uint64_t start_ps,
                     uint64_t end_ps) {
  const uint32_t steps = std::min(2 * (ranks - 1), kFlowStepsMax);
  const uint64_t step_ps = (end_ps - start_ps) / steps;
  for (uint32_t step = 0; step < steps; ++step) {
    for (uint32_t rank = 0; rank < ranks; ++rank) {
      FlowRecord flow;
      flow.src_host = rank;
      flow.dst_host = (rank + 1) % ranks;
      flow.size_bytes = size_bytes / ranks;
      const uint64_t frames = flow.size_bytes / kPayloadBytes + 1;
      flow.ideal_ps = (flow.size_bytes + 82 * frames) * 20 + 2 * kDelayPs;
      flow.start_ps = start_ps + step * step_ps;
      const uint64_t noise = SampleNoise(rank, flow.start_ps, 1000);
      const uint64_t late_ps = flow.ideal_ps / 100 * (noise % 12) + noise * 101;
      flow.end_ps = flow.start_ps + flow.ideal_ps + late_ps;
      if (noise == 0) flow.retransmitted_packets = 3;
      if (noise == 0) flow.end_ps += 4 * flow.ideal_ps;
      recorder.OnFlow(flow);
    }
  }
}

void AddNetwork(RunOutcome& outcome, uint32_t hosts, uint64_t bytes_per_host) {
  for (uint32_t host = 0; host < hosts; ++host) {
    const uint32_t leaf = host / kSampleHostsPerLeaf;
    const uint32_t port = host % kSampleHostsPerLeaf;
    AddDirection(outcome, HostName(host), LeafName(leaf), 0, bytes_per_host);
    AddDirection(outcome, LeafName(leaf), HostName(host), port, bytes_per_host);
  }
  const uint32_t leaves = (hosts + kSampleHostsPerLeaf - 1) / kSampleHostsPerLeaf;
  for (uint32_t leaf = 0; leaf < leaves; ++leaf) {
    // A ring leaves each leaf once; path selection puts its flow on one spine.
    const uint32_t chosen = static_cast<uint32_t>(SampleNoise(leaf, 7, kSpines));
    for (uint32_t spine = 0; spine < kSpines; ++spine) {
      const uint64_t bytes = spine == chosen ? bytes_per_host : bytes_per_host / 40;
      AddDirection(outcome, LeafName(leaf), SpineName(spine), kSampleHostsPerLeaf + spine, bytes);
      AddDirection(outcome, SpineName(spine), LeafName(leaf), leaf, bytes / 2);
    }
  }
  for (const LinkRecord& link : outcome.links) {
    outcome.summary.data_packet_hops += link.data_frames;
    outcome.summary.lost_packets += link.lost_frames;
    if (link.source.front() == 'h') outcome.summary.data_packets += link.data_frames;
  }
  for (const QueueRecord& queue : outcome.queues) {
    outcome.summary.ecn_marked_packets += queue.ecn_marked_frames;
  }
  outcome.summary.retransmitted_packets = outcome.summary.lost_packets;
}

}  // namespace ddlsim
