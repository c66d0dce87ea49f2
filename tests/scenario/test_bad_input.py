# SPDX-License-Identifier: MIT
"""Bad input: status 2, one line with place, problem and remedy, nothing written."""

import gzip
import shutil

import pytest

from scenario_run import ROOT, run

SAMPLES = ROOT / "traces" / "samples"

COMMAND_LINES = [
    # (arguments, what the line has to name)
    (["--topolgy=star"], "--topology"),
    (["--hosts"], "--hosts=VALUE"),
    (["--hosts="], "--hosts"),
    (["hosts=16"], "hosts=16"),
    (["--topology=fatree"], "fattree"),
    (["--topology=file:/etc/passwd"], "--file-format"),
    (["--hosts=-4"], "negative"),
    (["--hosts=4", "--hosts=5"], "twice"),
    (["--size=1MiB"], "--collective or --traffic"),
    (["--repeat=3"], "--collective"),
    (["--topology=star", "--k=8"], "--topology=fattree"),
    (["--topology=ring", "--oversubscription=2"], "--topology=fattree"),
    (["--collective=all_reduce", "--hardware=b200"], "--model or --workload"),
    (["--collective=all_reduce", "--batch=4"], "--model"),
    (["--hardware=h900"], "--hardware"),
    (["--hosts=100000"], "--hosts"),
    (["--hosts=sixteen"], "--hosts"),
    (["--hosts=99999999999999999999"], "--hosts"),
    (["--hosts=1"], "--hosts"),
    (["--k=5"], "--k"),
    (["--k=4", "--hosts=17"], "--hosts"),
    (["--levels=4"], "--levels"),
    (["--oversubscription=3"], "--oversubscription"),
    (["--link-rate=400"], "unit"),
    (["--link-rate=400Gbs"], "unit"),
    (["--link-rate=0Gbps"], "zero"),
    (["--link-rate=-1Gbps"], "negative"),
    (["--link-delay=0ns"], "zero"),
    (["--link-delay=5"], "unit"),
    (["--link-delay=fast"], "--link-delay"),
    (["--loss=1.5"], "--loss"),
    (["--loss=nan"], "--loss"),
    (["--loss=x"], "--loss"),
    (["--link-loss=host-0"], "--link-loss"),
    (["--link-loss=host-0--host-1=0.5"], "no link"),
    (["--link-loss=host-0--edge-0=2"], "--link-loss"),
    (["--buffer=-1MiB"], "negative"),
    (["--buffer=32MiBs"], "unit"),
    (["--payload=0"], "choose from 1 to 16384"),
    (["--payload=99999"], "--payload"),
    (["--ack-every=0"], "--ack-every"),
    (["--ack-every=two"], "--ack-every"),
    (["--switch-latency=1"], "unit"),
    (["--ecn=maybe"], "true or false"),
    (["--cc=bbr"], "--cc"),
    (["--cc=hpc"], "hpcc"),
    (["--cc=hpcc", "--topology=ring", "--hosts=32"], "8 hops"),
    (["--routing=sprai"], "spray"),
    (["--pfc=maybe"], "--pfc"),
    (["--pfc=true", "--buffer=64KiB"], "headroom"),
    (["--buffer=4000"], "less than a packet"),
    (["--buffer=64KiB", "--buffer-alpha=0.05"], "less than a packet"),
    (["--classes=perhaps"], "true or false"),
    (["--trim=true", "--classes=false"], "class of their own"),
    (["--ns3::ddl::Switch::ClassWeights=1,2,3", "--pfc=true"], "eight weights"),
    (["--convergence-delay=1us"], "link-down"),
    (["--link-down=edge-0--agg-0-1"], "NODE--NODE@TIME"),
    (["--link-down=edge-0--agg-0-9@1ms"], "no node"),
    (["--link-down=host-0--agg-0-1@1ms"], "no link joins"),
    (["--link-down=edge-0--agg-0-1@3ms..1ms"], "ends before"),
    (["--recovery=arq"], "--recovery"),
    (["--transport=udp"], "rdma or tcp"),
    (["--transport=tcp", "--cc=dcqcn"], "--transport=rdma"),
    (["--transport=tcp", "--recovery=sr"], "--transport=rdma"),
    (["--transport=tcp", "--ack-every=4"], "--transport=rdma"),
    (["--transport=tcp", "--payload=1024"], "--transport=rdma"),
    (["--transport=tcp", "--ns3::ddl::Nic::RetryLimit=3"], "--transport=rdma"),
    (["--transport=tcp", "--ns3::ddl::Dcqcn::G=0.5"], "--transport=rdma"),
    (["--tcp-variant=TcpCubic"], "--transport=tcp"),
    (["--tcp-mss=1460"], "--transport=tcp"),
    (["--ns3::TcpSocketBase::Sack=false"], "--transport=tcp"),
    (["--transport=tcp", "--tcp-variant=TcpRoulette"], "TcpCubic"),
    (["--transport=tcp", "--tcp-variant=TcpSocketBase"], "no congestion control"),
    (["--transport=tcp", "--tcp-mss=10"], "--tcp-mss"),
    (["--transport=tcp", "--tcp-mss=100000"], "--tcp-mss"),
    (["--transport=tcp", "--tcp-buffer=1"], "--tcp-buffer"),
    (["--transport=tcp", "--tcp-buffer=4GiB"], "--tcp-buffer"),
    (["--transport=tcp", "--tcp-min-rto=soon"], "--tcp-min-rto"),
    (["--transport=tcp", "--tcp-initial-window=0"], "--tcp-initial-window"),
    (["--transport=tcp", "--tcp-ack-every=0"], "--tcp-ack-every"),
    (["--transport=tcp", "--ns3::TcpSocket::SndBufSize=100"], "--tcp-buffer"),
    (["--gpus-per-host=0"], "--gpus-per-host"),
    (["--gpus-per-host=257"], "--gpus-per-host"),
    (["--gpus-per-host=8", "--nics-per-host=3"], "--nics-per-host"),
    (["--gpus-per-host=8", "--hosts=4"], "--nodes"),
    (["--gpus-per-host=8", "--nodes=1", "--dp=16"], "--nodes"),
    (["--gpus-per-host=8", "--transport=tcp"], "--transport"),
    (["--gpus-per-host=8", "--nodes=1", "--background=websearch"], "raise --nodes"),
    (["--gpus-per-host=8", "--nodes=2", "--topology=fattree", "--planes=2", "--traffic=incast"],
     "side by side"),
    (["--gpus-per-host=4", "--topology=pair"], "--nodes: a pair has two hosts"),
    (["--gpus-per-host=4", "--nodes=12", "--topology=hypercube"], "8 or 16"),
    (["--gpus-per-host=8", "--nodes=4", "--topology=fattree", "--planes=3"], "--planes"),
    (["--gpus-per-host=8", "--nodes=4", "--k=8"], "--topology=fattree"),
    (["--gpus-per-host=4", "--scale-up-rate=fast"], "--scale-up-rate"),
    (["--gpus-per-host=4", "--scale-up-frame=100"], "--scale-up-frame"),
    (["--gpus-per-host=4", "--scale-up-frame=64KiB"], "32KiB"),
    (["--scale-up-frame=8KiB"], "--gpus-per-host"),
    (["--nodes=2"], "--gpus-per-host"),
    (["--scale-up-rate=1Tbps"], "--gpus-per-host"),
    (["--hardware=hgx-h1000"], "hgx-h100"),
    (["--hardware=hgx-h100", "--gpus-per-host=4"], "which has 8"),
    (["--hardware=dgx1-v100", "--scale-up-rate=1Tbps"], "mesh"),
    (["--hardware=hgx-h100", "--nodes=0"], "--nodes"),
    (["--hardware=hgx-h100", "--nodes=2", "--pcap=host-0/gpu-0"], "is no host"),
    (["--collective=allreduce"], "all_reduce"),
    (["--collective=reduce", "--algo=bruck"], "--algo"),
    (["--collective=all_to_all", "--algo=tree"], "--algo"),
    (["--collective=all_reduce", "--algo=magic"], "--algo"),
    (["--collective=all_reduce", "--algo=nvls"], "--algo"),
    (["--collective=all_reduce", "--hardware=hgx-a100", "--nodes=1", "--algo=nvls"], "--algo"),
    (["--collective=all_reduce", "--hardware=hgx-h100", "--nodes=1", "--library=none",
      "--algo=nvls"], "--algo"),
    (["--collective=all_reduce", "--size=-1"], "negative"),
    (["--collective=all_reduce", "--size=lots"], "--size"),
    (["--collective=all_reduce", "--repeat=0"], "--repeat"),
    (["--collective=all_reduce", "--model=gpt2"], "one of"),
    (["--collective=all_reduce", "--dp=4"], "--dp"),
    (["--pcap=host-0,host-99"], "host-99"),
    (["--pcap=,"], "--pcap"),
    (["--pcap=all", "--hosts=1024"], "256"),
    (["--pcap=host-0", "--pcap-snaplen=-1"], "--pcap-snaplen"),
    (["--pcap=host-0", "--pcap-snaplen=70000"], "--pcap-snaplen"),
    (["--pcap-snaplen=64"], "--pcap"),
    (["--sample-interval=0ns"], "zero"),
    (["--sample-interval=10"], "unit"),
    (["--sample-interval=1us", "--sample-rows=0"], "--sample-rows"),
    (["--sample-rows=5"], "--sample-interval"),
    (["--traffic=incas"], "did you mean 'incast'"),
    (["--traffic=websearch", "--load=2"], "write a share from 0 to 1"),
    (["--collective=barrier", "--size=1MiB"], "--size only goes with --collective of a size"),
    (["--collective=all_to_all", "--alltoallv=x.csv", "--size=1MiB"], "--size only goes with"),
    (["--zero=4"], "choose one of 0, 1, 2, 3"),
    (["--prefetch=2"], "--prefetch: only --zero=3"),
    (["--topology=star", "--hosts=64", "--link-down=foo--bar@1ms"],
     "'foo' is no node; write a node such as host-0, switch"),
    (["--traffic=web"], "file:PATH"),
    (["--traffic=websearch+hadoop"], "one too many"),
    (["--traffic=websearch+"], "--traffic"),
    (["--traffic=random+incast"], "no other traffic"),
    (["--traffic=websearch", "--load=0"], "zero"),
    (["--traffic=websearch", "--load=1.5"], "--load"),
    (["--traffic=websearch", "--load=1e-9"], "too small"),
    (["--traffic=websearch", "--duration=0ms"], "zero"),
    (["--traffic=websearch", "--duration=10"], "unit"),
    (["--traffic=websearch", "--flows=0"], "--flows"),
    (["--traffic=websearch", "--size=1MiB"], "--size"),
    (["--traffic=websearch", "--incast-size=1MiB"], "incast"),
    (["--traffic=websearch", "--background=incast"], "websearch+incast"),
    (["--traffic=websearch", "--collective=all_reduce"], "one of"),
    (["--traffic=fixed", "--size=0"], "1 byte"),
    (["--traffic=incast", "--load=0.5"], "--load"),
    (["--traffic=incast", "--incast-degree=16"], "1 to 15"),
    (["--traffic=incast", "--incast-load=2"], "--incast-load"),
    (["--traffic=permutation", "--load=0.5"], "--load"),
    (["--traffic=permutation", "--duration=1ms"], "--duration"),
    (["--traffic=file:/no/such/file"], "/no/such/file"),
    (["--traffic=file:"], "cannot be read"),
    (["--background=permutation"], "--background"),
    (["--background=web"], "--background"),
    (["--load=0.5"], "--traffic or --background"),
    (["--flows=5"], "--traffic or --background"),
    (["--model=gpt9"], "--model"),
    (["--model=gpt2", "--tp=5"], "--tp"),
    (["--model=gpt2", "--dp=32", "--hosts=16"], "--hosts"),
    (["--model=gpt2", "--batch=0"], "--batch"),
    (["--model=gpt2", "--hardware=h1000"], "h1000"),
    (["--model=gpt2", "--precision=fp7"], "--precision"),
    (["--iterations=0"], "--iterations"),
    (["--seed=-1"], "--seed"),
    (["--seed=x"], "--seed"),
    (["--workload=/no/such/folder"], "/no/such/folder"),
    (["--config=/no/such/file.yaml"], "/no/such/file.yaml"),
    (["--ns3::ddl::Nic::AckEveri=3"], "AckEvery"),
    (["--ns3::ddl::Nick::AckEvery=3"], "ns3::ddl::Nick"),
    (["--ns3::ddl::Nic::RetryLimit=-3"], "RetryLimit"),
    (["--ns3::ddl::Nic::CnpInterval=soon"], "CnpInterval"),
    (["--ns3::ddl::Switch::EcnPmax=2"], "EcnPmax"),
]


