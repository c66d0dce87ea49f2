// SPDX-License-Identifier: GPL-2.0-only
//
// A congestion control of one's own, in one file and without a change to the module: additive
// increase, multiplicative decrease of a window by marks. Its parameters are attributes, and --cc
// knows its name:
//
//     ./ns3 run ddl-own-congestion-control -- --cc=aimd --ns3::ddl::Aimd::Decrease=0.3
//         --collective=all_to_all --size=16MiB --hosts=16
#include <algorithm>
#include <atomic>

#include "congestion/congestion-control.h"
#include "ddl-congestion.h"
#include "scenario-program.h"

namespace {

class Aimd : public ddlsim::CongestionControl {
 public:
  enum : size_t { kIncrease, kDecrease };

  static ddlsim::CongestionAlgorithm Describe() {
    using ddlsim::ParameterKind;
    return {"aimd",
            "Aimd",
            "Chiu and Jain, Computer Networks and ISDN Systems 17, 1989",
            {{"Increase", "Packets by which the window grows per round trip.",
              ParameterKind::kNumber, 1, 0, 1e6},
             {"Decrease", "Share of the window that a mark takes away, once per round trip.",
              ParameterKind::kNumber, 0.5, 0, 1}},
            ddlsim::MakeAlgorithm<Aimd>};
  }

  Aimd(const ddlsim::ParameterValues& values, const ddlsim::CongestionControlContext& context)
      : m_increase(values[kIncrease]),
        m_decrease(values[kDecrease]),
        m_line_bps(static_cast<double>(context.line_rate_bps)),
        m_packet_bytes(context.frame_bytes),
        m_window_bytes(static_cast<double>(context.window_bytes)) {}

  double RateBps(uint64_t) override { return m_line_bps; }
  uint64_t WindowBytes(uint64_t) override { return static_cast<uint64_t>(m_window_bytes); }

  void OnAck(const ddlsim::AckEvent& ack) override {
    if (ack.marked_packets == 0) {
      const double share = static_cast<double>(ack.acked_bytes) / m_window_bytes;
      m_window_bytes += m_increase * m_packet_bytes * share;
    } else if (ack.now_ps - m_decreased_ps > ack.rtt_ps) {
      m_decreased_ps = ack.now_ps;
      m_window_bytes = std::max(m_window_bytes * (1 - m_decrease), m_packet_bytes);
    }
  }

 private:
  double m_increase;
  double m_decrease;
  double m_line_bps;
  double m_packet_bytes;
  double m_window_bytes;
  uint64_t m_decreased_ps = 0;
};

}  // namespace

int main(int argc, char** argv) {
  ns3::ddl::CongestionControlType<&Aimd::Describe>::GetTypeId();  // makes --cc=aimd known
  const std::atomic<bool> interrupted{false};
  return ddlsim::RunScenarioProgram(argc, argv, interrupted, {});
}
