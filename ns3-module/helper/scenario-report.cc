// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-report.h"

namespace ddlsim {

std::vector<LinkRecord> LinkRecords(const Fabric& fabric) {
  const std::vector<GraphNodeInfo>& nodes = fabric.Graph().Nodes();
  std::vector<LinkRecord> records;
  records.reserve(fabric.Ports().size());
  for (size_t i = 0; i < fabric.Ports().size(); ++i) {
    const Port& port = fabric.Ports()[i];
    const PortDetail& detail = fabric.PortDetails()[i];
    LinkRecord record;
    record.source = nodes[detail.from].name;
    record.destination = nodes[detail.to].name;
    record.link = record.source + "->" + record.destination;
    record.rate_bps = detail.rate_bps;
    record.delay_ps = port.delay_ps;
    record.frames = port.Frames();
    record.data_frames = port.DataFrames();
    record.bytes = port.tx_bytes;
    record.busy_ps =
        SerializationPs(port.tx_bytes + record.frames * kWireOverheadBytes, detail.rate_bps);
    record.lost_frames = detail.lost_frames;
    record.pause_frames = detail.pause_frames;
    if (fabric.Pfc() != nullptr)
      record.paused_ps = fabric.Pfc()->PausedPs(static_cast<uint32_t>(i));
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<QueueRecord> QueueRecords(const Fabric& fabric) {
  const std::vector<GraphNodeInfo>& nodes = fabric.Graph().Nodes();
  std::vector<QueueRecord> records;
  records.reserve(fabric.Ports().size());
  uint32_t number = 0;
  for (size_t i = 0; i < fabric.Ports().size(); ++i) {
    const PortDetail& detail = fabric.PortDetails()[i];
    number = i > 0 && fabric.PortDetails()[i - 1].from == detail.from ? number + 1 : 0;
    if (nodes[detail.from].is_host)
      continue;  // a NIC holds its frames back, see TransmitFromHost()
    QueueRecord record;
    record.node = nodes[detail.from].name;
    record.port = number;
    record.peer = nodes[detail.to].name;
    record.capacity_bytes = nodes[detail.from].config.buffer_bytes;
    record.max_queue_bytes = fabric.Ports()[i].max_queued_bytes;
    record.ecn_marked_frames = detail.ecn_marked_frames;
    record.dropped_frames = detail.dropped_frames;
    record.dropped_bytes = detail.dropped_bytes;
    record.trimmed_frames = detail.trimmed_frames;
    records.push_back(std::move(record));
  }
  return records;
}

void SummarizeFlowControl(const Fabric& fabric, RunSummary& summary) {
  const FabricCounters counters = fabric.Counters();
  summary.trimmed_packets = counters.trimmed_frames;
  summary.pause_frames = counters.pause_frames;
  if (fabric.Pfc() == nullptr) return;
  for (uint32_t port = 0; port < fabric.Ports().size(); ++port) {
    summary.paused_ps += fabric.Pfc()->PausedPs(port);
  }
  summary.pause_storms = fabric.Pfc()->Storms().size();
  for (const PausedQueue& queue : fabric.Pfc()->Deadlock()) {
    summary.pause_deadlock.push_back(LinkName(fabric, queue.port));
  }
}

std::string LinkName(const Fabric& fabric, uint32_t port) {
  const std::vector<GraphNodeInfo>& nodes = fabric.Graph().Nodes();
  const PortDetail& detail = fabric.PortDetails()[port];
  return nodes[detail.from].name + "->" + nodes[detail.to].name;
}

}  // namespace ddlsim
