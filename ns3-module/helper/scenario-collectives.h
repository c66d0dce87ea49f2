// SPDX-License-Identifier: GPL-2.0-only
//
// What the options say about the collectives of a run beside their algorithm's name: an algorithm
// from a file (--algo=file:PATH), and sizes of all_to_all by pair (--alltoallv, --alltoall-skew,
// --collective-bench=sendrecv).
#ifndef DDL_SCENARIO_COLLECTIVES_H
#define DDL_SCENARIO_COLLECTIVES_H

#include <memory>
#include <string>

#include "collective/file/load-schedule.h"
#include "endpoint/endpoint-config.h"
#include "option-set.h"
#include "replay/workload.h"

namespace ddlsim {

// The path of --algo=file:PATH; empty for any other.
std::string AlgorithmFile(const OptionSet& options);

class ScenarioCollectives {
 public:
  // Reads and checks the files. Throws InputError, also where a collective of the workload has a
  // size that the file's algorithm cannot cut.
  ScenarioCollectives(const OptionSet& options, const Workload& workload);

  // Points into this object, which outlives the run.
  void Apply(EndpointConfig& config) const;

 private:
  std::unique_ptr<PairSizes> m_pair_sizes;
  std::unique_ptr<CustomAlgorithm> m_custom;
  CollectiveType m_custom_type = CollectiveType::kAllReduce;
};

}  // namespace ddlsim

#endif /* DDL_SCENARIO_COLLECTIVES_H */