def expect_refusal(arguments, folder, needle):
    before = sorted(folder.rglob("*"))
    process = run(arguments, folder, expect=2)
    lines = process.stderr.splitlines()
    assert len(lines) == 1, process.stderr
    assert lines[0].startswith("ddl-scenario: ") and needle in lines[0], lines[0]
    assert process.stdout == ""
    # Place, problem, remedy: "ddl-scenario: PLACE: PROBLEM; REMEDY".
    assert lines[0].count(": ") >= 2 and "; " in lines[0], lines[0]
    after = [path for path in sorted(folder.rglob("*")) if path not in before]
    assert after in ([], [folder / "results"]) and not any((folder / "results").glob("*")), after


@pytest.mark.parametrize("arguments,needle", COMMAND_LINES, ids=lambda value: " ".join(value)
                         if isinstance(value, list) else None)
def test_command_line(arguments, needle, tmp_path):
    expect_refusal(arguments, tmp_path, needle)


@pytest.mark.parametrize("text,needle", [
    ("hosts: 16\ntopolgy: star\n", ":2"),
    ("hosts: [1, 2]\n", "scalar"),
    ("- hosts\n", "map"),
    ("hosts: 16\n  bad: indent\n", "config.yaml:2"),
    ("attributes: {ns3::ddl::Nic::Nothing: 1}\n", "Nothing"),
    ("hosts: -3\n", "config.yaml:1"),
    ("out: elsewhere\n", "out"),
    ('{"hosts": "many"}', "config.yaml:1: hosts: 'many'"),
    ("frobnicate: 3\n", "config.yaml:1: unknown key 'frobnicate'; --PrintHelp lists the options"),
])
def test_configuration_file(text, needle, tmp_path):
    (tmp_path / "config.yaml").write_text(text)
    expect_refusal(["--config=config.yaml"], tmp_path, needle)


