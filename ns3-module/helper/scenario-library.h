// SPDX-License-Identifier: GPL-2.0-only
//
// From the options of a run to the model of its collective library.
#ifndef DDL_SCENARIO_LIBRARY_H
#define DDL_SCENARIO_LIBRARY_H

#include <optional>

#include "endpoint/endpoint-config.h"
#include "option-set.h"
#include "scenario-network.h"

namespace ddlsim {

// Nothing where collectives run step by step (--library=none, or a host whose library nobody has
// measured). `config` has the paths between ranks. Writes what it decided back to the options.
// Throws InputError.
std::optional<LibraryConfig> RequestedLibrary(OptionSet& options, const ScenarioNetwork& network,
                                              const EndpointConfig& config);

}  // namespace ddlsim

#endif /* DDL_SCENARIO_LIBRARY_H */
