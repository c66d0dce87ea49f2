// SPDX-License-Identifier: MIT
//
// A fabric with NICs and a listener that records what happens, for tests.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "fabric/fabric.h"
#include "nic/rdma-nic.h"
#include "topology/builders.h"

namespace ddlsim {

struct TestNetwork : public TransportListener, public FlowObserver {
  TestNetwork(const NetworkGraph& graph, const FabricConfig& fabric_config,
              const NicConfig& nic_config)
      : fabric(graph, fabric_config), nic(fabric, nic_config) {
    nic.SetListener(this);
    nic.SetFlowObserver(this);
  }

  void OnMessageReceived(uint32_t dst_host, uint32_t, uint64_t cookie, uint64_t size) override {
    received_ps[cookie] = fabric.NowPs();
    order.push_back(cookie);
    bytes_received += size;
    if (on_received) on_received(dst_host, cookie);
  }
  void OnMessageTransmitted(uint32_t, uint32_t, uint64_t cookie) override {
    transmitted_ps[cookie] = fabric.NowPs();
  }
  void OnMessageAcknowledged(uint32_t, uint32_t, uint64_t cookie) override {
    acknowledged_ps[cookie] = fabric.NowPs();
  }
  void OnTimer(uint32_t host, uint64_t cookie) override {
    if (on_timer) on_timer(host, cookie);
  }
  void OnFlow(const FlowRecord& record) override { flows.push_back(record); }

  void Run() { fabric.RunUntil(kNeverPs); }

  // Nothing is lost without a trace: every injected frame was delivered, dropped or lost.
  bool IsConserved() const {
    const FabricCounters c = fabric.Counters();
    return c.injected_frames + c.pause_frames ==
           c.delivered_frames + c.pause_frames_received + c.dropped_frames + c.lost_frames;
  }

  Fabric fabric;
  RdmaNic nic;
  std::function<void(uint32_t, uint64_t)> on_received;
  std::function<void(uint32_t, uint64_t)> on_timer;
  std::map<uint64_t, uint64_t> received_ps, transmitted_ps, acknowledged_ps;
  std::vector<uint64_t> order;
  std::vector<FlowRecord> flows;
  uint64_t bytes_received = 0;
};

}  // namespace ddlsim