@pytest.mark.parametrize("text,needle", [
    ("0 0\n10 50\n", "sizes.txt:2"),
    ("0 0\n10 50\n5 100\n", "sizes.txt:3"),
    ("0 0\n10 many\n", "sizes.txt:2"),
    ("", "sizes.txt:1"),
])
def test_flow_size_file(text, needle, tmp_path):
    (tmp_path / "sizes.txt").write_text(text)
    expect_refusal(["--traffic=file:sizes.txt"], tmp_path, needle)
    expect_refusal(["--background=file:sizes.txt+incast"], tmp_path, needle)


def sample(tmp_path):
    source = sorted(path for path in SAMPLES.iterdir() if (path / "manifest.json").exists())[0]
    shutil.copytree(source, tmp_path / "set")
    return tmp_path / "set"


@pytest.mark.parametrize("damage,needle", [
    (lambda folder: [path.unlink() for path in folder.glob("*.et")], ".et"),
    (lambda folder: [path.write_bytes(path.read_bytes()[:-3]) for path in folder.glob("*.et")], ".et"),
    (lambda folder: [path.write_bytes(b"\xff" * 100) for path in folder.glob("*.et")], ".et"),
    (lambda folder: [path.write_bytes(gzip.compress(path.read_bytes())[:-9])
                     for path in folder.glob("*.et")], ".et"),
    (lambda folder: (folder / "manifest.json").write_text("{"), "manifest.json"),
    (lambda folder: (folder / "manifest.json").write_text("[" * 100000), "manifest.json"),
], ids=["missing", "truncated", "garbage", "broken-gzip", "broken-manifest", "deep-manifest"])
def test_damaged_trace(damage, needle, tmp_path):
    damage(sample(tmp_path))
    expect_refusal(["--workload=set"], tmp_path, needle)


def test_too_few_hosts_for_a_trace(tmp_path):
    sample(tmp_path)  # the all-reduce of four ranks
    expect_refusal(["--workload=set", "--hosts=3"], tmp_path, "cannot hold")
    expect_refusal(["--workload=set", "--topology=pair"], tmp_path, "cannot hold")


def test_unwritable_output(tmp_path):
    (tmp_path / "file").write_text("")
    expect_refusal(["--out=file/run"], tmp_path, "--out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep me")
    expect_refusal(["--collective=all_reduce", "--out=full"], tmp_path, "--out")
    assert (tmp_path / "full" / "mine.txt").read_text() == "keep me"
