// SPDX-License-Identifier: GPL-2.0-only
//
// One collective under way as a library runs it: what the engine hands its events to.
#pragma once

#include <cstdint>
#include <vector>

#include "library/protocol.h"

namespace ddlsim {

class CollectiveRun {
 public:
  // What the library chose, and how long it takes by closed formula.
  struct Figures {
    double model_us = 0;
    Protocol protocol = Protocol::kAuto;
    uint32_t channels = 0;
  };

  virtual ~CollectiveRun() = default;
  virtual Figures GetFigures() const = 0;
  virtual void Start(uint32_t member) = 0;
  // Events of a member, with the step field of their cookies. True when its part is complete, once.
  virtual bool OnTimer(uint32_t member, uint32_t step) = 0;
  virtual bool OnReceived(uint32_t member, uint32_t from_member, uint32_t step) = 0;
  virtual bool OnTransmitted(uint32_t member, uint32_t step) = 0;
  // Whether all that has no member to wait for it is known to have arrived.
  virtual bool AreEnginesIdle() const { return true; }
  // Members whose data the member waits for; empty: it waits for nobody.
  virtual std::vector<uint32_t> WaitsFor(uint32_t member) const = 0;
};

}  // namespace ddlsim
