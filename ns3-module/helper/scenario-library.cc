// SPDX-License-Identifier: GPL-2.0-only
#include "scenario-library.h"

#include "base/input-error.h"
#include "base/quantity.h"
#include "ddl-library.h"
#include "hardware/library-preset.h"
#include "library/parameter-table.h"
#include "scenario-collectives.h"

namespace ddlsim {
namespace {

constexpr double kPsPerUs = 1e6;
constexpr double kBpsPerGbyte = 8e9;

bool HasPresets(const ScenarioNetwork& network) {
  return network.cluster && !network.cluster->HostType().libraries.empty();
}

bool IsWanted(const OptionSet& options, const ScenarioNetwork& network) {
  const std::string& library = options.Get("library");
  const std::string place = options.Place("library");
  if (library == "none") return false;
  const bool is_file = !AlgorithmFile(options).empty();
  if (library == "auto") return HasPresets(network) && !is_file;
  if (library != "nccl") {
    throw InputError(place, "'" + Printable(library) + "' is no library model",
                     "use auto, nccl or none");
  }
  if (is_file) {
    throw InputError(place, "has no costs for an algorithm from a file", "use --library=none");
  }
  if (!HasPresets(network)) {
    throw InputError(place, "no costs of a library are known for these hosts",
                     "choose a host as --hardware whose preset names libraries, or write one");
  }
  return true;
}

void CheckUnused(const OptionSet& options) {
  for (const char* name : {"proto", "channels", "launch"}) {
    const std::string& text = options.Get(name);
    // A configuration that was written back has the defaults.
    if (!options.IsSet(name) || text == "auto" || text == "process-per-gpu") continue;
    throw InputError(options.Place(name), "only goes with the model of a collective library",
                     "add a host as --hardware whose preset names libraries, or leave it out");
  }
}

}  // namespace

std::optional<LibraryConfig> RequestedLibrary(OptionSet& options, const ScenarioNetwork& network,
                                              const EndpointConfig& config) {
  if (!IsWanted(options, network)) {
    CheckUnused(options);
    options.Resolve("library", "none");
    return std::nullopt;
  }
  options.Resolve("library", "nccl");
  LibraryConfig library;
  const Host& host = network.cluster->HostType();
  for (const std::string& name : host.libraries) {
    for (const LibraryFact& fact : LoadLibraryPreset(name, "--hardware").facts) {
      SetLibraryParameter(fact.place, fact.name, fact.value, library.parameters);
    }
  }
  ns3::CreateObject<ns3::ddl::Library>()->Apply(library.parameters);
  library.protocol = ParseProtocol(options.Place("proto"), options.Get("proto"));
  library.style = ParseLaunchStyle(options.Place("launch"), options.Get("launch"));
  const std::string& channels = options.Get("channels");
  if (!channels.empty()) {
    library.channels =
        static_cast<uint32_t>(ParseCount(options.Place("channels"), channels, 1, 64));
  }
  library.nic_rate = static_cast<double>(host.NicFeedBps()) / kBpsPerGbyte;
  if (config.scale_up_rate_bps > 0) {
    // Rings on links of their own have one each.
    const uint64_t rate_bps =
        host.scale_up.rings.empty() ? config.scale_up_rate_bps : host.scale_up.rate_bps;
    library.scale_up_wire_ps_per_byte =
        config.scale_up_wire_factor * 8e12 / static_cast<double>(rate_bps);
    library.scale_up_has_rings = !host.scale_up.rings.empty();
  }
  library.scale_up_latency_us = static_cast<double>(config.scale_up_latency_ps) / kPsPerUs;
  library.network_latency_us = static_cast<double>(config.bound_latency_ps) / kPsPerUs;
  return library;
}

}  // namespace ddlsim
