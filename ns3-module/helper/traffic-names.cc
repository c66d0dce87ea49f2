// SPDX-License-Identifier: GPL-2.0-only
#include "traffic-names.h"

#include <algorithm>

#include "base/input-error.h"
#include "traffic/flow-size-distribution.h"

namespace ddlsim {
namespace {

constexpr const char* kFile = "file:";
constexpr const char* kIncast = "incast";
constexpr const char* kPlusIncast = "+incast";
const char* const kOneShots[] = {"permutation", "random", "all_pairs"};

std::vector<std::string> KnownNames() {
  std::vector<std::string> names = FlowSizeNames();
  names.insert(names.end(), {"fixed", kIncast});
  names.insert(names.end(), std::begin(kOneShots), std::end(kOneShots));
  return names;
}

void Add(TrafficNames& names, const std::string& place, const std::string& name) {
  const std::vector<std::string>& sizes = FlowSizeNames();
  const bool is_size_name = std::find(sizes.begin(), sizes.end(), name) != sizes.end();
  if (name == kIncast && !names.has_incast) {
    names.has_incast = true;
  } else if ((is_size_name || name == "fixed") && names.arrivals.empty()) {
    names.arrivals = name;
  } else if (std::find(std::begin(kOneShots), std::end(kOneShots), name) != std::end(kOneShots) &&
             names.one_shot.empty()) {
    names.one_shot = name;
  } else {
    const std::vector<std::string> known = KnownNames();
    if (std::find(known.begin(), known.end(), name) != known.end()) {
      throw InputError(place, "'" + name + "' is one too many",
                       "name one distribution of sizes, and incast with a plus: websearch+incast");
    }
    std::string remedy = Suggest(name, known);
    if (remedy.rfind("did you mean", 0) != 0) remedy += ", or file:PATH";
    throw InputError(place, "'" + Printable(name) + "' is no traffic", remedy);
  }
}

}  // namespace

TrafficNames ParseTrafficNames(const std::string& place, const std::string& text) {
  TrafficNames names;
  std::string rest = text;
  while (!rest.empty()) {
    if (rest.rfind(kFile, 0) == 0 && names.arrivals.empty()) {
      // A path may hold a plus; what ends in +incast is no path.
      const std::string plus = kPlusIncast;
      const bool ends = rest.size() > plus.size() &&
                        rest.compare(rest.size() - plus.size(), plus.size(), plus) == 0;
      names.arrivals = "file";
      names.size_file = rest.substr(5, rest.size() - 5 - (ends ? plus.size() : 0));
      rest = ends ? kIncast : "";
      continue;
    }
    const size_t plus = rest.find('+');
    Add(names, place, rest.substr(0, plus));
    if (plus + 1 == rest.size()) Add(names, place, "");
    rest = plus == std::string::npos ? "" : rest.substr(plus + 1);
  }
  if (!names.one_shot.empty() && (names.has_incast || !names.arrivals.empty())) {
    throw InputError(place, "'" + names.one_shot + "' goes with no other traffic",
                     "leave one of the two out");
  }
  return names;
}

bool MeetsTrafficCondition(const TrafficNames& names, const std::string& condition) {
  const bool has_arrivals = !names.arrivals.empty();
  if (condition == "traffic:arrivals") return has_arrivals;
  if (condition == "traffic:incast") return names.has_incast;
  if (condition == "traffic:timed") return has_arrivals || names.has_incast;
  return !names.one_shot.empty() || names.arrivals == "fixed";
}

std::string DescribeTrafficCondition(const std::string& condition) {
  std::string values = "permutation, random, all_pairs or fixed";
  if (condition == "traffic:arrivals") values = "websearch, hadoop, storage, fixed or file:PATH";
  if (condition == "traffic:incast") values = kIncast;
  if (condition == "traffic:timed") values = "websearch, hadoop, storage, fixed, incast, file:PATH";
  return "traffic or --background of " + values;
}

}  // namespace ddlsim
