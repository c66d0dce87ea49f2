// SPDX-License-Identifier: GPL-2.0-only
#include "library/library-model.h"

#include <algorithm>

namespace ddlsim {
namespace {

constexpr double kBytesPerUs = 1e3;  // of a rate of 1 GB/s
constexpr Protocol kProtocols[] = {Protocol::kLl, Protocol::kLl128, Protocol::kSimple};

uint32_t FloorLog2(uint32_t value) {
  uint32_t log = 0;
  while (value >>= 1) ++log;
  return log;
}

// What the formulas of one call share.
class Formulas {
 public:
  Formulas(const LibraryCall& call, const LibraryParameters& parameters)
      : m_call(call),
        m_parameters(parameters),
        m_gpu(parameters.gpu),
        m_size(static_cast<double>(call.size_bytes)),
        m_ranks(call.rank_count),
        m_nodes(call.node_count),
        m_local((call.rank_count + call.node_count - 1) / call.node_count),
        m_offset_us(call.node_count > 1 ? parameters.fabric.offset_us : 0) {}

  double RingUs(Protocol protocol) const {
    const ProtocolCosts& costs = m_parameters.ring[static_cast<size_t>(protocol)];
    const bool is_all_reduce = m_call.type == CollectiveType::kAllReduce;
    const double rounds = is_all_reduce ? 2 : 1;
    const double steps = rounds * (m_ranks - 1);
    // Of the edges of a ring as many as nodes lead from one to the next.
    const double network_steps = m_nodes > 1 ? rounds * m_nodes * (m_ranks - 1) / m_ranks : 0;
    const double chunk = std::min(m_size / m_ranks, m_gpu.channels * costs.chunk_bytes);
    return costs.base_us - steps * SavingUs(protocol, true) +
           (steps - network_steps) * StepUs(costs) +
           network_steps * m_parameters.fabric.step_scale * costs.network_step_us + m_offset_us +
           (m_size * steps / m_ranks + costs.fill * chunk) / (RingRate(protocol) * kBytesPerUs);
  }

  // Broadcast and reduce: a pipelined chain.
  double ChainUs(Protocol protocol) const {
    const ProtocolCosts& costs = m_parameters.ring[static_cast<size_t>(protocol)];
    const double steps = m_ranks - 1;
    const double network_steps = m_nodes - 1;
    const double chunk = std::min(m_size, m_gpu.channels * m_parameters.broadcast_chunk_bytes);
    return costs.base_us - steps * SavingUs(protocol, false) +
           (steps - network_steps) * StepUs(costs) +
           network_steps * m_parameters.fabric.step_scale * costs.network_step_us + m_offset_us +
           (m_size + m_parameters.broadcast_fill * steps * chunk) /
               (RingRate(protocol) * kBytesPerUs);
  }

  double TreeUs(Protocol protocol) const {
    const ProtocolCosts& ring = m_parameters.ring[static_cast<size_t>(protocol)];
    const TreeCosts& costs = m_parameters.tree[static_cast<size_t>(protocol)];
    const double depth = FloorLog2(m_nodes);
    const double hops = m_local - 1 + depth;
    double rate = m_parameters.tree_rate_share * m_gpu.ring_rate;
    if (m_nodes > 1) rate = std::min(rate, NetworkTreeRate());
    rate *= m_nodes > 1 ? costs.rate_factor : costs.rate_factor_one_node;
    if (protocol == Protocol::kLl) rate = std::min(rate, LlCap() / 2);
    const double chunk = std::min(m_size, m_gpu.channels * costs.chunk_bytes);
    return ring.base_us - 2 * hops * SavingUs(protocol, false) +
           2 * ((m_local - 1) * costs.step_us +
                depth * m_parameters.fabric.step_scale * costs.network_step_us) +
           m_offset_us +
           (m_size + m_parameters.tree_fill * 2 * hops * chunk) / (rate * kBytesPerUs);
  }

  double NvlsUs() const {
    const double loop = NvlsLoopBytes(m_call, m_ranks, false, m_parameters);
    return m_parameters.nvls_base_us +
           (m_size + m_parameters.nvls_loops * loop) / (NvlsRate(m_ranks, m_gpu) * kBytesPerUs);
  }

  double NvlsTreeUs() const {
    const double loop = NvlsLoopBytes(m_call, m_local, true, m_parameters);
    const double rate =
        std::min(m_parameters.nvls_tree_share * NvlsRate(m_local, m_gpu), NetworkTreeRate());
    return m_parameters.nvls_base_us +
           2 * FloorLog2(m_nodes) * m_parameters.fabric.step_scale *
               m_parameters.nvls_tree_step_us +
           m_offset_us + (m_size + m_parameters.nvls_loops * loop) / (rate * kBytesPerUs);
  }

