// SPDX-License-Identifier: MIT
//
// The library's model on hosts of A100 with links of 200 Gb/s, as tests hold it against formulas.
#pragma once

#include "library/library-plan.h"

namespace ddlsim {

inline LibraryConfig Ampere() {
  LibraryConfig library;
  library.parameters.gpu = {24, 232, 0, 50, 0.58, 16, 16};
  library.nic_rate = 25;
  library.scale_up_wire_ps_per_byte = 4352.0 / 4096 * 8e3 / 2400;
  library.scale_up_latency_us = 0.3;
  library.network_latency_us = 2;
  return library;
}

}  // namespace ddlsim
