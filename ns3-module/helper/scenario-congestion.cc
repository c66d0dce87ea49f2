// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-congestion.h"

#include "base/input-error.h"
#include "base/quantity.h"
#include "ddl-congestion.h"

namespace ddlsim {

void SetCongestionControl(const OptionSet& options, ScenarioNetwork& network) {
  const std::string& recovery = options.Get("recovery");
  if (recovery != "gbn" && recovery != "sr") {
    throw InputError(options.Place("recovery"), "'" + Printable(recovery) + "' is no loss recovery",
                     "use gbn (go-back-N) or sr (selective repeat)");
  }
  network.nic.is_selective_repeat = recovery == "sr";
  const std::string& name = options.Get("cc");
  if (name == "none") return;
  std::vector<std::string> names{"none"};
  for (const ns3::Ptr<ns3::ddl::CongestionControl>& each : ns3::ddl::CongestionControls()) {
    names.push_back(each->Algorithm().name);
    if (name != each->Algorithm().name) continue;
    network.nic.congestion_control = each->Factory();
    network.nic.sends_cnp = each->Algorithm().wants_cnp;
    network.fabric.has_telemetry = each->Algorithm().wants_telemetry;
    return;
  }
  throw InputError(options.Place("cc"), "'" + Printable(name) + "' is no congestion control",
                   Suggest(name, names));
}

}  // namespace ddlsim
