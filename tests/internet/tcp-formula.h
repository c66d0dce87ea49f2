// SPDX-License-Identifier: MIT
//
// Throughput of one TCP flow under random loss beside published formulas, for tests.
//
// Mathis, Semke, Mahdavi, Ott, "The Macroscopic Behavior of the TCP Congestion Avoidance
// Algorithm", CCR 27(3), 1997: BW = MSS / RTT * sqrt(3/2) / sqrt(p), every segment acknowledged,
// each loss on its own, no timeouts. Padhye, Firoiu, Towsley, Kurose, "Modeling TCP Throughput",
// SIGCOMM 1998 (PFTK): the first loss of a round takes the rest of the round along, and timeouts
// count.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "internet/test-internet.h"
#include "ns3/applications-module.h"
#include "ns3/error-model.h"
#include "ns3/internet-module.h"

namespace ddlsim {

using ns3::ddl::InternetHelper;

constexpr uint64_t kRateBps = 1000000000000;  // far above what the loss allows

// PFTK's losses: the first in a round has probability p, and the rest of the round goes with it. A
// round's segments come in a burst, rounds are a round trip apart.
class RoundLoss : public ns3::ErrorModel {
 public:
  void Configure(double probability, ns3::Time rtt) {
    m_probability = probability;
    m_gap = rtt / 2;
    m_random = ns3::CreateObject<ns3::UniformRandomVariable>();
    m_random->SetStream(1);
  }

 private:
  bool DoCorrupt(ns3::Ptr<ns3::Packet> packet) override {
    if (packet->GetSize() < 200) return false;  // the handshake
    const ns3::Time now = ns3::Simulator::Now();
    if (now - m_last > m_gap) m_is_losing = false;
    m_last = now;
    if (!m_is_losing) m_is_losing = m_random->GetValue() < m_probability;
    return m_is_losing;
  }
  void DoReset() override { m_is_losing = false; }

  double m_probability = 0;
  ns3::Time m_gap;
  ns3::Time m_last;
  bool m_is_losing = false;
  ns3::Ptr<ns3::UniformRandomVariable> m_random;
};

enum class LossModel { kIndependent, kRestOfRound };

struct Point {
  double rtt_us;
  uint32_t mss_bytes;
  double loss;
};

class TcpFormulaTest : public InternetTest {
 protected:
  // Goodput in Gb/s over `rounds` round trips, after a tenth of them.
  double Goodput(const Point& point, double rounds, LossModel loss_model) {
    const auto set = [](const char* path, const std::string& text) {
      ns3::Config::SetDefault(path, ns3::StringValue(text));
    };
    set("ns3::TcpL4Protocol::SocketType", "ns3::TcpLinuxReno");
    set("ns3::TcpSocket::SegmentSize", std::to_string(point.mss_bytes));
    set("ns3::TcpSocket::SndBufSize", "67108864");
    set("ns3::TcpSocket::RcvBufSize", "67108864");
    set("ns3::TcpSocket::DelAckCount", "1");
    set("ns3::TcpSocketBase::Timestamp", "false");
    set("ns3::TcpSocketBase::MinRto", "200ms");
    set("ns3::TcpSocketBase::ClockGranularity", "1us");
    const uint64_t delay_ps = static_cast<uint64_t>(point.rtt_us * 1e6 / 2);
    TestNetwork& network = Build(BuildPair(Link(kRateBps, delay_ps)));
    InternetHelper internet;
    internet.SetQueueSize("1000000p");
    internet.Install(network.nic);
    SetLoss(internet, point, loss_model);
    ns3::PacketSinkHelper sink("ns3::TcpSocketFactory",
                               ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), 9));
    const auto sinks = sink.Install(internet.GetNode(1));
    ns3::BulkSendHelper bulk("ns3::TcpSocketFactory",
                             ns3::InetSocketAddress(InternetHelper::GetAddress(1), 9));
    bulk.SetAttribute("SendSize", ns3::UintegerValue(point.mss_bytes * 4));
    bulk.Install(internet.GetNode(0));
    const auto received = ns3::DynamicCast<ns3::PacketSink>(sinks.Get(0));
    const double end_s = rounds * point.rtt_us * 1e-6;
    uint64_t before = 0;
    ns3::Simulator::Schedule(ns3::Seconds(end_s / 11), [&] { before = received->GetTotalRx(); });
    ns3::Simulator::Stop(ns3::Seconds(end_s));
    ns3::Simulator::Run();
    const double bytes = static_cast<double>(received->GetTotalRx() - before);
    TearDown();
    m_network = nullptr;
    SetUp();
    return bytes * 8 / (end_s * 10 / 11) / 1e9;
  }

  // On data only: acknowledgements of TCP are cumulative, and the formulas do not lose them.
  static void SetLoss(InternetHelper& internet, const Point& point, LossModel loss_model) {
    if (loss_model == LossModel::kRestOfRound) {
      const auto model = ns3::CreateObject<RoundLoss>();
      model->Configure(point.loss, ns3::MicroSeconds(static_cast<uint64_t>(point.rtt_us)));
      internet.GetDevice(1)->SetReceiveErrorModel(model);
      return;
    }
    const auto model = ns3::CreateObject<ns3::RateErrorModel>();
    model->SetUnit(ns3::RateErrorModel::ERROR_UNIT_PACKET);
    model->SetRate(point.loss);
    model->AssignStreams(1);
    internet.GetDevice(1)->SetReceiveErrorModel(model);
  }
};

inline std::string Name(const Point& point) {
  return std::to_string(static_cast<int>(point.rtt_us)) + "us_" + std::to_string(point.mss_bytes) +
         "B_" + std::to_string(static_cast<int>(std::round(1 / point.loss)));
}

inline double MathisGbps(const Point& point) {
  return point.mss_bytes * 8 / (point.rtt_us * 1e-6) * std::sqrt(1.5 / point.loss) / 1e9;
}

// The approximation of the full model, b = 1 (equation 30; the window limit does not bind).
inline double PftkGbps(const Point& point, double rto_s) {
  const double p = point.loss, rtt_s = point.rtt_us * 1e-6;
  const double timeouts = rto_s * std::min(1.0, 3 * std::sqrt(3 * p / 8)) * p * (1 + 32 * p * p);
  return point.mss_bytes * 8 / (rtt_s * std::sqrt(2 * p / 3) + timeouts) / 1e9;
}

}  // namespace ddlsim
