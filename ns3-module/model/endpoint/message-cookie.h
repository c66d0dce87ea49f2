// SPDX-License-Identifier: GPL-2.0-only
//
// What the 64 bits mean that travel with a message or a timer:
//
//   63..61  kind: collective, point-to-point, timer, timer of a library's channel; the first two
//   bits
//           are not both set, which is the mark of traffic/traffic-cookie.h
//   60..40  slot of the operation in flight (collective instance, or send)
//   39..16  step of the collective, or purpose of the timer; of a send: whether it is the last
//   piece 15..8   GPU of the sending rank within its host
//    7..0   GPU of the receiving rank within its host
//
// Slots are recycled, so the bits bound the operations in flight, not those of a run.
#pragma once

#include <cstdint>

namespace ddlsim {

enum class MessageKind : uint8_t { kCollective, kPointToPoint, kTimer, kChannelTimer };

struct MessageCookie {
  static constexpr uint32_t kSlotCount = 1u << 21;
  static constexpr uint32_t kStepCount = 1u << 24;
  // In the step of a library's timer: the slot is that of a send, not of a collective.
  static constexpr uint32_t kSendTimerStep = kStepCount - 1;

  MessageKind kind = MessageKind::kCollective;
  uint32_t slot = 0;
  uint32_t step = 0;
  uint32_t src_gpu = 0;
  uint32_t dst_gpu = 0;

  uint64_t Encode() const {
    return static_cast<uint64_t>(kind) << 61 | uint64_t{slot} << 40 | uint64_t{step} << 16 |
           src_gpu << 8 | dst_gpu;
  }
  static MessageCookie Decode(uint64_t bits) {
    MessageCookie cookie;
    cookie.kind = static_cast<MessageKind>(bits >> 61);
    cookie.slot = static_cast<uint32_t>(bits >> 40) & (kSlotCount - 1);
    cookie.step = static_cast<uint32_t>(bits >> 16) & (kStepCount - 1);
    cookie.src_gpu = static_cast<uint32_t>(bits >> 8) & 0xff;
    cookie.dst_gpu = static_cast<uint32_t>(bits) & 0xff;
    return cookie;
  }
};

}  // namespace ddlsim
