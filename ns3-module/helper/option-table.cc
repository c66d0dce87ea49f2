// SPDX-License-Identifier: GPL-2.0-only
#include "option-set.h"

namespace ddlsim {
namespace {

using Options = std::vector<OptionSpec>;

// The kind of network and its hosts.
Options NetworkOptions() {
  return {
      {"topology", "fattree",
       "network: fattree, leafspine, rail, dragonfly, torus2d, torus3d, mesh2d, ring (of "
       "switches), tree, star (one switch), fullmesh, hypercube, wan (several sites), pair (two "
       "hosts on one cable), file:PATH (default: rail where hosts have several NICs, else fattree)",
       ""},
      {"hosts", "", "number of hosts (default: one per rank, or 16)", ""},
      {"nodes", "",
       "number of hosts of several GPUs (default: as many as the ranks need, or 16 GPUs)", ""},
      {"gpus-per-host", "1", "GPUs per host (default: that of a host given as --hardware, or 1)",
       ""},
      {"nics-per-host", "",
       "NICs per host (default: one per GPU); without several GPUs with --write-topology only", ""},
      {"scale-up-rate", "",
       "rate of a GPU's port within its host, each way [bit/s] (default: that of --hardware, or "
       "3600Gbps)",
       ""},
      {"scale-up-frame", "",
       "bytes that one simulated frame carries within a host: larger is faster and coarser "
       "[bytes] (default: that of --hardware, or 4KiB)",
       ""},
  };
}

// The sizes of each topology: docs/topologies.md.
Options TopologyOptions() {
  const char* leaf_spine = "topology=leafspine,wan";
  const char* dragonfly = "topology=dragonfly";
  return {
      {"levels", "3", "switch levels of a fat-tree: 2 or 3", "", false, "topology=fattree"},
      {"k", "", "ports per switch of a fat-tree, even (default: the least that holds the hosts)",
       "", false, "topology=fattree"},
      {"hosts-per-edge", "", "hosts per edge switch of a fat-tree (default: k/2)", "", false,
       "topology=fattree"},
      {"oversubscription", "1", "hosts per uplink of an edge switch", "", false,
       "topology=fattree"},
      {"planes", "", "fat-trees side by side, one for each NIC of a host or for some (default: 1)",
       "", false, "topology=fattree"},
      {"leaves", "", "leaf switches (default: as many as the hosts need)", "", false, leaf_spine},
      {"spines", "", "spine switches (default: one per port of a leaf to hosts)", "", false,
       "topology=leafspine,rail,wan"},
      {"hosts-per-leaf", "", "hosts per leaf switch (default: about as many as leaves)", "", false,
       leaf_spine},
      {"hosts-per-unit", "",
       "hosts per scalable unit of a rail network (default: 32, or half of the hosts)", "", false,
       "topology=rail"},
      {"dragonfly-p", "", "hosts per router (default: balanced, a = 2p = 2h)", "", false,
       dragonfly},
      {"dragonfly-a", "", "routers per group (default: balanced)", "", false, dragonfly},
      {"dragonfly-h", "", "links to other groups per router (default: balanced)", "", false,
       dragonfly},
      {"dragonfly-groups", "", "groups (default: as many as the hosts need)", "", false, dragonfly},
      {"dims", "", "switches per dimension: 4x4, 4x4x2 (default: as near to equal as can be)", "",
       false, "topology=torus2d,torus3d,mesh2d"},
      {"hosts-per-switch", "",
       "hosts per switch (default: 1; with file: hosts to add to each switch of a map without any)",
       "", false, "topology=torus2d,torus3d,mesh2d,ring,fullmesh,hypercube,file"},
      {"fanout", "4", "children of each switch of a tree, and hosts of the lowest", "", false,
       "topology=tree"},
      {"sites", "2", "sites of a wan", "", false, "topology=wan"},
      {"site", "star", "what a site of a wan is: star, leafspine", "", false, "topology=wan"},
      {"wan-rate", "", "rate of the links between sites (default: --link-rate) [bit/s]", "", false,
       "topology=wan"},
      {"wan-delay", "1ms", "delay of the links between sites [time]", "", false, "topology=wan"},
      {"file-format", "auto",
       "format of file:PATH: yaml, graphml, inet, orbis, rocketfuel, or auto (by the name's end)",
       "", false, "topology=file"},
  };
}

// The links, whatever the topology.
Options LinkOptions() {
  return {
      {"link-rate", "400Gbps",
       "rate of every link between hosts [bit/s: Mbps, Gbps, Tbps] (default: that of the NICs of a "
       "host given as --hardware, or 400Gbps)",
       ""},
      {"fabric-link-rate", "", "rate of the links between switches (default: --link-rate) [bit/s]",
       "", false,
       "topology=fattree,leafspine,rail,dragonfly,torus2d,torus3d,mesh2d,ring,tree,fullmesh,"
       "hypercube,wan"},
      {"link-delay", "500ns", "propagation delay of every link, above zero [time: ps, ns, us, ms]",
       ""},
      {"loss", "0", "probability that a link loses a frame, each link and way [0..1]", ""},
      {"link-loss", "",
       "loss of single links instead: host-0--edge-0=1,edge-0--agg-0-1=0.01 [0..1, both ways]", ""},
      {"write-topology", "", "write the network to this JSON file and stop, without simulating",
       ""},
  };
}

// What the switches do.
Options SwitchOptions() {
  return {
      {"switch-latency", "0ns", "forwarding latency of every switch [time]",
       "ns3::ddl::Switch::Latency"},
      {"buffer", "32MiB", "packet buffer per switch [bytes: KiB, MiB]",
       "ns3::ddl::Switch::BufferBytes"},
      {"ecn", "true", "mark congestion at switches [true, false]", "ns3::ddl::Switch::EcnEnabled"},
      {"buffer-alpha", "0",
       "dynamic threshold: a queue may hold this many times the free buffer; 0: all of it",
       "ns3::ddl::Switch::BufferAlpha"},
      {"cut-through", "false", "switches forward a frame when its first bytes are in [true, false]",
       "ns3::ddl::Switch::CutThrough"},
      {"switch-reduction", "auto",
       "switches between hosts add up what --algo=in_network sends them [true, false] (default: "
       "true with that algorithm)",
       "", false, "transport=rdma"},
      {"classes", "auto",
       "traffic classes in the switches, --ns3::ddl::Switch::ClassWeights [true, false]; "
       "default: true with --pfc, --trim or --cc=hpcc",
       ""},
      {"pfc", "false", "priority-based flow control: no drops in lossless classes [true, false]",
       "ns3::ddl::Switch::PfcEnabled"},
      {"trim", "false", "switches cut the payload off what finds no room [true, false]",
       "ns3::ddl::Switch::Trim"},
      {"routing", "ecmp",
       "choice among equal paths: ecmp (per flow), flowlet, spray (per packet), adaptive (least "
       "loaded)",
       ""},
      {"link-down", "", "links that fail: edge-0--agg-0-1@1ms..3ms, or @1ms for good", ""},
      {"convergence-delay", "1ms", "from a link's failure or repair until routes know of it [time]",
       "ns3::ddl::Switch::ConvergenceDelay", false, "link-down"},
  };
}

// What carries messages between hosts.
Options TransportOptions() {
  return {
      {"transport", "rdma",
       "what carries messages: rdma (RoCEv2 queue pairs), tcp (connections of ns-3's own TCP)", ""},
      {"payload", "4096", "payload of a full packet [bytes]", "ns3::ddl::Nic::PayloadBytes", false,
       "transport=rdma"},
      {"ack-every", "8", "packets per acknowledgement", "ns3::ddl::Nic::AckEvery", false,
       "transport=rdma"},
      {"cc", "dcqcn",
       "congestion control: dcqcn, dctcp, hpcc, nscc, swift, timely, window (a fixed one), none "
       "(no rate, no window but the transport's)",
       "", false, "transport=rdma"},
      {"recovery", "gbn", "loss recovery: gbn (go-back-N), sr (selective repeat)", "", false,
       "transport=rdma"},
      {"tcp-variant", "TcpCubic",
       "congestion control of TCP, an ns-3 type: TcpCubic, TcpLinuxReno, TcpNewReno, TcpDctcp, "
       "TcpBbr ...",
       "", false, "transport=tcp"},
      {"tcp-mss", "8960", "payload of a full TCP segment [bytes]", "ns3::TcpSocket::SegmentSize",
       false, "transport=tcp"},
      {"tcp-initial-window", "10", "TCP's initial congestion window [segments]",
       "ns3::TcpSocket::InitialCwnd", false, "transport=tcp"},
      {"tcp-min-rto", "200ms", "TCP's least retransmission timeout [time]",
       "ns3::TcpSocketBase::MinRto", false, "transport=tcp"},
      {"tcp-ack-every", "1", "segments per acknowledgement of TCP (delayed acknowledgements: 2)",
       "ns3::TcpSocket::DelAckCount", false, "transport=tcp"},
      {"tcp-buffer", "",
       "buffer of a sending TCP socket [bytes: KiB, MiB] (default: four bandwidth-delay "
       "products of the path, at least 4 MiB)",
       "", false, "transport=tcp"},
  };
}

// What the hosts do: a trace set or one collective.
Options WorkloadOptions() {
  const char* library = "library=nccl,auto";
  return {
      {"workload", "", "trace set to replay: a folder, or the prefix of another tool's files", ""},
      {"comm-size", "total",
       "what other tools' traces mean by the size of all_gather and reduce_scatter: total, "
       "per-rank",
       "", false, "workload"},
      {"groups", "", "communicator groups of another tool's traces [JSON file]", "", false,
       "workload"},
      {"collective", "",
       "instead of a workload, one collective among all ranks: all_reduce, all_gather, "
       "reduce_scatter, all_to_all, broadcast, reduce, gather, scatter, barrier, sendrecv",
       ""},
      {"size", "64MiB",
       "size of --collective (as in nccl-tests), or of each flow of permutation, random, "
       "all_pairs and fixed [bytes: KiB, MiB, GiB]",
       "", false, "sized-collective|traffic:sized"},
      {"collective-bench", "",
       "instead of a workload, one collective in each of --sizes, one after another, printed as "
       "nccl-tests does",
       ""},
      {"sizes", "8:128MiB",
       "sizes of --collective-bench, and ranges of them, with commas between [bytes: KiB, MiB, "
       "GiB]",
       "", false, "collective-bench"},
      {"step-factor", "2", "from one size of a range of --sizes to the next", "", false,
       "collective-bench"},
      {"estimate", "false",
       "--collective-bench by the library's closed formulas alone: nothing is simulated or written "
       "[true, false]",
       "", false, "collective-bench"},
      {"ranks", "",
       "ranks of --collective, as many on each host of several GPUs (default: one per GPU)", "",
       false, "collective|collective-bench"},
      {"repeat", "1", "how often --collective, or each size, runs, one after another", "", false,
       "collective|collective-bench"},
      {"library", "auto",
       "model of the collective library's costs: nccl, none (collectives step by step, at no cost "
       "but the network's), auto (nccl where the host of --hardware states its costs)",
       ""},
      {"proto", "auto", "protocol of the library: auto, ll, ll128, simple", "", false, library},
      {"channels", "",
       "channels of the library at most, as NCCL_MAX_NCHANNELS (default: by its rules) [1..64]", "",
       false, library},
      {"launch", "process-per-gpu",
       "how the library is called: process-per-gpu, single-process, synchronized (each call timed "
       "by itself)",
       "", false, library},
      {"algo", "auto",
       "algorithm of all collectives that have it: auto, ring, halving_doubling, tree, direct, "
       "dissemination, double_binary_tree, bruck, pat, hierarchical, nvls, nvls_tree, in_network, "
       "two_shot, or file:PATH (JSON or MSCCL's XML)",
       ""},
      {"alltoallv", "", "sizes of every all_to_all: a CSV file of src,dst,bytes (others: 0)", ""},
      {"alltoall-skew", "",
       "in every all_to_all one rank, drawn from --seed, is sent so many times the mean [1..ranks]",
       ""},
  };
}

// Flows beside a workload, or alone.
Options TrafficOptions() {
  return {
      {"traffic", "",
       "instead of a workload, flows between hosts: websearch, hadoop, storage, file:PATH or "
       "fixed (sizes of flows that arrive at random), incast, both (websearch+incast); or "
       "messages that all start at once: permutation, random (to a random other), all_pairs",
       ""},
      {"background", "",
       "beside a workload, the same flows: websearch, hadoop, storage, file:PATH, fixed, "
       "incast, or one of them and incast (websearch+incast)",
       ""},
      {"load", "0.3",
       "payload of the flows that arrive at random, of every host's link rate [share above 0, 1 "
       "at most]",
       "", false, "traffic:arrivals"},
      {"duration", "",
       "flows of --traffic or --background start within this time [time: us, ms] (default: "
       "10ms, or as long as the workload beside them runs, or --flows)",
       "", false, "traffic:timed"},
      {"flows", "",
       "how many flows arrive at random, spread evenly over the hosts (default: no limit)", "",
       false, "traffic:arrivals"},
      {"incast-degree", "", "hosts that send to one at a time (default: 60, or all others)", "",
       false, "traffic:incast"},
      {"incast-size", "500KB", "what each of them sends [bytes: KB, MB, KiB]", "", false,
       "traffic:incast"},
      {"incast-load", "0.02",
       "payload of incasts, of all hosts' link rates [0..1]; 0: one incast, at the start", "",
       false, "traffic:incast"},
  };
}

// The workload generator's: model and parallelism.
Options ModelOptions() {
  return {
      {"model", "",
       "generate the workload from this model: a name, a YAML file or a Hugging Face config.json "
       "(default: gpt2 when nothing else is given)",
       "", true},
      {"dp", "",
       "data-parallel replicas of --model (default: by the other degrees, as many as fill --hosts, "
       "or 16)",
       "", true, "model"},
      {"tp", "1", "tensor-parallel ranks of --model", "", true, "model"},
      {"sequence-parallel", "", "beside --tp, --model's norms divide the tokens: true, false", "",
       true, "model"},
      {"tp-comm-overlap", "",
       "beside --tp, exchanges of --model that run beside products: none, bulk, ring_exchange, "
       "pipeline[:PIECES]",
       "", true, "model"},
      {"cp", "1", "context-parallel ranks of --model", "", true, "model"},
      {"ep", "1", "ranks among which --model's experts are spread", "", true, "model"},
      {"etp", "", "ranks that divide each expert of --model", "", true, "model"},
      {"expert-imbalance", "",
       "tokens of the rank of --ep whose experts get most, over the mean (default: 1)", "", true,
       "model"},
      {"expert-loads", "", "measured shares of tokens of --model's experts, a CSV file", "", true,
       "model"},
      {"lora-rank", "", "rank of the low-rank adapters that are trained instead of --model", "",
       true, "model"},
      {"lora-targets", "", "what has adapters: qkv, attention, feed_forward or all", "", true,
       "model"},
      {"embedding-sharding", "",
       "where --model's embedding tables lie (recommendation models): data_parallel, table_wise, "
       "row_wise",
       "", true, "model"},
      {"pp", "1", "pipeline stages of --model", "", true, "model"},
      {"schedule", "", "of --model's pipeline: gpipe, 1f1b, interleaved, zero-bubble", "", true,
       "model"},
      {"virtual-stages", "", "parts of --model's layers per pipeline stage", "", true, "model"},
      {"rank-order", "", "--model's kinds of parallelism, neighbouring ranks first", "", true,
       "model"},
      {"zero", "", "what --model's data-parallel ranks divide: 0, 1, 2, 3", "", true, "model"},
      {"overlap-param-gather", "",
       "beside --zero=1 and 2, parameters of --model are gathered beside the next forward pass: "
       "true, false",
       "", true, "model"},
      {"prefetch", "", "blocks that --zero=3 gathers ahead", "", true, "model"},
      {"backward-prefetch", "", "the same in backward passes", "", true, "model"},
      {"dp-group", "", "ranks of an inner group of --model's data parallelism", "", true, "model"},
      {"compression", "", "of --model's gradients: none, fp16, int8, topk:SHARE", "", true,
       "model"},
      {"local-steps", "", "iterations between two averages of --model's parameters", "", true,
       "model"},
      {"parameter-servers", "0", "ranks behind --dp that keep --model's parameters", "", true,
       "model"},
      {"staleness", "", "iterations that a worker may be ahead of the slowest", "", true, "model"},
  };
}

// The generator's: what each rank computes, and on what.
Options ComputeOptions() {
  return {
      {"microbatches", "", "micro-batches per iteration of --model", "", true, "model"},
      {"batch", "", "samples per replica and iteration of --model", "", true, "model"},
      {"sequence-length", "", "tokens per sequence of --model", "", true, "model"},
      {"precision", "", "number format of --model's computation", "", true, "model"},
      {"parameter-precision", "", "number format in which --model's parameters are kept", "", true,
       "model"},
      {"gradient-precision", "", "number format of --model's gradients, also on the wire", "", true,
       "model"},
      {"bucket-size", "", "gradient bucket of --model [bytes]", "", true, "model"},
      {"first-bucket-size", "", "first gradient bucket of --model [bytes]", "", true, "model"},
      {"context-memory", "", "memory of each GPU beside --model's tensors [bytes]", "", true,
       "model"},
      {"communicator-memory", "", "the same per communicator of a rank [bytes]", "", true, "model"},
      {"recompute", "", "activation recomputation of --model: none, selective, full", "", true,
       "model"},
      {"attention", "", "how --model's attention runs: flash, flash2, unfused", "", true, "model"},
      {"fusion", "", "what of --model is fused: none, pointwise, convolution", "", true, "model"},
      {"compute-times", "", "measured times of --model's operations, a CSV file", "", true,
       "model"},
      {"gpu", "", "GPUs that compute --model, such as h100,a100-80gb:8-15 (default: --hardware's)",
       "", true, "model"},
      {"speed", "", "--model's slower or faster ranks, such as 8-15:0.8", "", true, "model"},
      {"hardware", "",
       "GPU that computes, a preset of hardware/presets (default: h100; with --workload, for nodes "
       "that state operations and no duration), or hosts with such GPUs, a preset of "
       "hardware/hosts; or a YAML file with either",
       "", true, "model|workload|host"},
  };
}

// One run and what it writes.
Options RunOptions() {
  return {
      {"iterations", "1", "training iterations", ""},
      {"warm-up", "", "of these, the first ones, which count in no mean (default: 1 of several)",
       ""},
      {"seed", "1", "seed of every random draw", ""},
      {"pcap", "", "hosts whose packets are captured, in pcap/HOST.pcap: host-0,host-3 or all", "",
       false, "transport=rdma"},
      {"pcap-snaplen", "0", "of each packet so much is kept [bytes; 0: all]", "", false, "pcap"},
      {"sample-interval", "",
       "write queue-samples.csv and flow-samples.csv, a look every so often [time]", ""},
      {"sample-rows", "1000000", "rows at most of each of these two files", "", false,
       "sample-interval"},
      {"timeline-ranks", "64", "ranks in timeline.json, evenly spread; 0: collectives only", ""},
      {"flow-rows", "all",
       "rows in flows.csv: all, or traffic: none of the workload's messages, whose rows take "
       "gigabytes "
       "in large runs",
       ""},
      {"out", "", "folder of the results (default: a name of its own under results/)", ""},
      {"config", "", "YAML or JSON file with these options as keys; the command line wins", ""},
  };
}

Options AllOptions() {
  Options all;
  for (const Options& part :
       {NetworkOptions(), TopologyOptions(), LinkOptions(), SwitchOptions(), TransportOptions(),
        WorkloadOptions(), TrafficOptions(), ModelOptions(), ComputeOptions(), RunOptions()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

const std::vector<OptionSpec>& ScenarioOptionTable() {
  static const Options table = AllOptions();
  return table;
}

}  // namespace ddlsim
