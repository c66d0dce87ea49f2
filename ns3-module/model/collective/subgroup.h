// SPDX-License-Identifier: GPL-2.0-only
//
// A schedule of a few members run as part of one of more: its member i is member first + i * stride
// of the whole, and its buffer begins somewhere in the whole one.
#pragma once

#include "collective/schedule.h"

namespace ddlsim {

struct Subgroup {
  uint32_t first = 0;
  uint32_t stride = 1;
  uint64_t offset_bytes = 0;
  uint8_t first_lane = 0;

  // Adds to `actions` what member `member` of the subgroup does; for in-place schedules.
  void AddStep(const Schedule& schedule, uint32_t member, uint32_t step,
               StepActions& actions) const {
    StepActions part;
    schedule.Step(member, step, part);
    for (SendAction send : part.sends) {
      send.peer = first + send.peer * stride;
      send.offset_bytes += offset_bytes;
      send.lane = static_cast<uint8_t>(send.lane + first_lane);
      actions.sends.push_back(send);
    }
    for (ReceiveAction receive : part.receives) {
      receive.peer = first + receive.peer * stride;
      receive.offset_bytes += offset_bytes;
      receive.lane = static_cast<uint8_t>(receive.lane + first_lane);
      actions.receives.push_back(receive);
    }
  }
};

}  // namespace ddlsim
