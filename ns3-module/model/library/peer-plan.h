// SPDX-License-Identifier: GPL-2.0-only
//
// What sends and receives cost under a library beside the wire: alone, or grouped, as it runs
// all_to_all, gather and scatter. A rank's messages within its node share the copy rate of its GPU,
// those to other nodes its NIC, of which one message gets a share only (a few channels and queue
// pairs). docs/library-model.md has the formulas.
#pragma once

#include <cstdint>

#include "collective/schedule.h"
#include "library/library-plan.h"

namespace ddlsim {

struct PeerCosts {
  uint64_t launch_ps = 0;   // from the call to the first message
  uint64_t message_ps = 0;  // from the begin of a rank's message to that of its next
  uint64_t small_bytes = 0;
  uint64_t large_ps = 0;  // a larger message within the node begins so much later
  uint64_t post_ps = 0;   // the same of one to another node
  // Of data, in the copy by the GPU and on the wire.
  double scale_up_ps_per_byte = 0;
  double scale_up_wire_ps_per_byte = 0;
  // Of all messages of a rank to other nodes together, of one, and on the wire.
  double network_ps_per_byte = 0;
  double network_peer_ps_per_byte = 0;
  double network_wire_ps_per_byte = 0;
  uint64_t scale_up_piece_bytes = 1;  // messages are handed over in pieces of these sizes
  uint64_t network_piece_bytes = 1;
  uint32_t pieces_ahead_max = 8;  // of one message, not transmitted yet

  uint64_t PieceBytes(bool is_scale_up) const {
    return is_scale_up ? scale_up_piece_bytes : network_piece_bytes;
  }
  // From the launch to the first piece of a rank's message number `index`. GPUs and proxies hand a
  // piece over so that its last byte leaves when the copy is over.
  uint64_t ReadyPs(uint32_t index, bool is_scale_up, uint64_t size_bytes) const;
};

struct PeerPlan {
  CollectiveSpec spec;  // algorithm resolved, sizes of the whole collective
  PeerCosts costs;
  uint64_t floor_ps = 0;  // a call takes no less
  double model_us = 0;    // by closed formula
  Protocol protocol = Protocol::kSimple;
  uint32_t channels = 1;
};

// A rank's part of a NIC: 1 where it has one of its own.
PeerCosts MakePeerCosts(const LibraryConfig& config, double nic_share);

// Whether the library runs the collective as grouped sends and receives.
bool IsPeerPlanned(const CollectiveSpec& spec);

// Throws InputError (place --algo) for an algorithm other than direct, or auto.
PeerPlan MakePeerPlan(const CollectiveSpec& spec, const GroupFacts& group,
                      const LibraryConfig& config);

}  // namespace ddlsim
