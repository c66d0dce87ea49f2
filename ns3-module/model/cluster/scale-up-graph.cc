// SPDX-License-Identifier: GPL-2.0-only
#include "cluster/scale-up-graph.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace ddlsim {
namespace {

LinkConfig Link(uint64_t rate_bps, uint64_t delay_ps) {
  LinkConfig link;
  link.rate_bps = rate_bps;
  link.delay_ps = delay_ps;
  return link;
}

// The networks of one cluster, domain by domain.
class ScaleUpBuilder {
 public:
  ScaleUpBuilder(const ClusterMap& cluster, const ScaleUpGraphOptions& options, NetworkGraph& graph)
      : m_cluster(cluster),
        m_options(options),
        m_host(cluster.HostType()),
        m_scale_up(m_host.scale_up),
        m_graph(graph) {
    m_switch.buffer_bytes = kScaleUpBufferBytes;
    m_switch.cut_through_bytes =
        m_scale_up.framing.packet_bytes + m_scale_up.framing.overhead_bytes;
    m_switch.is_scale_up = true;
  }

  void Build() {
    const uint32_t step = m_scale_up.hosts_per_domain;
    for (uint32_t first = 0; first < m_cluster.HostCount(); first += step) {
      const uint32_t end = std::min(first + step, m_cluster.HostCount());
      if (m_scale_up.kind == ScaleUpKind::kSwitch) AddSwitched(first, end);
      if (m_scale_up.kind == ScaleUpKind::kMesh) AddMesh(first);
      if (m_scale_up.kind == ScaleUpKind::kPcie) AddPcie(first);
      if (m_scale_up.kind == ScaleUpKind::kTorus) AddTorus(first, end);
    }
  }

 private:
  // "host-3", or "domain-1" of several hosts.
  std::string DomainName(uint32_t host) const { return m_cluster.DomainName(host); }
  void AddGpu(uint32_t host, uint32_t gpu) {
    m_graph.AddHost(ClusterMap::GpuName(host, gpu), DomainName(host) + "/scale-up", true);
  }
  // The GPU on a crossbar of its own, and the crossbar's name.
  std::string AddCrossbar(uint32_t host, uint32_t gpu, uint64_t rate_bps) {
    const std::string name = ClusterMap::GpuName(host, gpu);
    AddGpu(host, gpu);
    m_graph.AddSwitch(name + "/crossbar", m_switch);
    m_graph.AddLink(name, name + "/crossbar", Link(rate_bps, kCrossbarDelayPs));
    return name + "/crossbar";
  }

  void AddSwitched(uint32_t first, uint32_t end) {
    const std::string name = DomainName(first) + "/nvswitch";
    const uint64_t delay_ps = m_scale_up.latency_ps / 2;
    m_graph.AddSwitch(name, m_switch);
    for (uint32_t host = first; host < end; ++host) {
      for (uint32_t gpu = 0; gpu < m_host.gpu_count; ++gpu) {
        AddGpu(host, gpu);
        m_graph.AddLink(ClusterMap::GpuName(host, gpu), name, Link(m_scale_up.rate_bps, delay_ps));
      }
    }
    if (!m_options.has_reduction_engines) return;
    const uint64_t gpus = uint64_t{end - first} * m_host.gpu_count;
    m_graph.AddHost(m_cluster.EngineName(first), DomainName(first) + "/scale-up", true);
    m_graph.AddLink(m_cluster.EngineName(first), name, Link(gpus * m_scale_up.rate_bps, delay_ps));
  }

  void AddMesh(uint32_t host) {
    std::vector<uint64_t> rate_bps(m_host.gpu_count, 0);
    for (const GpuLink& link : m_scale_up.links) {
      rate_bps[link.a] += link.bricks * m_scale_up.rate_bps;
      rate_bps[link.b] += link.bricks * m_scale_up.rate_bps;
    }
    std::vector<std::string> crossbars;
    for (uint32_t gpu = 0; gpu < m_host.gpu_count; ++gpu) {
      crossbars.push_back(AddCrossbar(host, gpu, std::max(rate_bps[gpu], m_scale_up.rate_bps)));
    }
    for (const GpuLink& link : m_scale_up.links) {
      m_graph.AddLink(
          crossbars[link.a], crossbars[link.b],
          Link(link.bricks * m_scale_up.rate_bps, m_scale_up.latency_ps - 2 * kCrossbarDelayPs));
    }
  }

  // PCIe switches below root complexes; a GPU with a bridge has a crossbar that joins both ways.
  void AddPcie(uint32_t host) {
    const std::string prefix = "host-" + std::to_string(host) + "/";
    const uint64_t delay_ps = m_scale_up.latency_ps / 2;
    std::vector<uint64_t> bridge_bps(m_host.gpu_count, 0);
    for (const GpuLink& link : m_scale_up.links) {
      bridge_bps[link.a] += link.bricks * m_scale_up.bridge_rate_bps;
      bridge_bps[link.b] += link.bricks * m_scale_up.bridge_rate_bps;
    }
    AddPcieTree(prefix);
    for (uint32_t gpu = 0; gpu < m_host.gpu_count; ++gpu) {
      const std::string parent = prefix + "pcie-" + std::to_string(m_scale_up.switch_of_gpu[gpu]);
      if (bridge_bps[gpu] == 0) {
        AddGpu(host, gpu);
        m_graph.AddLink(ClusterMap::GpuName(host, gpu), parent,
                        Link(m_scale_up.rate_bps, delay_ps));
        continue;
      }
      const std::string crossbar = AddCrossbar(host, gpu, m_scale_up.rate_bps + bridge_bps[gpu]);
      m_graph.AddLink(crossbar, parent, Link(m_scale_up.rate_bps, delay_ps - kCrossbarDelayPs));
    }
    for (const GpuLink& link : m_scale_up.links) {
      m_graph.AddLink(ClusterMap::GpuName(host, link.a) + "/crossbar",
                      ClusterMap::GpuName(host, link.b) + "/crossbar",
                      Link(link.bricks * m_scale_up.bridge_rate_bps,
                           m_scale_up.latency_ps - 2 * kCrossbarDelayPs));
    }
  }

