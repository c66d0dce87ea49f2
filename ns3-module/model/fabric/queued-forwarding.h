// SPDX-License-Identifier: GPL-2.0-only
//
// Forwarding through real queues: one FIFO per port and class and an event at the end of every
// transmission. Used instead of the shortcut of fabric.cc, whose ports know all departures when a
// frame is queued, as soon as something may change them afterwards (pauses, classes) or wants to
// look at the queue when a frame leaves (telemetry). With one class and none of these it computes
// the same, which tests/fabric proves.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fabric/fabric-config.h"
#include "fabric/flow-control.h"
#include "fabric/frame.h"

namespace ddlsim {

class Fabric;

class QueuedForwarding {
 public:
  explicit QueuedForwarding(Fabric& fabric);

  // A frame has arrived at a switch over the link whose egress port is `ingress`.
  void Arrive(uint32_t ingress, uint32_t frame);
  // Event kSwitchEgress: a frame has passed the switch, or a pause is due to be refreshed.
  void OnSwitchEgress(uint32_t ingress, uint32_t ref);
  // Event kPortFree of a switch port, and of any port when a pause ends by itself.
  void OnPortFree(uint32_t port, uint32_t ref);
  // A pause frame has arrived at the far end of `ingress`.
  void OnPauseFrame(uint32_t ingress, uint32_t frame);

  // Whether the port's class may not send now.
  bool IsPaused(uint32_t port, uint32_t traffic_class) const;
  void PauseFromHost(uint32_t host, uint32_t traffic_class, uint32_t quanta, uint32_t item) {
    m_pfc->PauseFromHost(host, m_classes == 1 ? 0 : traffic_class, quanta, item);
  }
  const FlowControl* Pfc() const { return m_pfc.get(); }

  // Bytes of the class `traffic_class` in the port's queue that came in over `ingress`.
  uint64_t BytesFrom(uint32_t port, uint32_t traffic_class, uint32_t ingress) const;
  uint32_t Classes() const { return m_classes; }
  // The class in which the fabric treats traffic of a class.
  uint32_t ClassOf(const Frame& frame) const {
    return m_classes == 1 ? 0 : uint32_t{frame.flags} >> kTrafficClassShift;
  }

 private:
  friend class FlowControl;

  struct ClassQueue {
    uint32_t head = kNoFrame;
    uint32_t tail = kNoFrame;
    uint32_t bytes = 0;    // the frame in service included
    uint32_t deficit = 0;  // deficit round robin
  };
  struct PortState {
    uint32_t service_bytes = 0;  // frame in service: to be released at its end; 0: none
    uint32_t service_ingress = 0;
    uint8_t service_class = 0;
    uint8_t waiting = 0;  // bit per class with frames
    uint8_t turn = 0;     // of the round robin
    bool is_event_set = false;
  };

  ClassQueue& Queue(uint32_t port, uint32_t traffic_class) {
    return m_queues[port * m_classes + traffic_class];
  }
  void Admit(uint32_t ingress, uint32_t frame);
  bool HasRoomFor(uint32_t port, uint32_t ingress, uint32_t traffic_class, uint32_t size_bytes);
  bool Trim(Frame& frame) const;
  void Enqueue(uint32_t port, uint32_t ingress, uint32_t traffic_class, uint32_t frame);
  void Send(uint32_t port);
  uint32_t PausedClasses(uint32_t port) const;
  uint32_t Pick(uint32_t port, uint32_t candidates);
  uint32_t PickWeighted(uint32_t port, uint32_t candidates);
  void Transmit(uint32_t port, uint32_t traffic_class);
  void Release(uint32_t port);

  Fabric& m_fabric;
  const uint32_t m_classes;
  uint32_t m_strict_classes = 0;
  uint32_t m_round_bytes = 0;        // deficit round robin: bytes per unit of weight and round
  std::vector<ClassQueue> m_queues;  // by port and class
  std::vector<PortState> m_states;   // by port
  std::unique_ptr<FlowControl> m_pfc;
};

}  // namespace ddlsim