  // SHARP: latency of NVLS and of one tree step.
  double InNetworkUs() const {
    return m_parameters.nvls_base_us + m_parameters.nvls_tree_step_us +
           m_size / (InNetworkRate(m_call, m_parameters) * kBytesPerUs);
  }

  bool HasNvls() const { return m_gpu.nvls_rate > 0 && m_local >= 4; }

 private:
  double SavingUs(Protocol protocol, bool divides_by_ranks) const {
    return StepSavingUs(m_call, protocol, divides_by_ranks, m_parameters);
  }

  double StepUs(const ProtocolCosts& costs) const {
    return m_nodes > 1 ? std::max(costs.step_us, costs.step_floor_us) : costs.step_us;
  }

  double LlCap() const {
    return m_nodes > 1 ? std::min(m_gpu.ll_cap, m_parameters.fabric.ll_cap) : m_gpu.ll_cap;
  }

  double RingRate(Protocol protocol) const {
    double rate = m_gpu.ring_rate;
    const double network = m_parameters.fabric.ring_share * m_call.nic_rate;
    if (protocol == Protocol::kLl) {
      rate = std::min(LlCap(), rate / 2);
      return m_nodes > 1 ? std::min(rate, network / 2) : rate;
    }
    if (protocol == Protocol::kLl128) rate *= m_gpu.ll128_share;
    if (m_nodes > 1) {
      rate = std::min(rate, protocol == Protocol::kLl128 ? network * 15 / 16 : network);
    }
    const bool gathers =
        m_call.type == CollectiveType::kAllGather || m_call.type == CollectiveType::kReduceScatter;
    return gathers ? rate * m_parameters.gather_factor : rate;
  }

  // With two nodes each sends all of the data once, with more a node in the middle sends it twice.
  double NetworkTreeRate() const {
    return m_parameters.fabric.tree_share * m_call.nic_rate * (m_nodes == 2 ? 1 : 0.5);
  }