  void AddPcieTree(const std::string& prefix) {
    const std::vector<uint32_t>& sockets = m_scale_up.socket_of_switch;
    const uint32_t last_socket = *std::max_element(sockets.begin(), sockets.end());
    for (uint32_t i = 0; i < sockets.size(); ++i) {
      const std::string name = prefix + "pcie-" + std::to_string(i);
      m_graph.AddSwitch(name, m_switch);
      m_graph.AddLink(name, prefix + "root-" + std::to_string(sockets[i]),
                      Link(m_scale_up.uplink_rate_bps, m_scale_up.hop_latency_ps));
    }
    for (uint32_t socket = 0; socket <= last_socket; ++socket) {
      m_graph.AddSwitch(prefix + "root-" + std::to_string(socket), m_switch);
      for (uint32_t other = 0; other < socket; ++other) {
        m_graph.AddLink(prefix + "root-" + std::to_string(other),
                        prefix + "root-" + std::to_string(socket),
                        Link(m_scale_up.socket_rate_bps, m_scale_up.hop_latency_ps));
      }
    }
  }

  using Place = std::array<uint32_t, 3>;

  // Hosts fill the domain along x first, then y, then z; so do the GPUs of a host.
  Place PlaceOf(uint32_t host_in_domain, uint32_t gpu) const {
    Place place{};
    for (size_t i = 0; i < 3; ++i) {
      const uint32_t hosts = m_scale_up.domain_shape[i] / m_scale_up.host_shape[i];
      place[i] = host_in_domain % hosts * m_scale_up.host_shape[i] + gpu % m_scale_up.host_shape[i];
      host_in_domain /= hosts;
      gpu /= m_scale_up.host_shape[i];
    }
    return place;
  }
  size_t IndexOf(const Place& place) const {
    return (size_t{place[2]} * m_scale_up.domain_shape[1] + place[1]) * m_scale_up.domain_shape[0] +
           place[0];
  }

  // Where hosts are missing, links end: such a slice is a mesh in that dimension.
  void AddTorus(uint32_t first, uint32_t end) {
    const std::vector<uint32_t>& shape = m_scale_up.domain_shape;
    std::vector<std::string> names(size_t{shape[0]} * shape[1] * shape[2]);
    std::vector<Place> places;
    for (uint32_t host = first; host < end; ++host) {
      for (uint32_t gpu = 0; gpu < m_host.gpu_count; ++gpu) {
        places.push_back(PlaceOf(host - first, gpu));
        names[IndexOf(places.back())] =
            AddCrossbar(host, gpu, LinksPerGpu(shape) * m_scale_up.rate_bps);
      }
    }
    for (const Place& place : places) {
      for (size_t i = 0; i < 3; ++i) {
        Place next = place;
        next[i] = (place[i] + 1) % shape[i];
        // The way round of two is the link that they have.
        if (next[i] == place[i] || (next[i] == 0 && shape[i] == 2)) continue;
        if (names[IndexOf(next)].empty()) continue;
        m_graph.AddLink(names[IndexOf(place)], names[IndexOf(next)],
                        Link(m_scale_up.rate_bps, m_scale_up.latency_ps - 2 * kCrossbarDelayPs));
      }
    }
  }
  static uint64_t LinksPerGpu(const std::vector<uint32_t>& shape) {
    uint64_t links = 0;
    for (uint32_t length : shape) links += std::min<uint32_t>(length - 1, 2);
    return std::max<uint64_t>(links, 1);
  }

  const ClusterMap& m_cluster;
  const ScaleUpGraphOptions& m_options;
  const Host& m_host;
  const ScaleUp& m_scale_up;
  NetworkGraph& m_graph;
  SwitchConfig m_switch;
};

}  // namespace

void AddScaleUp(const ClusterMap& cluster, const ScaleUpGraphOptions& options,
                NetworkGraph& graph) {
  if (cluster.HasScaleUp()) ScaleUpBuilder(cluster, options, graph).Build();
}

void AddScaleOut(const ClusterMap& cluster, const NetworkGraph& network, NetworkGraph& graph) {
  const std::vector<std::string> nics = cluster.NicEndpoints();
  if (network.HostCount() != nics.size()) {
    throw std::logic_error("the scale-out network has not as many hosts as the cluster has NICs");
  }
  const std::vector<GraphNodeInfo>& nodes = network.Nodes();
  const auto name = [&](uint32_t node) {
    return node < nics.size() ? nics[node] : nodes[node].name;
  };
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].is_host) {
      graph.AddHost(name(i), nodes[i].domain);
    } else {
      graph.AddSwitch(name(i), nodes[i].config);
    }
  }
  const uint64_t feed_bps = cluster.HostType().NicFeedBps();
  for (GraphLinkInfo link : network.Links()) {
    if (link.a < nics.size() && feed_bps != 0) {
      link.config.rate_bps = std::min(link.config.rate_bps, feed_bps);
      link.back.rate_bps = std::min(link.back.rate_bps, feed_bps);
    }
    graph.AddLink(name(link.a), name(link.b), link.config, link.back);
  }
}

}  // namespace ddlsim
