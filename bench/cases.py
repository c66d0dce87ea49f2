# SPDX-License-Identifier: MIT
"""The benchmark cases: options of ddl-scenario, and what to hold the figures against."""

from dataclasses import dataclass, field

# One bandwidth-delay product of window, no rate control, 32 MiB of buffer per switch, an
# acknowledgement per packet (simulated, not counted).
COMMON = ["--cc=none", "--buffer=32MiB", "--ack-every=1"]


@dataclass
class Case:
    name: str
    what: str
    options: list
    # Million data-packet-hops per CPU second: the best that other packet simulators make on this
    # kind of machine, what the project wants to reach, and what it aims at.
    others_mhops: float = 0.0
    reach_mhops: float = 0.0
    aim_mhops: float = 0.0
    reach_mb: float = 0.0
    others_mb: float = field(default=0.0)
    repeat: int = 0  # runs at most; 0: as many as asked for


def permutation(hosts, size, **targets):
    return Case(
        f"perm{hosts}",
        f"permutation, {size} per flow, {hosts} hosts, fat-tree, 400 Gb/s, 1 us, 4096 B",
        ["--traffic=permutation", "--topology=fattree", f"--hosts={hosts}", f"--size={size}",
         "--link-rate=400Gbps", "--link-delay=1us", "--payload=4096", "--ecn=false"] + COMMON,
        **targets)


CASES = [
    Case("ring64",
         "ring all-reduce, 16 MiB, 64 ranks, star, 400 Gb/s, 500 ns, 1000 B, ECN on",
         ["--collective=all_reduce", "--algo=ring", "--topology=star", "--hosts=64", "--size=16MiB",
          "--link-rate=400Gbps", "--link-delay=500ns", "--payload=1000", "--ecn=true"] + COMMON,
         others_mhops=0.57, others_mb=95, reach_mhops=7, reach_mb=100, aim_mhops=17),
    Case("alltoall128",
         "direct all-to-all, 4 MiB, 128 ranks, 8 leaves + 8 spines, 200 Gb/s, 1 us, 1000 B",
         ["--collective=all_to_all", "--algo=direct", "--topology=fattree", "--levels=2",
          "--hosts=128", "--hosts-per-edge=16", "--oversubscription=2", "--size=4MiB",
          "--link-rate=200Gbps", "--link-delay=1us", "--payload=1000", "--ecn=false"] + COMMON,
         others_mhops=0.16, others_mb=724, reach_mhops=5, reach_mb=300, aim_mhops=10),
    permutation(16, "256MiB", others_mhops=2.1, reach_mhops=10, aim_mhops=20),
    permutation(1024, "4MiB", others_mhops=0.50, others_mb=181, reach_mhops=4, reach_mb=250,
                aim_mhops=8),
    permutation(8192, "1MiB", others_mhops=0.17, others_mb=2400, reach_mhops=2, reach_mb=1500,
                aim_mhops=4),
]

# Set-up alone: the network is built and next to nothing is sent.
SETUP = [
    Case(f"setup{hosts}", f"fat-tree of {hosts} hosts, one byte per host",
         permutation(hosts, "1B").options) for hosts in (128, 1024, 8192)
]

# Growth: more packets on one network, more hosts with equal traffic each.
SCALE = ([Case(f"packets-x{factor}", f"permutation, {factor * 8} MiB per flow, 128 hosts",
               permutation(128, f"{factor * 8}MiB").options) for factor in (1, 2, 4, 8)] +
         [Case(f"hosts-{hosts}", f"permutation, 1 MiB per flow, {hosts} hosts",
               permutation(hosts, "1MiB").options) for hosts in (128, 512, 2048, 8192)])

# A collective as its library runs it, hosts inside included.
CLUSTERS = [
    Case("gpus1024", "all-reduce of 64 MiB among 1,024 H100, 128 hosts on a rail network, as NCCL",
         ["--hardware=hgx-h100", "--nodes=128", "--collective=all_reduce", "--size=64MiB",
          "--topology=rail", "--timeline-ranks=0"], reach_mhops=5),
]

# A whole iteration: 16 hosts of 8, eight micro-batches of one sequence of 2,048 tokens, bf16.
TRAINING = [
    Case("gpt3-13b", "an iteration of GPT-3 13B on 128 H100, tensor parallel 8, data parallel 16",
         ["--model=gpt3-13b", "--tp=8", "--dp=16", "--microbatches=8", "--hardware=hgx-h100",
          "--nodes=16", "--topology=rail", "--timeline-ranks=0", "--flow-rows=traffic"], repeat=1),
]

# What a feature costs: one permutation with one thing more at a time. Table of docs/feature-costs.md
# and bench/README.md. The rate is of data-packet-hops, so that telemetry, whose packets are longer
# but no more, and classes compare directly.
def feature(name, what, *options):
    base = permutation(256, "4MiB").options
    given = {option.split("=")[0] for option in options}
    if "--transport=tcp" in options:  # what is RDMA's alone
        given |= {"--payload", "--cc", "--ack-every"}
    return Case(f"with-{name}", what,
                [option for option in base if option.split("=")[0] not in given] + list(options))


FEATURES = [
    feature("nothing", "permutation, 4 MiB per flow, 256 hosts, no feature"),
    feature("ecn", "ECN marking", "--ecn=true"),
    feature("dcqcn", "DCQCN (and ECN)", "--cc=dcqcn", "--ecn=true"),
    feature("swift", "Swift", "--cc=swift"),
    feature("alpha", "dynamic buffer threshold", "--buffer-alpha=1"),
    feature("cut-through", "cut-through", "--cut-through=true"),
    feature("spray", "a path per packet", "--routing=spray", "--recovery=sr"),
    feature("flowlet", "a path per flowlet", "--routing=flowlet"),
    feature("adaptive", "the least loaded path", "--routing=adaptive", "--recovery=sr"),
    feature("loss", "selective repeat, losses of 1e-4", "--recovery=sr", "--loss=1e-4"),
    feature("classes", "classes: real queues", "--classes=true"),
    feature("pfc", "flow control (and classes)", "--pfc=true", "--buffer=64MiB"),
    feature("hpcc", "HPCC with telemetry (and classes)", "--cc=hpcc"),
    feature("samples", "samples every 10 us", "--sample-interval=10us"),
    feature("tcp", "ns-3's TCP instead of RDMA, 256 KiB per flow", "--transport=tcp",
            "--size=256KiB", "--tcp-mss=4096"),
]
