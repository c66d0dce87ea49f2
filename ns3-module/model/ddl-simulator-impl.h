// SPDX-License-Identifier: GPL-2.0-only
//
// ns-3's simulator with packet engines inside: ns-3 events and the fabrics' own events run in one
// exact order of time, without the fabrics' going through Simulator::Schedule.
#ifndef DDL_SIMULATOR_IMPL_H
#define DDL_SIMULATOR_IMPL_H

#include <functional>
#include <list>
#include <utility>

#include "ns3/event-impl.h"
#include "ns3/ptr.h"
#include "ns3/scheduler.h"
#include "ns3/simulator-impl.h"

namespace ddlsim {
class Fabric;
}

namespace ns3 {
namespace ddl {

/**
 * Front end "E": selected by GlobalValue SimulatorImplementationType = ns3::ddl::SimulatorImpl.
 *
 * An ns-3 event at time t runs before the fabric's events of the same time that have not run yet
 * (changes from outside come first). Time resolution must be picoseconds before any Time exists;
 * Attach() throws std::logic_error otherwise. Single-threaded: ScheduleWithContext from another
 * thread is not supported.
 */
class SimulatorImpl : public ns3::SimulatorImpl {
 public:
  static TypeId GetTypeId();
  SimulatorImpl();
  ~SimulatorImpl() override;

  /**
   * Runs the events of `fabric` from here on. One fabric per simulator; it must outlive Run(), and
   * Detach() must come before its end.
   */
  void Attach(::ddlsim::Fabric* fabric);
  void Detach();
  /**
   * Calls `heartbeat` between two events about every `events` fabric events; when it returns false,
   * Run() stops. For progress displays and interrupts; it cannot change a result otherwise.
   */
  void SetHeartbeat(uint64_t events, std::function<bool()> heartbeat);
  /**
   * Calls `sampler` at simulated time `first_ps`, and then at the time that it returns each time
   * (later than now), before anything else that happens at that time. Never after the fabric's last
   * event, so that a run ends when it would without. It only looks: it must schedule nothing.
   */
  void SetSampler(uint64_t first_ps, std::function<uint64_t()> sampler);

  // Inherited.
  void Destroy() override;
  bool IsFinished() const override;
  void Stop() override;
  // ns-3 up to 3.41 returns nothing here, later an EventId.
  using StopResult = decltype(std::declval<ns3::SimulatorImpl>().Stop(std::declval<const Time&>()));
  StopResult Stop(const Time& delay) override;
  EventId Schedule(const Time& delay, EventImpl* event) override;
  void ScheduleWithContext(uint32_t context, const Time& delay, EventImpl* event) override;
  EventId ScheduleNow(EventImpl* event) override;
  EventId ScheduleDestroy(EventImpl* event) override;
  void Remove(const EventId& id) override;
  void Cancel(const EventId& id) override;
  bool IsExpired(const EventId& id) const override;
  void Run() override;
  Time Now() const override;
  Time GetDelayLeft(const EventId& id) const override;
  Time GetMaximumSimulationTime() const override;
  void SetScheduler(ObjectFactory scheduler_factory) override;
  uint32_t GetSystemId() const override;
  uint32_t GetContext() const override;
  uint64_t GetEventCount() const override;

 private:
  void DoDispose() override;
  uint64_t NowPs() const;
  EventId Insert(uint64_t ts, uint32_t context, EventImpl* event);
  void RunFabric();
  void RunFabricUntil(uint64_t limit_ps);
  void RunNextEvent();

  Ptr<Scheduler> m_events;
  std::list<EventId> m_destroy_events;
  ::ddlsim::Fabric* m_fabric = nullptr;
  std::function<bool()> m_heartbeat;
  uint64_t m_heartbeat_events = 0;
  std::function<uint64_t()> m_sampler;
  uint64_t m_sample_ps = UINT64_MAX;  // when it is called next
  bool m_is_stopped = false;
  uint32_t m_next_uid;
  uint32_t m_current_uid = 0;
  uint64_t m_current_ts = 0;  // of the last ns-3 event
  uint32_t m_current_context;
  uint64_t m_event_count = 0;  // ns-3 events only
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_SIMULATOR_IMPL_H */
