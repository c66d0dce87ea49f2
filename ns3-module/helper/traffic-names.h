// SPDX-License-Identifier: GPL-2.0-only
//
// What --traffic and --background may name.
#ifndef DDL_TRAFFIC_NAMES_H
#define DDL_TRAFFIC_NAMES_H

#include <string>
#include <vector>

namespace ddlsim {

// "websearch", "incast", "websearch+incast", "file:PATH", "permutation" ... taken apart.
struct TrafficNames {
  std::string arrivals;   // flows that arrive at random: websearch ... fixed, file; or empty
  std::string size_file;  // PATH of file:PATH
  std::string one_shot;   // permutation, random, all_pairs; or empty
  bool has_incast = false;
};

// An empty text names nothing. Throws InputError.
TrafficNames ParseTrafficNames(const std::string& place, const std::string& text);

// Conditions of options, as OptionSpec::goes_with writes them: "traffic:arrivals",
// "traffic:incast", "traffic:timed" (either of the two), "traffic:sized" (messages of --size).
bool MeetsTrafficCondition(const TrafficNames& names, const std::string& condition);
// "--traffic or --background=incast", for messages.
std::string DescribeTrafficCondition(const std::string& condition);

}  // namespace ddlsim

#endif /* DDL_TRAFFIC_NAMES_H */
