// SPDX-License-Identifier: GPL-2.0-only
//
// One collective under way as a library runs it. Each bundle of channels runs the schedule on its
// part of the data, round after round. On a participant, the actions of a lane are fused to
// primitives, as in NCCL's kernels: wait for what is received, then occupy the channel, then send
// it on. A primitive goes slice by slice; slices of a lane go one after the other, and a slice
// needs only the same slice of what it depends on: so the pipeline fills and drains as the real one
// does.
//
// Messages of one (sender, receiver, bundle, lane) arrive in order, so that receivers count them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "endpoint/collective-run.h"
#include "endpoint/group-layout.h"
#include "library/channel-plan.h"
#include "nic/transport.h"

namespace ddlsim {

class ChannelRun : public CollectiveRun {
 public:
  static constexpr uint32_t kLaneCodesMax = 256;
  // In the step field of cookies: a message whose channel goes on at once.
  static constexpr uint32_t kPostedBit = kLaneCodesMax;

  // All references outlive the run. `slot` names the operation in cookies, `channel` its queue
  // pairs. Throws std::logic_error for more bundles and lanes than cookies can tell apart.
  ChannelRun(const ChannelPlan& plan, const GroupLayout& layout, const RankMap& ranks,
             Transport& transport, uint32_t slot, uint32_t channel);

  Figures GetFigures() const override {
    return {m_plan.model_us, m_plan.protocol, m_plan.channels};
  }
  void Start(uint32_t member) override;
  bool OnTimer(uint32_t member, uint32_t code) override;
  bool OnReceived(uint32_t member, uint32_t from_member, uint32_t code) override;
  bool OnTransmitted(uint32_t member, uint32_t code) override;
  // Members, and reduction engines behind them.
  uint32_t ParticipantCount() const { return static_cast<uint32_t>(m_members.size()); }
  // Whether all that reduction engines have sent is known to have arrived.
  bool AreEnginesIdle() const override;
  std::vector<uint32_t> WaitsFor(uint32_t member) const override;

 private:
  enum class Purpose : uint8_t { kLaunch, kSlice, kCopy, kPost, kFloor };
  struct Arrivals {
    uint32_t place = 0;     // in the schedule
    uint64_t arrived = 0;   // slices so far
    uint64_t consumed = 0;  // by the primitives before
  };
  struct Wait {
    uint32_t arrivals = 0;  // index
    uint64_t offset = 0;    // arrived must exceed consumed + offset + slice
  };
  struct Post {
    uint32_t place = 0;
    uint64_t size_bytes = 0;
  };
  enum class Phase : uint8_t { kWaiting, kOccupied, kSending, kDone };
  struct Lane {
    uint64_t round = 0;
    uint32_t next_step = 0;     // of the schedule, to be looked at for the next primitive
    uint32_t send_step = 0;     // of the primitive at hand; step count where it has none
    uint32_t receive_step = 0;  // first of what it receives; send_step where nothing
    uint32_t slice = 0;
    uint64_t free_ps = 0;  // when the copy of the slice that is being sent is over
    uint32_t first_receive_step = UINT32_MAX;  // of a round
    uint32_t sends_outstanding = 0;            // of this slice, before the channel goes on
    uint32_t posts_outstanding = 0;            // of slices before, not transmitted
    Phase phase = Phase::kWaiting;
    bool has_primitive = false;
    bool sends_taken = false;     // those of next_step; its receives are next
    uint64_t received_bytes = 0;  // by the primitive, all slices
    std::vector<SendAction> sends;
    std::vector<Wait> waits;
    std::vector<Arrivals> peers;
    std::deque<Post> posts;
  };
  struct Member {
    bool is_started = false;
    bool is_complete = false;
    uint32_t lanes_left = 0;
    uint32_t outstanding = 0;  // messages handed over or to be posted, not transmitted
    uint64_t start_ps = 0;
  };

  uint32_t CodeOf(uint32_t bundle, uint32_t lane) const { return bundle * m_lane_count + lane; }
  Lane& LaneAt(uint32_t member, uint32_t code) { return m_lanes[member * m_codes + code]; }
  const Lane& LaneAt(uint32_t member, uint32_t code) const {
    return m_lanes[member * m_codes + code];
  }
  void Advance(uint32_t member, uint32_t bundle);
  bool TryLane(uint32_t member, uint32_t bundle, uint32_t lane);
  void LoadPrimitive(uint32_t member, uint32_t bundle, uint32_t lane, Lane& state);
  void FuseSends(const Schedule& schedule, uint32_t place, uint32_t lane, Lane& state);
  void NoteFirstReceives(uint32_t member, uint32_t bundle);
  void AddWait(Lane& state, uint32_t place);
  bool IsReady(uint32_t member, uint32_t bundle, uint32_t lane, const Lane& state) const;
  void Occupy(uint32_t member, uint32_t code, Lane& state);
  void SendSlice(uint32_t member, uint32_t code, Lane& state);
  void PostSlice(uint32_t member, uint32_t code, Lane& state, const Post& post, bool is_scale_up,
                 uint64_t data_bytes);
  void EndSlice(Lane& state);
  // Whether the channel goes on while the message is on its way.
  bool IsEngine(uint32_t participant) const { return participant >= m_layout.RankCount(); }
  // Engines have no proxy, and may be as many rounds ahead as others posts.
  size_t PostsMax(uint32_t member, const Lane& state) const {
    return IsEngine(member) ? m_plan.posts_max * state.sends.size() : m_plan.posts_max;
  }
  bool IsPosted(bool is_scale_up) const { return !is_scale_up || m_plan.scale_up_post_ps > 0; }
  void Hand(uint32_t member, uint32_t code, uint32_t place, uint64_t size_bytes);
  uint64_t SliceBytes(uint64_t size_bytes, uint32_t slice) const;
  uint64_t WireBytes(uint64_t size_bytes) const;
  void SetTimer(uint32_t member, uint64_t delay_ps, uint32_t code, Purpose purpose);
  bool IsComplete(uint32_t member);
  const Schedule& ScheduleOf(uint32_t bundle, uint64_t round) const;

  const ChannelPlan m_plan;
  const GroupLayout& m_layout;
  const RankMap& m_ranks;
  Transport& m_transport;
  const uint32_t m_slot;
  const uint32_t m_channel;
  uint32_t m_lane_count = 1;
  uint32_t m_codes = 1;
  // Full rounds share one schedule; the last round of the first bundles has one byte more or less.
  struct BundleSchedules {
    std::unique_ptr<Schedule> full, last;
  };
  std::vector<BundleSchedules> m_schedules;
  std::vector<uint64_t> m_rounds;        // by bundle
  std::vector<double> m_full_over_last;  // by bundle: bytes of a full round and of the last
  std::vector<Member> m_members;
  std::vector<Lane> m_lanes;            // by member and code
  std::vector<uint64_t> m_nic_free_ps;  // by member and bundle: when its proxy may hand over more
  StepActions m_actions;                // scratch
};

}  // namespace ddlsim
