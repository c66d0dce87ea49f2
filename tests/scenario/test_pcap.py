# SPDX-License-Identifier: MIT
"""Captures as tshark reads them, against what the simulator counted and timed."""

import collections
import shutil
import subprocess

import pytest

from scenario_run import results, summary, table

# Four senders to host-0 (which seed 5 draws) over a small buffer, with errors on the links: drops, NAKs, marks, CNPs.
# Messages of 900,001 bytes end with a packet of 2,977 bytes, which is padded.
SIZE = 900001
LAST_BYTES = SIZE % 4096
SCENARIO = ["--traffic=incast", "--incast-load=0", "--seed=5", "--hosts=5", f"--incast-size={SIZE}", "--topology=star",
            "--link-rate=100Gbps", "--cc=dcqcn", "--loss=3e-3", "--buffer=200KiB",
            "--ns3::ddl::Switch::EcnKmin=20000", "--ns3::ddl::Nic::CnpInterval=10us",
            "--pcap=all"]
FIELDS = ["frame.time_epoch", "frame.len", "frame.cap_len", "ip.src", "ip.dst", "ip.len",
          "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.checksum.status", "udp.length", "udp.dstport",
          "infiniband.bth.opcode", "infiniband.bth.padcnt", "infiniband.bth.destqp",
          "infiniband.bth.psn", "infiniband.reth.dmalen", "infiniband.aeth.syndrome.opcode",
          "infiniband.aeth.msn", "_ws.malformed", "_ws.expert.severity"]
FIRST, MIDDLE, LAST, ONLY, ACK, CNP = 6, 7, 8, 10, 17, 129
DATA = (FIRST, MIDDLE, LAST, ONLY)
ECT0, CE = 2, 3
FULL_BYTES = 4096 + 58  # Ethernet header to invariant CRC, without the FCS


