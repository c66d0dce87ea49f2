// SPDX-License-Identifier: GPL-2.0-only
//
// In-band network telemetry: what each switch port on the way notes in a data frame when it begins
// to send it (Li et al., "HPCC: High Precision Congestion Control", SIGCOMM 2019, section 3.1).
#pragma once

#include <cstdint>
#include <vector>

namespace ddlsim {

constexpr uint32_t kTelemetryHopsMax = 8;
// On the wire: a pathID and hop count of 2 bytes, 8 bytes a hop, five hops (HPCC, section 4.1).
constexpr uint32_t kTelemetryWireBytes = 42;

struct HopTelemetry {
  uint64_t time_ps = 0;
  uint64_t tx_bytes = 0;      // frame bytes that the port had sent before this frame
  uint64_t queued_bytes = 0;  // behind this frame
  uint64_t rate_bps = 0;
  uint32_t port = 0;
};

struct Telemetry {
  uint32_t hops = 0;
  HopTelemetry hop[kTelemetryHopsMax];
};

// One record per frame of a pool, by the frame's number.
class TelemetryTable {
 public:
  void Begin(uint32_t frame) {
    if (frame >= m_records.size()) m_records.resize(2 * frame + 64);
    m_records[frame].hops = 0;
  }
  // Hops beyond the record's length are left out; scenarios refuse networks that are so deep.
  void Add(uint32_t frame, const HopTelemetry& hop) {
    Telemetry& record = m_records[frame];
    if (record.hops < kTelemetryHopsMax) record.hop[record.hops++] = hop;
  }
  const Telemetry& operator[](uint32_t frame) const { return m_records[frame]; }

 private:
  std::vector<Telemetry> m_records;
};

}  // namespace ddlsim
