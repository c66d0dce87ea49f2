// SPDX-License-Identifier: GPL-2.0-only
//
// One collective under way that a library runs as grouped sends and receives (all_to_all, gather,
// scatter). A member's messages begin one after the other and then go piece by piece in turns:
// those within the node through the copy of its GPU, those to other nodes through its NIC's proxy,
// side by side. A message to another node leaves over its NIC on the receiver's rail (NCCL's PXN);
// the hop to the GPU beside it takes none of the scale-up network's rate. What arrives passes the
// copy of the receiving GPU.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "endpoint/collective-run.h"
#include "endpoint/group-layout.h"
#include "endpoint/rank-map.h"
#include "library/peer-plan.h"
#include "nic/transport.h"

namespace ddlsim {

class PeerRun : public CollectiveRun {
 public:
  // All references outlive the run. `slot` names the operation in cookies, `channel` its queue
  // pairs.
  PeerRun(const PeerPlan& plan, const GroupLayout& layout, const RankMap& ranks,
          Transport& transport, uint32_t slot, uint32_t channel);

  Figures GetFigures() const override {
    return {m_plan.model_us, m_plan.protocol, m_plan.channels};
  }
  const PeerPlan& Plan() const { return m_plan; }
  void Start(uint32_t member) override;
  bool OnTimer(uint32_t member, uint32_t step) override;
  bool OnReceived(uint32_t member, uint32_t from_member, uint32_t step) override;
  bool OnTransmitted(uint32_t member, uint32_t step) override;
  std::vector<uint32_t> WaitsFor(uint32_t member) const override;

 private:
  enum class Purpose : uint8_t { kLaunch, kScaleUp, kNetwork, kReceived, kFloor };
  struct Message {
    uint32_t peer = 0;   // member
    uint32_t ahead = 0;  // pieces handed over, not transmitted
    uint64_t left_bytes = 0;
    uint64_t ready_ps = 0;  // of its next piece
  };
  // Messages share a pipe. Those that have begun take turns.
  struct Pipe {
    std::vector<Message> messages;  // by when they begin
    size_t begun = 0;
    std::deque<uint32_t> turns;  // of those that have bytes left
    uint64_t free_ps = 0;
    bool is_armed = false;  // its timer is set
  };
  struct Incoming {
    uint32_t peer = 0;
    uint64_t left_bytes = 0;
  };
  struct Member {
    Pipe scale_up, network;
    std::vector<Incoming> incoming;  // by peer
    uint64_t incoming_bytes = 0;     // left
    uint64_t early_ps = 0;           // of the copy of what came before the launch
    uint64_t received_ps = 0;        // the copy of what has arrived is over
    uint64_t start_ps = 0;
    uint32_t outstanding = 0;  // pieces handed over, not transmitted
    uint32_t unsent = 0;       // messages with bytes left
    bool is_launched = false;
    bool is_copied = false;  // all that it receives
    bool is_complete = false;
  };

  Pipe& PipeOf(Member& member, bool is_scale_up) {
    return is_scale_up ? member.scale_up : member.network;
  }
  void Launch(uint32_t member);
  void Pump(uint32_t member, bool is_scale_up);
  void Begin(Pipe& pipe, uint64_t now_ps);
  // The message whose turn it is, or none: then when to look again.
  bool TakeTurn(Pipe& pipe, uint64_t now_ps, uint32_t& index, uint64_t& again_ps);
  void SendPiece(uint32_t member, bool is_scale_up, uint32_t index);
  void Arm(uint32_t member, bool is_scale_up, uint64_t at_ps);
  void AfterReceive(uint32_t member);
  bool IsComplete(uint32_t member);
  void SetTimer(uint32_t member, uint64_t delay_ps, Purpose purpose);

  const PeerPlan m_plan;
  const GroupLayout& m_layout;
  const RankMap& m_ranks;
  Transport& m_transport;
  const uint32_t m_slot;
  const uint32_t m_channel;
  std::vector<Member> m_states;
};

}  // namespace ddlsim
