// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-simulator-impl.h"

#include <algorithm>
#include <stdexcept>

#include "fabric/fabric.h"
#include "ns3/assert.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

namespace ns3 {
namespace ddl {

NS_LOG_COMPONENT_DEFINE("DdlSimulatorImpl");
NS_OBJECT_ENSURE_REGISTERED(SimulatorImpl);

TypeId SimulatorImpl::GetTypeId() {
  static TypeId tid = TypeId("ns3::ddl::SimulatorImpl")
                          .SetParent<ns3::SimulatorImpl>()
                          .SetGroupName("Ddl")
                          .AddConstructor<SimulatorImpl>();
  return tid;
}

SimulatorImpl::SimulatorImpl()
    : m_next_uid(EventId::UID::VALID), m_current_context(Simulator::NO_CONTEXT) {}

SimulatorImpl::~SimulatorImpl() = default;

void SimulatorImpl::DoDispose() {
  while (m_events && !m_events->IsEmpty()) m_events->RemoveNext().impl->Unref();
  m_events = nullptr;
  ns3::SimulatorImpl::DoDispose();
}

void SimulatorImpl::Attach(::ddlsim::Fabric* fabric) {
  if (Time::GetResolution() != Time::PS) {
    throw std::logic_error(
        "ns3::ddl needs picoseconds: call Time::SetResolution(Time::PS) first in main()");
  }
  if (m_fabric != nullptr) throw std::logic_error("a fabric is attached already");
  m_fabric = fabric;
}

void SimulatorImpl::Detach() {
  m_current_ts = NowPs();
  m_fabric = nullptr;
  m_sample_ps = ::ddlsim::kNeverPs;
  m_sampler = nullptr;
}

void SimulatorImpl::SetHeartbeat(uint64_t events, std::function<bool()> heartbeat) {
  m_heartbeat_events = events;
  m_heartbeat = std::move(heartbeat);
}

void SimulatorImpl::SetSampler(uint64_t first_ps, std::function<uint64_t()> sampler) {
  m_sample_ps = first_ps;
  m_sampler = std::move(sampler);
}

uint64_t SimulatorImpl::NowPs() const {
  return m_fabric == nullptr ? m_current_ts : std::max(m_current_ts, m_fabric->NowPs());
}

void SimulatorImpl::Destroy() {
  while (!m_destroy_events.empty()) {
    const Ptr<EventImpl> event = m_destroy_events.front().PeekEventImpl();
    m_destroy_events.pop_front();
    if (!event->IsCancelled()) event->Invoke();
  }
}

void SimulatorImpl::SetScheduler(ObjectFactory scheduler_factory) {
  const Ptr<Scheduler> scheduler = scheduler_factory.Create<Scheduler>();
  while (m_events && !m_events->IsEmpty()) scheduler->Insert(m_events->RemoveNext());
  m_events = scheduler;
}

bool SimulatorImpl::IsFinished() const {
  return m_is_stopped || (m_events->IsEmpty() && (m_fabric == nullptr || m_fabric->Idle()));
}

void SimulatorImpl::Run() {
  m_is_stopped = false;
  while (!m_is_stopped) {
    if (m_fabric != nullptr) {
      RunFabric();
      if (m_is_stopped) break;
      if (m_fabric->IsPaused()) continue;
    }
    if (!m_events->IsEmpty()) {
      RunNextEvent();
    } else if (m_fabric == nullptr || m_fabric->Idle()) {
      break;
    }
  }
}

// Up to the next ns-3 event; Insert() lowers this limit when a fabric's callback schedules an
// earlier one.
void SimulatorImpl::RunFabric() {
  if (m_heartbeat) {
    if (m_fabric->IsPaused() && !m_heartbeat()) {
      m_is_stopped = true;
      return;
    }
    m_fabric->PauseAt(m_fabric->Events() + m_heartbeat_events);
  }
  m_current_context = Simulator::NO_CONTEXT;
  RunFabricUntil(m_events->IsEmpty() ? ::ddlsim::kNeverPs : m_events->PeekNext().key.m_ts);
}

// In parts, with a look at the sampler between them.
void SimulatorImpl::RunFabricUntil(uint64_t limit_ps) {
  while (m_sample_ps <= limit_ps && m_sample_ps != ::ddlsim::kNeverPs) {
    m_fabric->RunUntil(m_sample_ps);
    // Ended early: a callback has scheduled an earlier ns-3 event, or asked for a pause or stop.
    if (m_is_stopped || m_fabric->IsPaused()) return;
    if (!m_events->IsEmpty() && m_events->PeekNext().key.m_ts < m_sample_ps) return;
    if (m_fabric->Idle()) return;
    m_fabric->AdvanceTo(m_sample_ps);
    m_sample_ps = m_sampler();
    if (!m_events->IsEmpty()) limit_ps = std::min(limit_ps, m_events->PeekNext().key.m_ts);
  }
  m_fabric->RunUntil(limit_ps);
}

void SimulatorImpl::RunNextEvent() {
  const Scheduler::Event next = m_events->RemoveNext();
  NS_ASSERT(next.key.m_ts >= m_current_ts);
  PreEventHook(EventId(next.impl, next.key.m_ts, next.key.m_context, next.key.m_uid));
  ++m_event_count;
  m_current_ts = next.key.m_ts;
  m_current_context = next.key.m_context;
  m_current_uid = next.key.m_uid;
  if (m_fabric != nullptr) m_fabric->AdvanceTo(m_current_ts);
  next.impl->Invoke();
  next.impl->Unref();
}

void SimulatorImpl::Stop() {
  m_is_stopped = true;
  if (m_fabric != nullptr) m_fabric->LowerLimit(0);
}

SimulatorImpl::StopResult SimulatorImpl::Stop(const Time& delay) {
  return static_cast<StopResult>(Simulator::Schedule(delay, &Simulator::Stop));
}

EventId SimulatorImpl::Insert(uint64_t ts, uint32_t context, EventImpl* event) {
  Scheduler::Event entry;
  entry.impl = event;
  entry.key.m_ts = ts;
  entry.key.m_context = context;
  entry.key.m_uid = m_next_uid++;
  // The 32-bit identifier wraps after 4.3e9 ns-3 events; skip the reserved values.
  if (m_next_uid < EventId::UID::VALID) m_next_uid = EventId::UID::VALID;
  m_events->Insert(entry);
  if (m_fabric != nullptr) m_fabric->LowerLimit(ts);
  return EventId(event, ts, context, entry.key.m_uid);
}

EventId SimulatorImpl::Schedule(const Time& delay, EventImpl* event) {
  NS_ASSERT_MSG(!delay.IsStrictlyNegative(), "an event in the past");
  return Insert(NowPs() + static_cast<uint64_t>(delay.GetTimeStep()), GetContext(), event);
}

void SimulatorImpl::ScheduleWithContext(uint32_t context, const Time& delay, EventImpl* event) {
  NS_ASSERT_MSG(!delay.IsStrictlyNegative(), "an event in the past");
  Insert(NowPs() + static_cast<uint64_t>(delay.GetTimeStep()), context, event);
}

EventId SimulatorImpl::ScheduleNow(EventImpl* event) {
  return Insert(NowPs(), GetContext(), event);
}

EventId SimulatorImpl::ScheduleDestroy(EventImpl* event) {
  EventId id(Ptr<EventImpl>(event, false), NowPs(), Simulator::NO_CONTEXT, EventId::UID::DESTROY);
  m_destroy_events.push_back(id);
  return id;
}

void SimulatorImpl::Remove(const EventId& id) {
  if (id.GetUid() == EventId::UID::DESTROY) {
    m_destroy_events.remove(id);
    return;
  }
  if (IsExpired(id)) return;
  Scheduler::Event entry;
  entry.impl = id.PeekEventImpl();
  entry.key.m_ts = id.GetTs();
  entry.key.m_context = id.GetContext();
  entry.key.m_uid = id.GetUid();
  m_events->Remove(entry);
  entry.impl->Cancel();
  entry.impl->Unref();
}

void SimulatorImpl::Cancel(const EventId& id) {
  if (!IsExpired(id)) id.PeekEventImpl()->Cancel();
}

bool SimulatorImpl::IsExpired(const EventId& id) const {
  if (id.PeekEventImpl() == nullptr || id.PeekEventImpl()->IsCancelled()) return true;
  if (id.GetUid() == EventId::UID::DESTROY) {
    return std::find(m_destroy_events.begin(), m_destroy_events.end(), id) ==
           m_destroy_events.end();
  }
  return id.GetTs() < m_current_ts || (id.GetTs() == m_current_ts && id.GetUid() <= m_current_uid);
}

Time SimulatorImpl::Now() const {
  return TimeStep(NowPs());
}

Time SimulatorImpl::GetDelayLeft(const EventId& id) const {
  return IsExpired(id) ? TimeStep(0) : TimeStep(id.GetTs() - NowPs());
}

Time SimulatorImpl::GetMaximumSimulationTime() const {
  return TimeStep(0x7fffffffffffffffLL);
}

uint32_t SimulatorImpl::GetSystemId() const {
  return 0;
}

uint32_t SimulatorImpl::GetContext() const {
  return m_current_context;
}

uint64_t SimulatorImpl::GetEventCount() const {
  return m_event_count;
}

}  // namespace ddl
}  // namespace ns3
