// SPDX-License-Identifier: MIT
//
// Front end E: ns-3 events and the fabric's own run in one exact order, and neither disturbs the
// other.
#include "ddl-simulator-impl.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "fabric/test-network.h"
#include "ns3/core-module.h"

namespace ddlsim {
namespace {

// Traffic with contention, marks and loss, so that any difference in order would show.
std::unique_ptr<TestNetwork> MakeTraffic() {
  LinkConfig link;
  link.delay_ps = 500000;
  link.loss = 0.001;
  SwitchConfig switches;
  switches.buffer_bytes = 100000;
  NicConfig nic;
  nic.ack_every = 2;
  auto network = std::make_unique<TestNetwork>(BuildStar(6, switches, link), FabricConfig(), nic);
  for (uint32_t src = 0; src < 6; ++src) {
    for (uint32_t dst = 0; dst < 6; ++dst) {
      if (src != dst) network->nic.SendMessage(src, dst, 0, 60000 + 1000 * src, src * 6 + dst);
    }
  }
  return network;
}

constexpr uint64_t kHorizonPs = 40000000;
constexpr uint32_t kWatchedPort = 6;  // of the switch, towards host 0

class SimulatorImplTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ns3::Time::SetResolution(ns3::Time::PS);
    ns3::GlobalValue::Bind("SimulatorImplementationType",
                           ns3::StringValue("ns3::ddl::SimulatorImpl"));
  }
  void SetUp() override {
    m_impl = ns3::DynamicCast<ns3::ddl::SimulatorImpl>(ns3::Simulator::GetImplementation());
    ASSERT_NE(m_impl, nullptr);
  }
  void TearDown() override {
    m_impl = nullptr;
    ns3::Simulator::Destroy();
  }
  ns3::Ptr<ns3::ddl::SimulatorImpl> m_impl;
};

// What the fabric is at each of the times, just before its events of that time.
std::vector<uint64_t> ReferenceQueue(const std::set<uint64_t>& times) {
  auto network = MakeTraffic();
  std::vector<uint64_t> queue;
  for (uint64_t time_ps : times) {
    network->fabric.RunUntil(time_ps);
    network->fabric.AdvanceTo(time_ps);
    queue.push_back(network->fabric.QueuedBytes(kWatchedPort));
  }
  return queue;
}

TEST_F(SimulatorImplTest, InterleavesExactly) {
  auto reference = MakeTraffic();
  reference->Run();
  ASSERT_GT(reference->fabric.Counters().dropped_frames, 0u);
  // An event every 10 ns, and events tied to the picosecond with arrivals, and one beside them.
  std::set<uint64_t> times;
  for (uint64_t time_ps = 0; time_ps <= kHorizonPs; time_ps += 10000) times.insert(time_ps);
  for (const auto& [cookie, time_ps] : reference->received_ps) {
    if (time_ps > kHorizonPs) continue;
    times.insert({time_ps - 1, time_ps, time_ps + 1});
  }
  auto network = MakeTraffic();
  m_impl->Attach(&network->fabric);
  std::vector<uint64_t> seen_queue;
  std::vector<std::pair<uint64_t, int>> log;  // (time, 0: ns-3 event, 1: delivery)
  network->on_received = [&](uint32_t, uint64_t) {
    EXPECT_EQ(static_cast<uint64_t>(ns3::Simulator::Now().GetTimeStep()), network->fabric.NowPs());
    log.push_back({network->fabric.NowPs(), 1});
  };
  for (uint64_t time_ps : times) {
    ns3::Simulator::Schedule(ns3::TimeStep(time_ps), [&, time_ps] {
      EXPECT_EQ(static_cast<uint64_t>(ns3::Simulator::Now().GetTimeStep()), time_ps);
      seen_queue.push_back(network->fabric.QueuedBytes(kWatchedPort));
      log.push_back({time_ps, 0});
    });
  }
  ns3::Simulator::Run();
  m_impl->Detach();
  EXPECT_EQ(network->received_ps, reference->received_ps);
  EXPECT_EQ(network->acknowledged_ps, reference->acknowledged_ps);
  EXPECT_EQ(network->order, reference->order);
  EXPECT_EQ(network->fabric.Counters().events, reference->fabric.Counters().events);
  EXPECT_EQ(seen_queue, ReferenceQueue(times));
  EXPECT_EQ(log.size(), times.size() + reference->received_ps.size());
  EXPECT_TRUE(std::is_sorted(log.begin(), log.end()));  // ns-3 first at equal times
}

// ns-3 events that fabric callbacks schedule run in time, also between two fabric events.
TEST_F(SimulatorImplTest, CallbacksScheduleEvents) {
  auto network = MakeTraffic();
  m_impl->Attach(&network->fabric);
  std::vector<uint64_t> due, ran;
  network->on_received = [&](uint32_t, uint64_t) {
    for (uint64_t delay_ps : {0ull, 1ull, 777ull, 100000ull}) {
      due.push_back(network->fabric.NowPs() + delay_ps);
      ns3::Simulator::Schedule(ns3::TimeStep(delay_ps), [&] {
        ran.push_back(static_cast<uint64_t>(ns3::Simulator::Now().GetTimeStep()));
        EXPECT_GE(ran.back(), network->fabric.NowPs());
      });
    }
  };
  ns3::Simulator::Run();
  m_impl->Detach();
  std::sort(due.begin(), due.end());
  EXPECT_EQ(ran, due);
  auto reference = MakeTraffic();
  reference->Run();
  EXPECT_EQ(network->received_ps, reference->received_ps);
}

TEST_F(SimulatorImplTest, StopCancelRemoveAndDestroy) {
  auto network = MakeTraffic();
  m_impl->Attach(&network->fabric);
  int ran = 0, destroyed = 0;
  const ns3::EventId cancelled = ns3::Simulator::Schedule(ns3::NanoSeconds(5), [&] { ran += 100; });
  const ns3::EventId removed = ns3::Simulator::Schedule(ns3::NanoSeconds(6), [&] { ran += 100; });
  const ns3::EventId kept = ns3::Simulator::Schedule(ns3::NanoSeconds(7), [&] { ++ran; });
  ns3::Simulator::ScheduleDestroy(
      +[](int* count) { ++*count; }, &destroyed);
  ns3::Simulator::Cancel(cancelled);
  ns3::Simulator::Remove(removed);
  EXPECT_TRUE(cancelled.IsExpired());
  EXPECT_FALSE(kept.IsExpired());
  EXPECT_EQ(ns3::Simulator::GetDelayLeft(kept), ns3::NanoSeconds(7));
  ns3::Simulator::Stop(ns3::MicroSeconds(3));
  ns3::Simulator::Run();
  EXPECT_EQ(ns3::Simulator::Now(), ns3::MicroSeconds(3));
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(kept.IsExpired());
  EXPECT_FALSE(network->fabric.Idle());
  ns3::Simulator::Run();  // goes on where it stopped
  EXPECT_EQ(network->received_ps.size(), 30u);
  m_impl->Detach();
  ns3::Simulator::Destroy();
  EXPECT_EQ(destroyed, 1);
}

TEST_F(SimulatorImplTest, OneFabricOnly) {
  auto network = MakeTraffic();
  m_impl->Attach(&network->fabric);
  EXPECT_THROW(m_impl->Attach(&network->fabric), std::logic_error);
  m_impl->Detach();
}

}  // namespace
}  // namespace ddlsim