def tshark(path, *arguments):
    assert shutil.which("tshark"), "no tshark: ./ns3 test installs it"
    process = subprocess.run(["tshark", "-r", str(path), "-n", "-o", "ip.check_checksum:TRUE",
                              *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert process.returncode == 0, process.stderr
    return process.stdout


def dissect(path):
    """A dictionary per packet. Numbers are integers, times nanoseconds."""
    columns = [word for field in FIELDS for word in ("-e", field)]
    packets = []
    for line in tshark(path, "-T", "fields", "-E", "separator=|", *columns).splitlines():
        packet = dict(zip(FIELDS, line.split("|")))
        seconds, nanoseconds = packet["frame.time_epoch"].split(".")
        packet["time_ns"] = int(seconds) * 10**9 + int(nanoseconds.ljust(9, "0"))
        for field in FIELDS[1:]:
            if packet[field] and not field.startswith(("ip.src", "ip.dst")):
                packet[field] = int(packet[field], 0)
        packets.append(packet)
    assert packets
    return packets


@pytest.fixture(scope="module", name="run")
def _run(tmp_path_factory):
    """The result folder, and every host's packets."""
    folder = results(SCENARIO, tmp_path_factory.mktemp("pcap"))
    return folder, [dissect(folder / "pcap" / f"host-{host}.pcap") for host in range(5)]


def address(host):
    return f"10.0.0.{host + 1}"


def sent(packets, host, opcodes):
    return [p for p in packets if p["ip.src"] == address(host)
            and p["infiniband.bth.opcode"] in opcodes]


def test_nothing_is_malformed(run):
    folder, captures = run
    for packets in captures:
        for packet in packets:
            assert not packet["_ws.malformed"] and not packet["_ws.expert.severity"], packet
            assert packet["ip.checksum.status"] == 1, packet  # good
            assert packet["udp.dstport"] == 4791
            assert packet["ip.len"] == packet["frame.len"] - 14
            assert packet["udp.length"] == packet["ip.len"] - 20
            assert packet["frame.cap_len"] == packet["frame.len"]
    assert "Malformed" not in tshark(folder / "pcap" / "host-0.pcap", "-V")
    # The list says so even where the fields do not.
    assert "Malformed" not in tshark(folder / "pcap" / "host-0.pcap")


def test_counts_are_the_simulators(run):
    folder, captures = run
    facts = summary(folder)
    for key in ("drops", "lost_packets", "retransmitted_packets", "ecn_marked_packets"):
        assert facts[key] > 0, key
    data = [p for host in range(5) for p in sent(captures[host], host, DATA)]
    assert len(data) == facts["data_packets"]
    links = {(row["source"], row["destination"]): row for row in table(folder, "links.csv")}
    for host, packets in enumerate(captures):
        out = links[f"host-{host}", "switch-0"]
        mine = [p for p in packets if p["ip.src"] == address(host)]
        assert len(mine) == int(out["frames"])
        assert len(sent(packets, host, DATA)) == int(out["data_frames"])
        # The simulator counts the FCS and leaves the padding out.
        assert sum(p["frame.len"] + 4 - p["infiniband.bth.padcnt"] for p in mine) == int(out["bytes"])
        back = links["switch-0", f"host-{host}"]
        assert len(packets) - len(mine) == int(back["frames"]) - int(back["lost_frames"])
    answers = sent(captures[0], 0, (ACK, CNP))
    naks = [p for p in answers if p["infiniband.aeth.syndrome.opcode"] == 3]
    assert naks and any(p["infiniband.bth.opcode"] == CNP for p in answers)
    # Nothing is sent again but for a NAK or a timeout, which sends whole windows.
    first = collections.Counter((p["ip.src"], p["infiniband.bth.psn"]) for p in data)
    assert sum(count - 1 for count in first.values()) == facts["retransmitted_packets"]


def test_sequence_numbers_opcodes_and_sizes(run):
    _, captures = run
    packets_of_message = -(-SIZE // 4096)
    for host in range(1, 5):
        data = sent(captures[host], host, DATA)
        assert len({p["infiniband.bth.destqp"] for p in data}) == 1
        highest = -1
        for packet in data:
            psn = packet["infiniband.bth.psn"]
            assert psn <= highest + 1  # the next one, or one sent again
            highest = max(highest, psn)
            if psn == 0:
                assert packet["infiniband.bth.opcode"] == FIRST
                assert packet["infiniband.reth.dmalen"] == SIZE
                assert packet["frame.len"] == FULL_BYTES + 16
            elif psn == packets_of_message - 1:
                assert packet["infiniband.bth.opcode"] == LAST
                assert packet["infiniband.bth.padcnt"] == -LAST_BYTES % 4
                assert packet["frame.len"] == LAST_BYTES + -LAST_BYTES % 4 + 58
            else:
                assert packet["infiniband.bth.opcode"] == MIDDLE
                assert packet["frame.len"] == FULL_BYTES
        assert highest == packets_of_message - 1


def test_receiver_acknowledges_what_has_come(run):
    _, captures = run
    expected = collections.Counter()  # by queue pair: the next packet that the receiver waits for
    last = -(-SIZE // 4096) - 1
    for packet in captures[0]:
        pair = packet["infiniband.bth.destqp"]  # both directions carry the same number
        psn = packet["infiniband.bth.psn"]
        if packet["infiniband.bth.opcode"] in DATA:
            assert packet["ip.dst"] == address(0)
            assert packet["ip.dsfield.ecn"] in (ECT0, CE)
            expected[pair] += psn == expected[pair]
        elif packet["infiniband.bth.opcode"] == ACK:
            assert packet["ip.dsfield.ecn"] == 0
            is_nak = packet["infiniband.aeth.syndrome.opcode"] == 3
            # What waited for the port may be older than what has come since.
            assert psn <= expected[pair] - (0 if is_nak else 1)
            assert packet["infiniband.aeth.msn"] == (psn == last)
        else:
            assert packet["infiniband.bth.opcode"] == CNP and packet["ip.dsfield.dscp"] == 48
    assert set(expected.values()) == {last + 1}


def test_marks_arrive(run):
    folder, captures = run
    marked = [p for p in captures[0] if p["ip.dsfield.ecn"] == CE]
    lost = int(next(row for row in table(folder, "links.csv")
                    if row["destination"] == "host-0")["lost_frames"])
    marks = summary(folder)["ecn_marked_packets"]
    assert marks - lost <= len(marked) <= marks and marked
    assert not any(p["ip.dsfield.ecn"] == CE for host in range(1, 5)
                   for p in sent(captures[host], host, DATA))


def test_time_stamps_are_simulated_time(run):
    folder, captures = run
    for packets in captures:
        times = [p["time_ns"] for p in packets]
        assert times == sorted(times)
    for flow in table(folder, "flows.csv"):
        src = int(flow["src_host"])
        begun = sent(captures[src], src, DATA)[0]["time_ns"]
        assert begun == int(float(flow["start_ns"]))
        arrived = [p["time_ns"] for p in captures[0] if p["ip.src"] == address(src)
                   and p["infiniband.bth.opcode"] == LAST]
        assert int(float(flow["end_ns"])) in arrived
    # A packet that meets no queue: one full frame at 100 Gb/s on each link, and two delays.
    first = captures[0][0]
    assert first["time_ns"] == 2 * (4096 + 62 + 16 + 20) * 80 // 1000 + 2 * 500


def test_captures_change_nothing_and_repeat(tmp_path, run):
    folder, _ = run
    again = results(SCENARIO, tmp_path, "again")
    plain = results(SCENARIO[:-1], tmp_path, "plain")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_dir() or name.name == "runtime.json":
            continue
        assert path.read_bytes() == (again / name).read_bytes(), name
        if name.parent.name != "pcap" and name.name != "config.yaml":
            assert path.read_bytes() == (plain / name).read_bytes(), name
    assert not (plain / "pcap").exists()


def test_whole_packets_and_few_hosts(tmp_path):
    arguments = ["--collective=all_reduce", "--algo=ring", "--hosts=4", "--size=100000",
                 "--recovery=sr", "--loss=1e-2", "--pcap=host-2", "--pcap-snaplen=0"]
    folder = results(arguments, tmp_path)
    assert [path.name for path in (folder / "pcap").iterdir()] == ["host-2.pcap"]
    packets = dissect(folder / "pcap" / "host-2.pcap")
    assert all(p["frame.cap_len"] == p["frame.len"] and not p["_ws.malformed"] for p in packets)
    # Each step of the ring is a message of its own; all are there, whichever end is captured.
    lengths = {p["infiniband.reth.dmalen"] for p in packets if p["infiniband.reth.dmalen"]}
    assert lengths == {25000}


@pytest.mark.parametrize("options", [
    ["--cc=hpcc"],
    ["--cc=none", "--recovery=sr", "--trim=true"],
    ["--cc=none", "--pfc=true", "--buffer=400KiB"],
])
def test_nothing_is_malformed_with_telemetry_trimming_or_pauses(options, tmp_path):
    base = [o for o in SCENARIO if not o.startswith(("--cc=", "--buffer="))]
    folder = results(base + ["--buffer=200KiB"] * ("--pfc=true" not in options) + options, tmp_path)
    facts = summary(folder)
    for host in range(5):
        for packet in dissect(folder / "pcap" / f"host-{host}.pcap"):
            assert not packet["_ws.malformed"] and not packet["_ws.expert.severity"], packet
    if "--trim=true" in options:
        assert facts["trimmed_packets"] > 0
    if "--pfc=true" in options:
        assert facts["pause_frames"] > 0 and facts["drops"] == 0
