// SPDX-License-Identifier: GPL-2.0-only
//
// Several observers where the engine takes one.
#ifndef DDL_OBSERVER_FAN_OUT_H
#define DDL_OBSERVER_FAN_OUT_H

#include <vector>

#include "endpoint/collective-record.h"
#include "fabric/packet-observer.h"
#include "nic/flow-record.h"
#include "replay/operation-record.h"

namespace ddlsim {

// Calls each in the order in which they were added. All outlive it.
class ObserverFanOut final : public PacketObserver,
                             public FlowObserver,
                             public CollectiveObserver,
                             public OperationObserver {
 public:
  void AddPacketObserver(PacketObserver* observer) { m_packets.push_back(observer); }
  void AddFlowObserver(FlowObserver* observer) { m_flows.push_back(observer); }
  void AddCollectiveObserver(CollectiveObserver* observer) { m_collectives.push_back(observer); }
  void AddOperationObserver(OperationObserver* observer) { m_operations.push_back(observer); }

  // What to give to the engine: nothing, the only one there is, or this.
  PacketObserver* Packets() { return Choose<PacketObserver>(m_packets); }
  FlowObserver* Flows() { return Choose<FlowObserver>(m_flows); }
  CollectiveObserver* Collectives() { return Choose<CollectiveObserver>(m_collectives); }
  OperationObserver* Operations() { return Choose<OperationObserver>(m_operations); }

  void OnSent(uint32_t host, const Frame& frame, uint64_t time_ps) override {
    for (PacketObserver* observer : m_packets) observer->OnSent(host, frame, time_ps);
  }
  void OnReceived(uint32_t host, const Frame& frame, uint64_t time_ps) override {
    for (PacketObserver* observer : m_packets) observer->OnReceived(host, frame, time_ps);
  }
  void OnDropped(uint32_t port, const Frame& frame, uint64_t time_ps) override {
    for (PacketObserver* observer : m_packets) observer->OnDropped(port, frame, time_ps);
  }
  void OnLost(uint32_t port, const Frame& frame, uint64_t time_ps) override {
    for (PacketObserver* observer : m_packets) observer->OnLost(port, frame, time_ps);
  }
  void OnMarked(uint32_t port, const Frame& frame, uint64_t time_ps) override {
    for (PacketObserver* observer : m_packets) observer->OnMarked(port, frame, time_ps);
  }
  void OnTrimmed(uint32_t port, const Frame& frame, uint64_t time_ps) override {
    for (PacketObserver* observer : m_packets) observer->OnTrimmed(port, frame, time_ps);
  }
  void OnPaused(uint32_t port, uint32_t traffic_class, uint32_t quanta, uint64_t time_ps) override {
    for (PacketObserver* observer : m_packets) {
      observer->OnPaused(port, traffic_class, quanta, time_ps);
    }
  }
  void OnFlow(const FlowRecord& record) override {
    for (FlowObserver* observer : m_flows) observer->OnFlow(record);
  }
  void OnFlowAcknowledged(uint32_t src_host, uint32_t dst_host, uint32_t channel, uint64_t cookie,
                          uint64_t now_ps) override {
    for (FlowObserver* observer : m_flows) {
      observer->OnFlowAcknowledged(src_host, dst_host, channel, cookie, now_ps);
    }
  }
  void OnFlowStart(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                   uint64_t size_bytes) override {
    for (FlowObserver* observer : m_flows) {
      observer->OnFlowStart(src_host, dst_host, channel, size_bytes);
    }
  }
  void OnTimeout(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                 uint32_t timeouts) override {
    for (FlowObserver* observer : m_flows) {
      observer->OnTimeout(src_host, dst_host, channel, timeouts);
    }
  }
  void OnCollective(const CollectiveRecord& record) override {
    for (CollectiveObserver* observer : m_collectives) observer->OnCollective(record);
  }
  void OnOperation(const OperationRecord& record) override {
    for (OperationObserver* observer : m_operations) observer->OnOperation(record);
  }

 private:
  template <typename Observer>
  Observer* Choose(const std::vector<Observer*>& observers) {
    if (observers.empty()) return nullptr;
    return observers.size() == 1 ? observers.front() : static_cast<Observer*>(this);
  }

  std::vector<PacketObserver*> m_packets;
  std::vector<FlowObserver*> m_flows;
  std::vector<CollectiveObserver*> m_collectives;
  std::vector<OperationObserver*> m_operations;
};

}  // namespace ddlsim

#endif /* DDL_OBSERVER_FAN_OUT_H */
