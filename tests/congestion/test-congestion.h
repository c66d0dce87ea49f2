// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "congestion/congestion-control.h"
#include "nic/rdma-nic.h"

namespace ddlsim {

template <typename Class>
ParameterValues DefaultsOf() {
  return ParameterValues(Class::Describe().parameters);
}

// What makes a NIC use the algorithm.
template <typename Class>
void Use(NicConfig& nic, const ParameterValues& values = DefaultsOf<Class>()) {
  nic.congestion_control = [values](const CongestionControlContext& context) {
    return std::make_unique<Class>(values, context);
  };
  nic.sends_cnp = Class::Describe().wants_cnp;
}

}  // namespace ddlsim
