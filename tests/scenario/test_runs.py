# SPDX-License-Identifier: MIT
"""Whole runs of ddl-scenario: closed forms, determinism, loss, what a user gets."""

import os
import signal
import subprocess
import sys
import time

import pytest

from collective_matrix import sizes_of
from scenario_run import BIN, ROOT, contents, results, run, summary, table

SMALL = ["--collective=all_reduce", "--size=1MiB", "--hosts=8"]


def test_default_run_is_gpt2_over_16_gpus(tmp_path):
    process = run(["--topology=fattree"], tmp_path)
    latest = tmp_path / "results" / "latest"
    facts = summary(latest)
    assert facts["status"] == "finished" and facts["ranks"] == 16 and facts["hosts"] == 16
    assert facts["compute_time_ns"] > 0 and facts["exposed_communication_ns"] > 0
    parts = facts["compute_time_ns"] + facts["exposed_communication_ns"] + facts["idle_time_ns"]
    assert parts == pytest.approx(facts["iteration_time_ns"], rel=1e-9)
    # Gradients of 124,439,808 parameters in fp32, each in exactly one bucket.
    rows = table(latest, "collectives.csv")
    assert sum(int(row["size_bytes"]) for row in rows) == 4 * 124439808
    assert {row["collective"] for row in rows} == {"all_reduce"}
    # Buckets overlap the backward pass: the first ends before the last compute of any rank does.
    compute_end = max(float(row["end_ns"]) for row in table(latest, "operations.csv")
                      if row["type"] == "compute")
    assert float(rows[0]["end_ns"]) < compute_end
    for word in ("compute", "exposed communication", "algbw", "busbw", "dropped", "events/s"):
        assert word in process.stdout
    assert str(latest) in process.stdout


