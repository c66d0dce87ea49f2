// SPDX-License-Identifier: GPL-2.0-only
//
// Frames in flight: one cache line each, addressed by a 32-bit index, from a free list.
#pragma once

#include <cstdint>

namespace ddlsim {

// Foreign frames are of a stack beside the NICs' own (nic/foreign-traffic.h). The numbers enter
// random draws.
enum class FrameType : uint8_t { kData, kAck, kNak, kCnp, kPause, kForeignData, kForeignControl };

// Data and foreign data.
constexpr bool HasPayload(FrameType type) {
  return (0x21u >> static_cast<uint32_t>(type) & 1) != 0;
}
constexpr bool IsForeign(FrameType type) {
  return type >= FrameType::kForeignData;
}

// Flag bits of Frame::flags.
constexpr uint8_t kFirstOfMessage = 1;
constexpr uint8_t kLastOfMessage = 2;
constexpr uint8_t kEcnMarked = 4;  // congestion experienced, set by a switch
constexpr uint8_t kRetransmission = 8;
constexpr uint8_t kTrimmed = 16;  // a switch has cut off the payload
// The upper bits are the traffic class, 0 .. 7.
constexpr uint32_t kTrafficClassShift = 5;
// Of foreign frames: switches do not mark it (they have no messages, so the bit is free).
constexpr uint8_t kNotEcnCapable = kLastOfMessage;

// Bit of Frame::message_retransmissions: the sender wants this packet acknowledged at once.
constexpr uint32_t kAsksForAck = 0x80000000u;

constexpr uint32_t kNoFrame = UINT32_MAX;
constexpr uint32_t kNoPort = UINT32_MAX;
// Node numbers with this bit are hosts, the others switches.
constexpr uint32_t kHostBit = 0x80000000u;

struct alignas(64) Frame {
  uint64_t cookie;            // of the message, from its sender
  uint64_t message_start_ps;  // when the message was handed to its NIC
  uint64_t sent_ps;           // when this frame (or, in an ACK, the frame it answers) was sent
  uint32_t src_host;
  uint32_t dst_host;
  uint32_t flow_hash;     // of the queue pair's names: selects among equal-cost paths
  uint32_t queue_pair;    // index at the receiver of the frame
  uint32_t psn;           // packet sequence number; in ACK and NAK the next one expected
  uint32_t transmission;  // counts the transmissions of its queue pair: the item of random draws
  uint32_t node;  // where it arrives next; host numbers carry kHostBit; queued: whence it came
  union {
    uint32_t message_retransmissions;  // data: of the message's packets so far, and kAsksForAck
    uint32_t marked_packets;           // ACK and NAK: arrived marked since the one before
  };
  union {
    uint32_t egress;  // in flight: route computed ahead of the arrival, or kNoPort
    uint32_t next;    // elsewhere: link of the free list or of a queue
  };
  uint16_t size_bytes;  // Ethernet header to FCS; the wire adds kWireOverheadBytes
  FrameType type;
  uint8_t flags;
};
static_assert(sizeof(Frame) == 64, "a frame is one cache line");

constexpr uint32_t kWireOverheadBytes = 20;  // preamble, start delimiter, inter-packet gap

// One reserved range of addresses that never moves: a frame is found by one shift and one addition.
// A freed frame is the next one handed out, while it is in cache.
class FramePool {
 public:
  FramePool();  // throws std::bad_alloc where the address space is not to be had
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  Frame& operator[](uint32_t index) { return m_frames[index]; }
  // For any number, also one that is no index.
  void Prefetch(uint32_t index) const { __builtin_prefetch(m_frames + index, 1); }

  uint32_t Allocate() {
    if (m_free == kNoFrame) Grow();
    const uint32_t index = m_free;
    m_free = m_frames[index].next;
    ++m_in_use;
    return index;
  }
  void Free(uint32_t index) {
    m_frames[index].next = m_free;
    m_free = index;
    --m_in_use;
  }
  uint32_t InUse() const { return m_in_use; }
  uint32_t Size() const { return m_size; }  // ever in use at a time, rounded up

 private:
  static constexpr uint32_t kFramesMax = 1u << 26;  // 4 GiB of addresses; memory as it is used
  static constexpr uint32_t kGrowthFrames = 1u << 10;
  void Grow();  // throws std::length_error beyond kFramesMax

  Frame* m_frames = nullptr;
  uint32_t m_size = 0;
  uint32_t m_free = kNoFrame;
  uint32_t m_in_use = 0;
};

}  // namespace ddlsim
