// SPDX-License-Identifier: MIT
//
// Buffers that ZeRO needs because a rank keeps a share only: whole gradients before they are
// reduced (stages 2 and 3), parameters that are gathered (stage 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "workload-gen/graph/gradient-sync.h"
#include "workload-gen/graph/parameter-gathering.h"
#include "workload-gen/graph/stage-cut.h"
#include "workload-gen/memory/pass-memory.h"

namespace ddlsim {

class ShareMemory {
 public:
  ShareMemory(const StagePart& part, const DataParallelPlan& plan);

  void BeginPass(bool is_backward);
  // The operations of the next block begin: drops its predecessor's parameters, gathers ahead.
  void EnterUnit(PassRecorder& recorder);
  // A buffer lives from the first gradient in it until the next one is complete: so long it may be
  // on the network.
  void OnGradient(size_t operation, PassRecorder& recorder);
  void EndPass(PassRecorder& recorder);

 private:
  struct Buffer {
    uint64_t size_bytes = 0;
    size_t producers = 0;
    size_t seen = 0;
  };

  void AddBuckets(const StagePart& part, const DataParallelPlan& plan);
  void AddUnits(const StagePart& part, const DataParallelPlan& plan);
  uint64_t& GatheredAt(size_t position);

  const size_t m_prefetch;
  std::vector<Buffer> m_buffers;
  std::vector<std::vector<size_t>> m_buffers_of;  // by operation
  std::optional<size_t> m_in_flight;
  std::vector<uint64_t> m_unit_bytes;  // that are gathered; of ZeRO 3
  bool m_is_backward = false;
  size_t m_entered = 0;
  size_t m_gathered = 0;  // units of this pass
};

}  // namespace ddlsim
