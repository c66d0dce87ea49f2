// SPDX-License-Identifier: MIT
#include "hardware/host.h"

#include <algorithm>

#include "base/input-error.h"
#include "hardware/gpu.h"
#include "hardware/host-scale-up.h"
#include "hardware/library-preset.h"
#include "hardware/preset-folder.h"
#include "hardware/sourced-fact.h"
#include "hardware/yaml-file.h"
#include "hardware/yaml-map.h"

namespace ddlsim {
namespace {

constexpr const char* kFolderVariable = "DDL_HOSTS_DIR";
constexpr uint64_t kGenericLatencyPs = 500000;  // that of the presets with NVLink

std::string Folder() {
  return PresetFolder(kFolderVariable, DDL_HOSTS_SOURCE_DIR);
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void ReadNics(const YamlMap& map, Host& host) {
  host.nic_count = static_cast<uint32_t>(SourcedCount(map, "nics", 1, kHostGpusMax));
  const std::vector<uint64_t> nics = SourcedCounts(map, "nic_of_gpu", 0, host.nic_count - 1);
  host.nic_of_gpu.assign(nics.begin(), nics.end());
  if (host.nic_of_gpu.size() != host.gpu_count) {
    throw InputError(map.Place("nic_of_gpu"),
                     "names " + std::to_string(host.nic_of_gpu.size()) + " of " +
                         std::to_string(host.gpu_count) + " GPUs",
                     "give every GPU the NIC that it uses");
  }
  host.nic_rate_bps = static_cast<uint64_t>(SourcedNumber(map, "nic_rate_bps", 1e6, 1e14));
  host.pcie_rate_bps = static_cast<uint64_t>(SourcedNumber(map, "pcie_rate_bps", 1e6, 1e14));
  if (map.Has("nic_messages_per_s")) {
    host.nic_messages_per_s =
        static_cast<uint64_t>(SourcedNumber(map, "nic_messages_per_s", 1, 1e12));
  }
}

void ReadLibraries(const YamlMap& map, Host& host) {
  if (!map.Has("libraries")) return;
  host.libraries = map.Texts("libraries");
  for (const std::string& name : host.libraries) LoadLibraryPreset(name, map.Place("libraries"));
}

Host ReadHost(const std::string& path);

// A host like another one but for its NICs and libraries.
Host ReadVariant(const YamlMap& map) {
  map.AllowOnly({"kind", "name", "description", "like", "nics", "nic_of_gpu", "nic_rate_bps",
                 "pcie_rate_bps", "nic_messages_per_s", "libraries"});
  const std::string like = map.Text("like");
  const std::vector<std::string> names = HostPresetNames();
  if (!Contains(names, like)) {
    throw InputError(map.Place("like"), "'" + Printable(like) + "' is no known host",
                     Suggest(like, names));
  }
  const std::string path = Folder() + "/" + like + ".yaml";
  if (YamlMap(LoadYamlFile(path), Printable(path, 200), "a host preset").Has("like")) {
    throw InputError(map.Place("like"), "'" + like + "' is itself like another one",
                     "name that one");
  }
  Host host = ReadHost(path);
  ReadNics(map, host);
  return host;
}

Host ReadHost(const std::string& path) {
  const YamlMap map(LoadYamlFile(path), Printable(path, 200), "a host preset");
  if (map.Has("like")) {
    Host host = ReadVariant(map);
    host.name = map.Text("name");
    host.description = map.Text("description");
    ReadLibraries(map, host);
    return host;
  }
  map.AllowOnly({"kind", "name", "description", "gpu", "gpus", "nics", "nic_of_gpu", "nic_rate_bps",
                 "pcie_rate_bps", "nic_messages_per_s", "scale_up", "libraries"});
  map.Choice("kind", {"host"});
  Host host;
  host.name = map.Text("name");
  host.description = map.Text("description");
  host.gpu = map.Text("gpu");
  if (!Contains(GpuPresetNames(), host.gpu)) {
    throw InputError(map.Place("gpu"), "'" + Printable(host.gpu) + "' is no known GPU",
                     Suggest(host.gpu, GpuPresetNames()));
  }
  host.gpu_count = static_cast<uint32_t>(SourcedCount(map, "gpus", 1, kHostGpusMax));
  ReadNics(map, host);
  host.scale_up = ReadScaleUp(map.Map("scale_up"), host.gpu_count);
  ReadLibraries(map, host);
  return host;
}

}  // namespace

std::vector<std::string> HostPresetNames() {
  return PresetNames(Folder(), kFolderVariable);
}

Host LoadHost(const std::string& name_or_path, const std::string& place) {
  if (IsYamlPath(name_or_path)) return ReadHost(name_or_path);
  const std::vector<std::string> names = HostPresetNames();
  if (!Contains(names, name_or_path)) {
    throw InputError(place, "'" + Printable(name_or_path) + "' is no known host",
                     Suggest(name_or_path, names));
  }
  return ReadHost(Folder() + "/" + name_or_path + ".yaml");
}

bool IsHost(const std::string& name_or_path, const std::string& place) {
  if (IsYamlPath(name_or_path)) {
    const YamlMap map(LoadYamlFile(name_or_path), Printable(name_or_path, 200), "a preset");
    return map.Choice("kind", {"gpu", "host"}) == "host";
  }
  std::vector<std::string> names = GpuPresetNames();
  if (Contains(names, name_or_path)) return false;
  const std::vector<std::string> hosts = HostPresetNames();
  if (Contains(hosts, name_or_path)) return true;
  names.insert(names.end(), hosts.begin(), hosts.end());
  throw InputError(place, "'" + Printable(name_or_path) + "' is no known GPU or host",
                   Suggest(name_or_path, names));
}

Host GenericHost(uint32_t gpu_count, uint32_t nic_count, uint64_t rate_bps) {
  if (gpu_count == 0 || gpu_count > kHostGpusMax) {
    throw InputError("--gpus-per-host", std::to_string(gpu_count) + " GPUs in a host",
                     "use 1 to " + std::to_string(kHostGpusMax));
  }
  if (nic_count == 0 || nic_count > gpu_count || gpu_count % nic_count != 0) {
    throw InputError("--nics-per-host",
                     std::to_string(nic_count) + " NICs do not divide " +
                         std::to_string(gpu_count) + " GPUs among them",
                     "use a divisor of --gpus-per-host");
  }
  Host host;
  host.name = "generic";
  host.description = "a host of " + std::to_string(gpu_count) + " GPUs";
  host.gpu_count = gpu_count;
  host.nic_count = nic_count;
  for (uint32_t gpu = 0; gpu < gpu_count; ++gpu) {
    host.nic_of_gpu.push_back(gpu / (gpu_count / nic_count));
  }
  if (gpu_count == 1) return host;
  host.scale_up.kind = ScaleUpKind::kSwitch;
  host.scale_up.fabric = "nvlink4";
  host.scale_up.rate_bps = rate_bps;
  host.scale_up.latency_ps = kGenericLatencyPs;
  return host;
}

}  // namespace ddlsim