@pytest.mark.parametrize("hosts,size", [(4, 16 << 20), (8, 64 << 20), (16, 64 << 20)])
def test_ring_all_reduce_on_a_star_follows_its_closed_form(hosts, size, tmp_path):
    folder = results(["--collective=all_reduce", "--algo=ring", "--topology=star", f"--size={size}",
                      f"--hosts={hosts}", "--link-rate=400Gbps", "--link-delay=500ns"], tmp_path)
    time_ns = float(table(folder, "collectives.csv")[0]["time_ns"])
    block = size // hosts
    packets = -(-block // 4096)
    wire_ns = 8 * (block + packets * 82 + 16) / 400  # payload, headers, preamble and gap; RETH
    last_ns = 8 * (4096 + 82) / 400  # store and forward at the switch
    closed_ns = 2 * (hosts - 1) * (2 * 500 + wire_ns + last_ns)
    assert time_ns == pytest.approx(closed_ns, rel=0.01)
    assert time_ns >= float(table(folder, "collectives.csv")[0]["bound_ns"])


@pytest.mark.parametrize("collective,algo", [
    ("all_reduce", "ring"), ("all_reduce", "halving_doubling"), ("all_gather", "ring"),
    ("reduce_scatter", "ring"), ("broadcast", "tree"), ("all_to_all", "direct"),
    ("barrier", "dissemination"), ("sendrecv", "auto")])
@pytest.mark.parametrize("topology", ["fattree", "star", "ring"])
def test_every_collective_ends_not_before_its_bound(collective, algo, topology, tmp_path):
    ends_not_before_its_bound(collective, algo, topology, tmp_path)


@pytest.mark.parametrize("collective,algo", [
    ("all_reduce", "tree"), ("all_reduce", "double_binary_tree"), ("all_reduce", "direct"),
    ("all_gather", "bruck"), ("all_gather", "pat"), ("all_gather", "halving_doubling"),
    ("reduce_scatter", "pat"), ("reduce_scatter", "direct"), ("broadcast", "halving_doubling"),
    ("reduce", "tree"), ("reduce", "ring"), ("reduce", "halving_doubling"), ("gather", "direct"),
    ("gather", "tree"), ("scatter", "tree"), ("all_to_all", "bruck"), ("barrier", "tree")])
def test_more_algorithms_end_not_before_their_bound(collective, algo, tmp_path):
    ends_not_before_its_bound(collective, algo, "star", tmp_path)


def ends_not_before_its_bound(collective, algo, topology, tmp_path):
    folder = results([f"--collective={collective}", f"--algo={algo}", f"--topology={topology}",
                      "--hosts=6", *sizes_of(collective, 300000)], tmp_path)
    assert summary(folder)["status"] == "finished"
    rows = table(folder, "collectives.csv")
    assert len(rows) == (0 if collective == "sendrecv" else 1)
    for row in rows:
        assert float(row["time_ns"]) >= float(row["bound_ns"]) > 0
        assert algo in ("auto", row["algorithm"])


def test_two_runs_are_the_same_bytes(tmp_path):
    arguments = SMALL + ["--topology=fattree", "--loss=1e-3", "--seed=7"]
    first = contents(results(arguments, tmp_path, "first"))
    assert len(first) >= 9
    assert first == contents(results(arguments, tmp_path, "second"))
    other = contents(results(SMALL + ["--topology=fattree", "--loss=1e-3", "--seed=8"], tmp_path,
                             "third"))
    assert first["flows.csv"] != other["flows.csv"]


@pytest.mark.parametrize("arguments", [
    ["--model=gpt2", "--dp=4", "--topology=star", "--batch=1", "--loss=1e-4",
     "--ns3::ddl::Dcqcn::G=0.0123456789", "--link-delay=777ns"],
    SMALL,
    [*SMALL, "--topology=ring", "--algo=halving_doubling", "--repeat=2"],
    ["--traffic=permutation", "--size=1MiB", "--levels=2"],
    ["--collective=sendrecv", "--topology=pair", "--size=1MiB"],
    [f"--workload={ROOT / 'traces/samples/pipeline-2'}", "--topology=star"],
    [f"--workload={ROOT / 'traces/samples/all-reduce-4'}", "--hardware=a100-80gb"],
], ids=" ".join)
def test_resolved_configuration_leads_to_the_same_bytes(tmp_path, arguments):
    first = results(arguments, tmp_path, "first")
    second = results([f"--config={first / 'config.yaml'}"], tmp_path, "second")
    assert contents(first) == contents(second)


def test_command_line_wins_over_the_configuration_file(tmp_path):
    (tmp_path / "c.yaml").write_text("collective: all_reduce\nhosts: 8\nack-every: 2\nsize: 1MiB\n")
    folder = results(["--config=c.yaml", "--hosts=4", "--ns3::ddl::Nic::AckEvery=3"], tmp_path)
    text = (folder / "config.yaml").read_text()
    assert "hosts: 4\n" in text and "ack-every: 3\n" in text and "size: 1MiB\n" in text


def test_loss_makes_a_run_slower_and_it_says_so(tmp_path):
    clean = summary(results(SMALL, tmp_path, "clean"))
    lossy = summary(results(SMALL + ["--loss=1e-3"], tmp_path, "lossy"))
    assert clean["retransmitted_packets"] == 0 and clean["lost_packets"] == 0
    assert lossy["status"] == "finished"
    assert lossy["retransmitted_packets"] > 0 and lossy["lost_packets"] > 0
    assert lossy["iteration_time_ns"] > clean["iteration_time_ns"]


def test_total_loss_ends_with_status_1_and_names_who_waits(tmp_path):
    process = run(SMALL + ["--loss=1", "--ns3::ddl::Nic::RetryLimit=5",
                           f"--out={tmp_path / 'out'}"], tmp_path, expect=1)
    assert "cannot finish" in process.stderr and "rank 0" in process.stderr
    assert "all_reduce" in process.stderr and "host-0 -> host-1" in process.stderr
    facts = summary(tmp_path / "out")
    assert facts["status"] == "stalled"
    assert {entry["rank"] for entry in facts["waiting"]} == set(range(8))


def test_one_dead_link_ends_with_status_1_and_names_who_waits(tmp_path):
    process = run(SMALL + ["--topology=star", "--link-loss=host-5--switch-0=1",
                           f"--out={tmp_path / 'out'}"], tmp_path, expect=1)
    assert "host-4 -> host-5 gave up" in process.stderr
    assert "host-5 -> host-6 gave up" in process.stderr
    assert "rank 5" in process.stderr and "all_reduce" in process.stderr
    lost = {(row["source"], row["destination"]) for row in table(tmp_path / "out", "links.csv")
            if int(row["lost_frames"]) > 0}
    assert lost == {("host-5", "switch-0"), ("switch-0", "host-5")}


def test_interrupt_keeps_what_there_is(tmp_path):
    environment = dict(os.environ, DDL_ROOT=str(tmp_path))
    process = subprocess.Popen(
        [str(BIN / "ddl-scenario"), "--collective=all_reduce", "--size=1GiB", "--hosts=64",
         "--repeat=1000", f"--out={tmp_path / 'out'}"], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.time() + 60
    while not (tmp_path / "out" / "flows.csv.part").exists() and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert summary(tmp_path / "out")["status"] == "interrupted"
    assert not list((tmp_path / "out").glob("*.part"))


def test_more_hosts_than_ranks_and_permutation(tmp_path):
    facts = summary(results(["--traffic=permutation", "--k=4", "--size=1MiB", "--cc=none"], tmp_path))
    assert facts["hosts"] == 16 and facts["flows"] == 16
    facts = summary(results(["--model=gpt2", "--dp=2", "--hosts=16", "--batch=1"], tmp_path, "b"))
    assert facts["ranks"] == 2 and facts["hosts"] == 16


def test_congestion_control_changes_results(tmp_path):
    # Eight ranks behind a 4:1 oversubscribed edge: queues grow until windows or DCQCN hold them.
    base = ["--collective=all_to_all", "--size=64MiB", "--hosts=16", "--levels=2",
            "--hosts-per-edge=8", "--oversubscription=4"]
    timely = ["--ns3::ddl::Timely::TLow=5us", "--ns3::ddl::Timely::THigh=50us"]
    half = ["--ns3::ddl::FixedWindow::Window=0.5"]
    folders = {cc: results([*base, f"--cc={cc}", *more], tmp_path, cc)
               for cc, more in (("none", []), ("dcqcn", []), ("dctcp", []), ("swift", []),
                                ("timely", timely), ("window", half))}
    longest = {cc: max(int(row["max_queue_bytes"]) for row in table(folder, "queues.csv"))
               for cc, folder in folders.items()}
    assert summary(folders["dcqcn"])["ecn_marked_packets"] > 0
    for cc in folders:
        assert summary(folders[cc])["status"] == "finished"
        assert cc == "none" or longest[cc] < longest["none"], longest
    times = {summary(folder)["simulated_time_ns"] for folder in folders.values()}
    assert len(times) == len(folders)


def test_own_congestion_control(tmp_path):
    program = BIN / "ddl-own-congestion-control"
    base = [str(program), "--collective=all_to_all", "--size=16MiB", "--hosts=8", "--cc=aimd",
            "--levels=2", "--hosts-per-edge=4", "--oversubscription=4"]
    times = []
    for name, more in (("a", []), ("b", ["--ns3::ddl::Aimd::Decrease=0.01"])):
        subprocess.run([*base, *more, f"--out={tmp_path / name}"], check=True, cwd=tmp_path,
                       capture_output=True, timeout=60)
        config = (tmp_path / name / "config.yaml").read_text()
        assert "ns3::ddl::Aimd::Decrease: " + ("0.5" if not more else "0.01") in config
        times.append(summary(tmp_path / name)["simulated_time_ns"])
    assert times[0] != times[1]
    wrong = subprocess.run([*base, "--ns3::ddl::Aimd::Decrease=2", f"--out={tmp_path / 'c'}"],
                           check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert wrong.returncode == 2 and wrong.stderr.startswith("ddl-own-congestion-control: ")
    assert not (tmp_path / "c").exists()


def test_help_lists_every_option(tmp_path):
    text = run(["--PrintHelp"], tmp_path).stdout
    for name in ("topology", "hosts", "link-rate", "loss", "collective", "model", "seed", "out"):
        assert f"--{name}:" in text
    assert "[400Gbps]" in text and "[500ns]" in text


@pytest.mark.long
def test_dev_and_release_builds_write_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, str(ROOT / "ns3"), "build", "--preset=dev", "ddl-scenario",
                    "ddl-workload"], check=True)
    for arguments in (["--topology=fattree", "--loss=1e-4"], SMALL + ["--topology=ring"]):
        release = results(arguments, tmp_path, "release")
        dev = results(arguments, tmp_path, "dev", bin_dir=ROOT / "build/dev/bin")
        assert contents(release) == contents(dev)
        for folder in (release, dev):
            subprocess.run(["rm", "-r", str(folder)], check=True)
