// SPDX-License-Identifier: GPL-2.0-only
//
// Where each rank runs: which GPU of which host. Immutable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddlsim {

struct RankPlacement {
  uint32_t host = 0;
  uint32_t gpu = 0;  // within the host
};

class RankMap {
 public:
  static constexpr uint32_t kGpusPerHostMax = 256;

  // Rank r on GPU r mod g of host r / g. Throws InputError for g = 0 or above kGpusPerHostMax.
  RankMap(uint32_t rank_count, uint32_t gpus_per_host);
  // One placement per rank. Throws InputError where two ranks share a GPU.
  explicit RankMap(std::vector<RankPlacement> placements);

  uint32_t RankCount() const { return static_cast<uint32_t>(m_placements.size()); }
  uint32_t HostCount() const { return static_cast<uint32_t>(m_first_slot.size()) - 1; }
  uint32_t HostOf(uint32_t rank) const { return m_placements[rank].host; }
  uint32_t GpuOf(uint32_t rank) const { return m_placements[rank].gpu; }
  // The rank on a GPU that has one.
  uint32_t RankAt(uint32_t host, uint32_t gpu) const {
    return m_rank_of_slot[m_first_slot[host] + gpu];
  }

 private:
  void Index();

  std::vector<RankPlacement> m_placements;
  std::vector<uint32_t> m_first_slot;    // by host, and one past the last
  std::vector<uint32_t> m_rank_of_slot;  // by host and GPU; UINT32_MAX where there is no rank
};

}  // namespace ddlsim