  const LibraryCall& m_call;
  const LibraryParameters& m_parameters;
  const GpuRates& m_gpu;
  const double m_size;
  const uint32_t m_ranks;
  const uint32_t m_nodes;
  const uint32_t m_local;  // ranks per node
  const double m_offset_us;
};

void AddAllReduce(const LibraryCall& call, const Formulas& formulas, double nvls_channels,
                  std::vector<LibraryChoice>& choices) {
  for (Protocol protocol : kProtocols) {
    choices.push_back({Algorithm::kTree, protocol, 0, formulas.TreeUs(protocol)});
  }
  if (call.node_count > 1) {
    choices.push_back({Algorithm::kInNetwork, Protocol::kSimple, 0, formulas.InNetworkUs()});
  }
  if (!formulas.HasNvls()) return;
  const bool is_tree = call.node_count > 1;
  choices.push_back({is_tree ? Algorithm::kNvlsTree : Algorithm::kNvls, Protocol::kSimple,
                     static_cast<uint32_t>(nvls_channels),
                     is_tree ? formulas.NvlsTreeUs() : formulas.NvlsUs()});
}

}  // namespace

std::vector<LibraryChoice> LibraryCandidates(const LibraryCall& call,
                                             const LibraryParameters& parameters) {
  std::vector<LibraryChoice> choices;
  if (call.rank_count < 2) return choices;
  const Formulas formulas(call, parameters);
  const GpuRates& gpu = parameters.gpu;
  switch (call.type) {
    case CollectiveType::kAllReduce:
      AddAllReduce(call, formulas,
                   call.node_count > 1 ? gpu.nvls_channels_multi : gpu.nvls_channels, choices);
      [[fallthrough]];
    case CollectiveType::kAllGather:
    case CollectiveType::kReduceScatter:
      for (Protocol protocol : kProtocols) {
        choices.push_back({Algorithm::kRing, protocol, 0, formulas.RingUs(protocol)});
      }
      break;
    case CollectiveType::kBroadcast:
    case CollectiveType::kReduce:
      for (Protocol protocol : kProtocols) {
        choices.push_back({Algorithm::kRing, protocol, 0, formulas.ChainUs(protocol)});
      }
      break;
    case CollectiveType::kAllToAll:
    case CollectiveType::kGather:
    case CollectiveType::kScatter:  // grouped sends and receives: library/peer-plan.h
    case CollectiveType::kBarrier:
      break;
  }
  for (LibraryChoice& choice : choices) {
    if (choice.channels == 0) {
      choice.channels = RingChannels(choice.protocol, call.size_bytes, call.rank_count,
                                     static_cast<uint32_t>(gpu.channels));
    }
  }
  return choices;
}

double WithLaunch(double kernel_us, uint32_t channels, LaunchStyle style,
                  const LaunchCosts& costs) {
  switch (style) {
    case LaunchStyle::kProcessPerGpu:
      return std::max(costs.floor_us, kernel_us);
    case LaunchStyle::kSingleProcess:
      return std::max(costs.single_floor_us + costs.single_channel_us * channels, kernel_us);
    case LaunchStyle::kSynchronized:
      return costs.synchronized_us + kernel_us;
  }
  return kernel_us;
}

GpuRates WithChannels(const GpuRates& gpu, uint32_t channels_max) {
  GpuRates limited = gpu;
  if (channels_max == 0) return limited;
  const auto limit = [channels_max](double& channels) {
    const double before = channels;
    channels = std::min<double>(channels, channels_max);
    return channels / before;
  };
  const double share = limit(limited.channels);
  limited.ring_rate *= share;
  limited.ll_cap *= share;
  const double nvls_share = limit(limited.nvls_channels);
  limit(limited.nvls_channels_multi);
  limited.nvls_rate *= nvls_share;
  return limited;
}

// A GPU moves (n+1)/n of the data each way; the rate is known of eight.
double NvlsRate(uint32_t ranks, const GpuRates& gpu) {
  const double n = ranks;
  if (ranks >= 8) return gpu.nvls_rate * n / (2 * (n - 1));
  return gpu.nvls_rate * 8 / 14 * (9.0 / 8) / ((n + 1) / n);
}

// Where GPUs add up themselves, their rings' rate takes the place of NVLS's.
double InNetworkRate(const LibraryCall& call, const LibraryParameters& parameters) {
  const uint32_t local = (call.rank_count + call.node_count - 1) / call.node_count;
  const GpuRates& gpu = parameters.gpu;
  const double inside = gpu.nvls_rate > 0 && local >= 4 ? NvlsRate(local, gpu) : gpu.ring_rate;
  return parameters.in_network_nvls_share *
         std::min(inside, parameters.in_network_share * call.nic_rate);
}

// Thresholds per channel: bytes per thread times threads.
uint32_t RingChannels(Protocol protocol, uint64_t size_bytes, uint32_t rank_count,
                      uint32_t channels) {
  uint64_t threshold_bytes = uint64_t{512} * 64;
  if (protocol == Protocol::kLl) threshold_bytes = uint64_t{512} * 8 * rank_count;
  if (protocol == Protocol::kLl128) threshold_bytes = uint64_t{640} * 8;
  const uint64_t wanted = size_bytes / threshold_bytes;
  return static_cast<uint32_t>(std::max<uint64_t>(1, std::min<uint64_t>(wanted, channels)));
}

double StepSavingUs(const LibraryCall& call, Protocol protocol, bool divides_by_ranks,
                    const LibraryParameters& parameters) {
  constexpr uint64_t kThreads = 512;
  constexpr uint64_t kBytesPerThread = 8;
  const ProtocolCosts& costs = parameters.ring[static_cast<size_t>(protocol)];
  const uint32_t channels = RingChannels(protocol, call.size_bytes, call.rank_count,
                                         static_cast<uint32_t>(parameters.gpu.channels));
  const uint64_t parts = uint64_t{channels} * (divides_by_ranks ? call.rank_count : 1);
  const uint64_t threads =
      std::clamp(call.size_bytes / parts / kBytesPerThread, uint64_t{1}, kThreads);
  return costs.doubling_us * (FloorLog2(kThreads) - FloorLog2(static_cast<uint32_t>(threads)));
}

double NvlsLoopBytes(const LibraryCall& call, uint32_t heads, bool is_tree,
                     const LibraryParameters& parameters) {
  const GpuRates& gpu = parameters.gpu;
  const double size = static_cast<double>(call.size_bytes);
  const double lanes =
      (is_tree ? gpu.nvls_channels_multi : gpu.nvls_channels) * std::min<uint32_t>(heads, 32);
  double chunk = 128 << 10;
  if (is_tree) {
    if (call.node_count >= 4 || gpu.nvls_channels_multi > 16) chunk = 64 << 10;
    if (chunk > 64 << 10 && size < 4 * lanes * chunk) chunk = 64 << 10;
    if (chunk > 32 << 10 && size < lanes * chunk) chunk = 32 << 10;
  } else {
    if (size < 64 * lanes * chunk) chunk = 64 << 10;
    if (chunk == 64 << 10 && size < 8 * lanes * chunk) chunk = 32 << 10;
    if (chunk == 32 << 10 && size < 2 * lanes * chunk) chunk = 16 << 10;
  }
  return std::min(size, lanes * chunk);
}

}  // namespace ddlsim
