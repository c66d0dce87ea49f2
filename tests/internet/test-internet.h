// SPDX-License-Identifier: MIT
//
// A fabric under ns-3's simulator with ns-3 nodes on its hosts, for tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "ddl-internet-helper.h"
#include "ddl-simulator-impl.h"
#include "fabric/test-network.h"
#include "ns3/core-module.h"

namespace ddlsim {

class InternetTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (ns3::Time::GetResolution() != ns3::Time::PS) ns3::Time::SetResolution(ns3::Time::PS);
  }
  void SetUp() override {
    ns3::GlobalValue::Bind("SimulatorImplementationType",
                           ns3::StringValue("ns3::ddl::SimulatorImpl"));
    ns3::RngSeedManager::SetSeed(1);
    m_impl = ns3::DynamicCast<ns3::ddl::SimulatorImpl>(ns3::Simulator::GetImplementation());
    ASSERT_NE(m_impl, nullptr);
  }
  void TearDown() override {
    if (m_network != nullptr) m_impl->Detach();
    m_impl = nullptr;
    ns3::Simulator::Destroy();
    ns3::Config::Reset();  // of attributes and global values
  }

  TestNetwork& Build(const NetworkGraph& graph, const FabricConfig& fabric = {},
                     const NicConfig& nic = {}) {
    m_network = std::make_unique<TestNetwork>(graph, fabric, nic);
    m_impl->Attach(&m_network->fabric);
    return *m_network;
  }
  // Every foreign frame is accounted for, and no frame is left.
  void ExpectConserved(const ns3::ddl::FabricChannel& channel) {
    EXPECT_EQ(channel.InFlight(), 0u);
    EXPECT_EQ(channel.Entered(), channel.Arrived() + channel.Dropped() + channel.Lost());
    EXPECT_TRUE(m_network->IsConserved());
    EXPECT_EQ(m_network->fabric.Frames().InUse(), 0u);
  }

  std::unique_ptr<TestNetwork> m_network;
  ns3::Ptr<ns3::ddl::SimulatorImpl> m_impl;
};

inline LinkConfig Link(uint64_t rate_bps, uint64_t delay_ps, double loss = 0) {
  LinkConfig link;
  link.rate_bps = rate_bps;
  link.delay_ps = delay_ps;
  link.loss = loss;
  return link;
}

}  // namespace ddlsim
