// SPDX-License-Identifier: GPL-2.0-only
//
// Looks at queues and queue pairs at intervals of simulated time and writes what it sees. It asks,
// and changes nothing: all other files are the same bytes without it.
#ifndef DDL_RUN_SAMPLER_H
#define DDL_RUN_SAMPLER_H

#include <cstdint>
#include <vector>

#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "results/sample-writer.h"

namespace ddlsim {

class RunSampler {
 public:
  // All outlive the sampler.
  RunSampler(Fabric& fabric, const RdmaNic& nic, SampleWriter& writer, uint64_t interval_ps);

  // One look, now. Returns when the next is due: a multiple of the interval, or never when a file
  // is full. While nothing is queued or under way, looks are left out until something happens.
  uint64_t Sample();

  // When the samples ended because a file was full; kNeverPs: they did not.
  uint64_t FullPs() const { return m_full_ps; }

 private:
  bool SampleQueues();
  bool SampleFlows();

  Fabric& m_fabric;
  const RdmaNic& m_nic;
  SampleWriter& m_writer;
  const uint64_t m_interval_ps;
  uint64_t m_last_ps = 0;
  uint64_t m_full_ps = kNeverPs;
  std::vector<uint32_t> m_port_numbers;         // within their nodes, by port
  std::vector<uint64_t> m_acknowledged_offset;  // at the sample before, by queue pair
};

}  // namespace ddlsim

#endif /* DDL_RUN_SAMPLER_H */
