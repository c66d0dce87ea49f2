// SPDX-License-Identifier: GPL-2.0-only
//
// What the XML of MSCCL says: programs of thread blocks. (Cowan et al., "MSCCLang: Microsoft
// Collective Communication Language", ASPLOS 2023, section 5; the elements and attributes that its
// runtime reads.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "collective/schedule.h"

namespace ddlsim {

enum class MscclBuffer : uint8_t { kInput, kOutput, kScratch };

struct MscclRange {
  MscclBuffer buffer = MscclBuffer::kInput;
  uint32_t offset = 0;  // in chunks
};

// One <step>. Receive first, then add or copy, then send; several of them in the fused ones.
struct MscclStep {
  bool receives = false;
  bool sends = false;
  bool copies = false;   // locally, source to target
  bool reduces = false;  // what comes (or the source) is added to what is there
  bool stores = true;    // rrs: what it adds up is sent and not kept
  MscclRange source;
  MscclRange target;
  uint32_t count = 0;
  // The step of another thread block that has to be over; `depends_on_block` is an index into
  // MscclGpu::blocks, below 0: none.
  int32_t depends_on_block = -1;
  uint32_t depends_on_step = 0;
  size_t place_bytes = 0;  // in the file
};

struct MscclBlock {
  int32_t id = 0;
  int32_t send_peer = -1;
  int32_t receive_peer = -1;
  uint32_t channel = 0;
  std::vector<MscclStep> steps;
};

struct MscclGpu {
  uint32_t input_chunks = 0;
  uint32_t output_chunks = 0;
  uint32_t scratch_chunks = 0;
  std::vector<MscclBlock> blocks;
};

struct MscclProgram {
  CollectiveType type = CollectiveType::kAllReduce;
  uint32_t chunk_count = 1;
  bool in_place = false;
  std::vector<MscclGpu> gpus;
};

}  // namespace ddlsim
