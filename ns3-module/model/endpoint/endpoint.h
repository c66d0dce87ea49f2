// SPDX-License-Identifier: GPL-2.0-only
//
// The communication library of all ranks of a run: collectives, sends and receives over a
// Transport, and the timers of what a rank computes. It listens to the transport and tells its own
// listener, the replay, what has completed.
#pragma once

#include <cstdint>
#include <vector>

#include "endpoint/collective-engine.h"
#include "endpoint/completion-queue.h"
#include "endpoint/endpoint-config.h"
#include "endpoint/point-to-point.h"
#include "nic/transport.h"

namespace ddlsim {

// Called at the simulated time of the event, never from inside Issue(), PostSend() or PostReceive()
// when these are called from one of these functions or from Endpoint::Enter().
class EndpointListener {
 public:
  virtual ~EndpointListener() = default;
  virtual void OnComplete(const Completion& completion) = 0;
  virtual void OnTimer(uint32_t rank, uint32_t purpose) = 0;
  // All that the event completed has been handed over. Returns whether it did anything: then
  // completions that this caused are handed over, and it is called again.
  virtual bool OnSettled() = 0;
};

class Endpoint : public TransportListener {
 public:
  // Timers of a rank are told apart by their purpose; one of each at a time.
  static constexpr uint32_t kTimerPurposeCount = 4;

  // References outlive the endpoint; `observer` may be null. The transport's listener must be set
  // to this object before anything is issued.
  Endpoint(const RankMap& ranks, const CommunicatorTable& communicators,
           const EndpointConfig& config, Transport& transport, CollectiveObserver* observer);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  void SetListener(EndpointListener* listener) { m_listener = listener; }

  const RankMap& Ranks() const { return m_ranks; }
  const CommunicatorTable& Communicators() const { return m_communicators; }
  uint64_t NowPs() const { return m_transport.NowPs(); }

  // Runs `body` as one event: what it completes is handed over afterwards.
  template <typename Body>
  void Enter(Body&& body);

  // See CollectiveEngine and PointToPoint. `token` comes back in OnComplete().
  void Issue(uint32_t rank, uint32_t axis, const CollectiveRequest& request, uint64_t token) {
    Enter([&] { m_collectives.Issue(rank, axis, request, token); });
  }
  void PostSend(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes, uint64_t token,
                bool is_copy = false) {
    Enter([&] { m_point_to_point.PostSend(rank, peer, tag, size_bytes, token, is_copy); });
  }
  void PostReceive(uint32_t rank, uint32_t peer, uint32_t tag, uint64_t size_bytes,
                   uint64_t token) {
    Enter([&] { m_point_to_point.PostReceive(rank, peer, tag, size_bytes, token); });
  }
  // Calls OnTimer(rank, purpose). Timers of one host at one time come in order of GPU and purpose.
  void SetTimer(uint32_t rank, uint64_t delay_ps, uint32_t purpose);

  // Reports the collectives that ended and were not reported yet. To be called once the run is
  // over.
  void Finish() { m_collectives.ReportUntil(UINT64_MAX); }

  std::vector<WaitingOperation> Waiting(uint32_t rank, size_t count_max) const;
  const CollectiveEngine& Collectives() const { return m_collectives; }
  const PointToPoint& Messages() const { return m_point_to_point; }

  // TransportListener
  void OnMessageReceived(uint32_t dst_host, uint32_t src_host, uint64_t cookie,
                         uint64_t size_bytes) override;
  void OnMessageTransmitted(uint32_t src_host, uint32_t dst_host, uint64_t cookie) override;
  void OnMessageAcknowledged(uint32_t src_host, uint32_t dst_host, uint64_t cookie) override;
  void OnTimer(uint32_t host, uint64_t cookie) override;

 private:
  void Settle();

  const RankMap& m_ranks;
  const CommunicatorTable& m_communicators;
  const EndpointConfig m_config;
  Transport& m_transport;
  EndpointListener* m_listener = nullptr;
  CompletionQueue m_completions;
  CollectiveEngine m_collectives;
  PointToPoint m_point_to_point;
  bool m_is_inside = false;
};

template <typename Body>
void Endpoint::Enter(Body&& body) {
  if (m_is_inside) return body();
  struct Inside {  // also where body() throws
    explicit Inside(bool& flag) : flag(flag) { flag = true; }
    ~Inside() { flag = false; }
    bool& flag;
  } inside(m_is_inside);
  m_collectives.ReportUntil(m_transport.NowPs());
  body();
  Settle();
}

}  // namespace ddlsim
