# SPDX-License-Identifier: MIT
"""Flow completion times as in HPCC, SIGCOMM 2019: 320 hosts, 20 edge, 20 aggregation and 16 core
switches, links of 100 Gb/s to hosts and 400 Gb/s between switches, 1 us each, 32 MB of buffer, flow
control on, 1000-byte payload, an acknowledgement per packet.

The parameters of the congestion controls are those of the authors' simulator
(github.com/alibaba-edu/High-Precision-Congestion-Control, simulation/run.py: dcqcn_vwin,
timely_vwin, dctcp, hp with U_TARGET 0.95 and MI_THRESH 0).
"""

import math

import pandas as pd

HOSTS_PER_EDGE, EDGES_PER_POD = 16, 4
HOST_BPS, FABRIC_BPS, DELAY_S = 100e9, 400e9, 1e-6
HEADER_BYTES, FIRST_BYTES, ACK_BYTES, GAP_BYTES = 62, 16, 66, 20
PAYLOAD_BYTES = 1000
BASE_RTT = "12.24us"  # six links of 1 us each way, and one packet of 1050 bytes on each

# The published load counts payload, and every packet of 1000 bytes has 50 of header and 60 of
# acknowledgement beside it; here it has 62, 66, and twice the 20 between frames. Equal load on the
# wire is what makes queues comparable.
PUBLISHED_WIRE = 1110 / 1000
OUR_WIRE = (1000 + HEADER_BYTES + ACK_BYTES + 2 * GAP_BYTES) / 1000

NETWORK = ["--topology=fattree", "--hosts=320", "--k=8", "--hosts-per-edge=16",
           "--oversubscription=4", "--link-rate=100Gbps", "--fabric-link-rate=400Gbps",
           "--link-delay=1us", "--buffer=32MiB", "--pfc=true", f"--payload={PAYLOAD_BYTES}",
           "--ack-every=1", "--ns3::ddl::Nic::WindowBytes=153000"]

# Acknowledgements share the data's class (ACK_HIGH_PRIO 0). For TIMELY run.py sets ACK_HIGH_PRIO 1,
# under which small flows come out as short as HPCC's; the published ones are as long as DCQCN's,
# as with acknowledgements among the data.
WITH_DATA = ["--ns3::ddl::Nic::ControlClass=3"]
CONTROLS = {
    "hpcc": WITH_DATA + [
        "--ns3::ddl::Hpcc::Eta=0.95", "--ns3::ddl::Hpcc::MaxStage=0",
        "--ns3::ddl::Hpcc::Flows=125",  # 40 Mb/s of additive increase
        f"--ns3::ddl::Hpcc::BaseRtt={BASE_RTT}", "--ns3::ddl::Hpcc::MinRate=1e9"],
    "dcqcn": WITH_DATA + [
        "--ns3::ddl::Nic::CnpInterval=1us", "--ns3::ddl::Dcqcn::DecreaseInterval=4us",
        "--ns3::ddl::Dcqcn::AlphaTimer=1us", "--ns3::ddl::Dcqcn::RateTimer=300us",
        "--ns3::ddl::Dcqcn::FastRecoverySteps=1", "--ns3::ddl::Dcqcn::Rai=0.0002",
        "--ns3::ddl::Dcqcn::Rhai=0.002", "--ns3::ddl::Dcqcn::ByteCounter=1000000000000000",
        "--ns3::ddl::Dcqcn::TimerOnly=true", "--ns3::ddl::Dcqcn::KeepTarget=true",
        "--ns3::ddl::Dcqcn::RateMin=0.01", f"--ns3::ddl::Dcqcn::WindowTime={BASE_RTT}"],
    "timely": WITH_DATA + [
        "--ns3::ddl::Timely::Alpha=0.875", "--ns3::ddl::Timely::OncePerRtt=true", "--ns3::ddl::Timely::MinRtt=20us",
        "--ns3::ddl::Timely::MinRate=0.01", f"--ns3::ddl::Timely::WindowTime={BASE_RTT}"],
    "dctcp": WITH_DATA + [
        "--ns3::ddl::Switch::EcnKmin=300000", "--ns3::ddl::Switch::EcnKmax=300000",
        "--ns3::ddl::Switch::EcnPmax=1"],
}


def arguments(control, workload, load, duration):
    """Of ddl-scenario; `load` as published."""
    return NETWORK + [f"--cc={control}", *CONTROLS[control], f"--traffic={workload}",
                      f"--load={load * PUBLISHED_WIRE / OUR_WIRE:.4f}", f"--duration={duration}"]


def _wire_s(frame_bytes, rate_bps):
    return (frame_bytes + GAP_BYTES) * 8 / rate_bps


def link_rates(src, dst):
    """Of the links between two hosts."""
    if src // HOSTS_PER_EDGE == dst // HOSTS_PER_EDGE:
        return [HOST_BPS, HOST_BPS]
    pod = HOSTS_PER_EDGE * EDGES_PER_POD
    inner = 2 if src // pod == dst // pod else 4
    return [HOST_BPS] + [FABRIC_BPS] * inner + [HOST_BPS]


def ideal_s(src, dst, size_bytes):
    """Until the acknowledgement, alone on the network and with basic headers only."""
    rates = link_rates(src, dst)
    packets = max(1, math.ceil(size_bytes / PAYLOAD_BYTES))
    last = size_bytes - (packets - 1) * PAYLOAD_BYTES
    first_bytes = (last if packets == 1 else PAYLOAD_BYTES) + HEADER_BYTES + FIRST_BYTES
    path_s = sum(_wire_s(first_bytes, rate) + DELAY_S for rate in rates)
    rest_s = 0.0
    if packets > 1:  # behind the first at the rate of the hosts' links
        rest_s = ((packets - 2) * _wire_s(PAYLOAD_BYTES + HEADER_BYTES, HOST_BPS)
                  + _wire_s(last + HEADER_BYTES, HOST_BPS))
    ack_s = sum(_wire_s(ACK_BYTES, rate) + DELAY_S for rate in rates)
    return path_s + rest_s + ack_s


def slowdowns(folder):
    """Size [bytes] and slowdown of flows, in the order of size: of those that start in the middle
    three fifths of the arrivals. The first ones meet an empty network and the last ones an emptying
    one, long flows above all: with them, the slowdown at 30 MB comes out a tenth too low."""
    flows = pd.read_csv(folder / "flows.csv")
    end_ns = flows["start_ns"].max()
    flows = flows[flows["acknowledged_ns"].notna()
                  & flows["start_ns"].between(0.2 * end_ns, 0.8 * end_ns)]
    ideal_ns = [1e9 * ideal_s(*row) for row in
                zip(flows["src_host"], flows["dst_host"], flows["size_bytes"])]
    table = pd.DataFrame({
        "size_bytes": flows["size_bytes"],
        "slowdown": ((flows["acknowledged_ns"] - flows["start_ns"]) / ideal_ns).clip(lower=1)})
    return table.sort_values("size_bytes", kind="stable").reset_index(drop=True)


def at_size(table, size_bytes, percentile, bins=20):
    """The percentile of slowdown in that of `bins` bins of equally many flows, in the order of
    size, which ends nearest to the size: how the published figures are made."""
    count = len(table)
    ends = [max(1, count * (i + 1) // bins) for i in range(bins)]
    distances = [abs(math.log(max(1, table["size_bytes"][end - 1]) / size_bytes)) for end in ends]
    best = distances.index(min(distances))
    begin = 0 if best == 0 else ends[best - 1]
    return float(table["slowdown"][begin:ends[best]].quantile(percentile / 100))
