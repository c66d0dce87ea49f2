# SPDX-License-Identifier: MIT
"""PyTorch's files become trace sets: the same time, the same bytes, and they replay.

The samples were recorded by record_torch.py with torch 1.13 (Debian's python3-torch); with --long, and
where torch is there, the script records new ones.
"""
import collections
import gzip
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = [HERE / "samples" / name for name in ("torch-1.13-ranks-1", "torch-1.13-ranks-3")]
BIN_DIR = os.environ.get("DDL_BIN_DIR")
COMMUNICATION = ("c10d::", "gloo:")
USER_SCOPE = 7

pytestmark = pytest.mark.skipif(BIN_DIR is None, reason="DDL_BIN_DIR is unset: no program to test")


def run(program, *arguments):
    return subprocess.run([str(pathlib.Path(BIN_DIR) / program), *map(str, arguments)],
                          capture_output=True, text=True, timeout=120, check=False)


def ok(program, *arguments):
    result = run(program, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def load(path):
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def import_folder(folder, out):
    end = ".json.gz" if (folder / "graph.0.json.gz").exists() else ".json"
    return ok("ddl-trace", "import", "--pytorch=%s" % (folder / ("graph.*" + end)),
              "--kineto=%s" % (folder / ("kineto.*" + end)), "--one-group", "--out=%s" % out)


def nodes_of(out, rank):
    text = ok("ddl-trace", "json", out, "--rank=%d" % rank)
    return [json.loads(line) for line in text.splitlines()]


def host_times(folder, rank):
    """Nanoseconds by operator, worked out apart from the importer: what callees leave of each."""
    graph = load(next(folder.glob("graph.%d.json*" % rank)))["nodes"]
    events = load(next(folder.glob("kineto.%d.json*" % rank)))
    start = sorted((e for e in events if not e["name"].startswith("gloo:")),
                   key=lambda e: (e["ts"], -e["dur"]))
    durations = collections.defaultdict(list)  # of each name in order
    for event in start:
        durations[event["name"]].append(event["dur"] * 1000)
    main_thread = min(node["tid"] for node in graph if node["tid"] != 0)
    own = {}
    names = {node["id"]: node["name"] for node in graph}
    # What is recorded below a library's event is another thread's.
    parent = {node["id"]: 0 if names.get(node["parent"], "").startswith("gloo:")
              else node["parent"] for node in graph}
    for node in sorted(graph, key=lambda n: n["id"]):
        if node["rf_id"] and node["tid"] == main_thread and not node["name"].startswith("gloo:"):
            own[node["id"]] = durations[node["name"]].pop(0)
    assert not any(durations.values())
    left = dict(own)
    for node_id in own:
        if parent[node_id] in left:
            left[parent[node_id]] -= own[node_id]

    def communicates(node_id):
        while node_id in names and node_id != parent[node_id]:
            if names[node_id].startswith(COMMUNICATION):
                return True
            node_id = parent[node_id]
        return False

    scopes = {node["id"]: node["scope"] for node in graph}
    return {node_id: max(0, ns) for node_id, ns in left.items()
            if scopes[node_id] != USER_SCOPE and not communicates(node_id)}


def check_folder(folder, tmp_path):
    facts = json.loads((folder / "facts.json").read_text())
    out = tmp_path / "set"
    text = import_folder(folder, out)
    assert "wrote %d ranks" % facts["ranks"] in text
    assert "valid, %d ranks" % facts["ranks"] in ok("ddl-trace", "validate", out)
    for rank in range(facts["ranks"]):
        nodes = nodes_of(out, rank)
        expected = host_times(folder, rank)
        compute = [node["duration_ns"] for node in nodes if node["type"] == "compute"]
        assert len(compute) == len(expected)
        assert sum(compute) == sum(expected.values())
        check_communication(nodes, rank, facts)


def check_communication(nodes, rank, facts):
    found = [(node.get("collective", node["type"]), node["size_bytes"])
             for node in nodes if node["type"] != "compute"]
    if facts["ranks"] == 1:
        assert not found
        return
    share, total = facts["message_bytes"], facts["message_bytes"] * facts["ranks"]
    expected = [("all_reduce", facts["gradient_bytes"]), ("barrier", 0), ("broadcast", share),
                ("all_gather", total), ("reduce", share), ("gather", total), ("scatter", total)]
    if rank < 2:
        expected.append(("send", share) if rank == 0 else ("receive", share))
    assert found == expected
    if rank < 2:
        assert (nodes[-1]["tag"], nodes[-1]["peer_rank"]) == (7, 1 - rank)
    roots = [node["root"] for node in nodes if "root" in node]
    assert roots == [1, 0, 0, 0]
    # The optimizer reads the reduced gradients, so something after the all-reduce waits for it.
    reduce = next(node["id"] for node in nodes if node.get("collective") == "all_reduce")
    waiting = [node for node in nodes if reduce in node["data_dependencies"]]
    assert any(node["type"] == "compute" for node in waiting)


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_samples(folder, tmp_path):
    check_folder(folder, tmp_path)


def test_the_import_is_deterministic(tmp_path):
    for name in ("a", "b"):
        import_folder(SAMPLES[1], tmp_path / name)
    for path in (tmp_path / "a").glob("*.et"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_sample_replays(tmp_path):
    if not (pathlib.Path(BIN_DIR) / "ddl-scenario").exists():
        pytest.skip("no simulator in this build")
    import_folder(SAMPLES[1], tmp_path / "set")
    ok("ddl-scenario", "--workload=%s" % (tmp_path / "set"), "--topology=star", "--hosts=3",
       "--out=%s" % (tmp_path / "run"))
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["status"] == "finished"
    mean_ns = sum(sum(host_times(SAMPLES[1], rank).values()) for rank in range(3)) / 3
    assert summary["compute_time_ns"] == pytest.approx(mean_ns, rel=1e-6)


def test_groups_must_be_stated(tmp_path):
    result = run("ddl-trace", "import", "--pytorch=%s" % (SAMPLES[1] / "graph.*.json.gz"),
                 "--kineto=%s" % (SAMPLES[1] / "kineto.*.json.gz"), "--out=%s" % (tmp_path / "set"))
    refused(result, tmp_path, "the process group of 'c10d::allreduce_' is not recorded; --one-group")


def refused(result, tmp_path, message):
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("ddl-trace: ") and result.stderr.count("\n") == 1
    assert message in result.stderr
    assert not (tmp_path / "set").exists()


def cut(text):
    return text[:len(text) // 2]


def edit(change):
    def apply(text):
        data = json.loads(text)
        change(data)
        return json.dumps(data)
    return apply


def swap_names(data):
    nodes = sorted((n for n in data["nodes"] if n["rf_id"]), key=lambda n: n["id"])
    other = next(n for n in nodes if n["name"] != nodes[0]["name"])
    nodes[0]["name"], other["name"] = other["name"], nodes[0]["name"]


def make_cycle(data):
    for node in data["nodes"]:
        if node["rf_id"] == 2:
            node["parent"] = node["id"] + 1


def lose_operator(data):
    data["nodes"].remove(next(node for node in data["nodes"] if node["name"] == "aten::relu"))


HOSTILE_TEXTS = [
    ("graph", cut, "is not valid JSON"),
    ("kineto", cut, "is not valid JSON"),
    ("kineto", lambda text: "", "is not valid JSON"),
    ("kineto", lambda text: "\x1f\x8b\x08", "kineto.json"),
    ("graph", lambda text: "[" * 100000, "nested more than 64 levels"),
    ("kineto", lambda text: '{"a":' * 100000, "nested more than 64 levels"),
    ("graph", lambda text: text.replace('"seq_id": -1', '"seq_id": 1e999', 1), "out of range"),
    ("graph", lambda text: text.replace('"rf_id": 2,', '"rf_id": 36893488147419103232,', 1),
     "'rf_id' is no whole number"),
]
HOSTILE_DATA = [
    ("graph", make_cycle, "which is no node before it"),
    ("graph", swap_names, "of the graph meets"),
    ("graph", lose_operator, "which is no node before it"),
    ("graph", lambda data: data.update(schema="3.0"), "schema '3.0' is unknown"),
    ("kineto", lambda data: data.pop(), "around the same steps"),
    ("kineto", lambda data: data.append(dict(data[-1], tid=9)), "the graph has no such thread"),
    ("kineto", lambda data: data[0].update(dur=-5), "'dur' is no time"),
    ("kineto", lambda data: data[0].update(ph="B"), "unknown phase 'B'"),
    ("kineto", lambda data: data[0].update(cat="new_thing"), "category 'new_thing' are unknown"),
    ("kineto", lambda data: data[0].update(dur=2 * 10**15), "more than a million seconds"),
    ("kineto", lambda data: data.clear(), "holds no events of operators"),
]
HOSTILE = HOSTILE_TEXTS + [(kind, edit(change), message) for kind, change, message in HOSTILE_DATA]


@pytest.mark.parametrize("kind, change, message", HOSTILE)
def test_hostile_files(kind, change, message, tmp_path):
    for name in ("graph", "kineto"):
        text = json.dumps(load(SAMPLES[0] / (name + ".0.json.gz")))
        changed = change(text) if name == kind else text
        assert name != kind or changed != text
        (tmp_path / (name + ".json")).write_bytes(changed.encode("latin-1"))
    result = run("ddl-trace", "import", "--pytorch=%s" % (tmp_path / "graph.json"),
                 "--kineto=%s" % (tmp_path / "kineto.json"), "--out=%s" % (tmp_path / "set"))
    refused(result, tmp_path, message)


@pytest.mark.long
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_new_recordings(ranks, tmp_path):
    python = next((each for each in ("/usr/bin/python3", sys.executable)
                   if has_torch(each)), None)
    if python is None:
        pytest.skip("no PyTorch: install python3-torch to record new traces")
    subprocess.run([python, str(HERE / "record_torch.py"), "--ranks=%d" % ranks,
                    "--out=%s" % (tmp_path / "files")], check=True, timeout=300)
    check_folder(tmp_path / "files", tmp_path)


def has_torch(python):
    if python == sys.executable:
        return importlib.util.find_spec("torch") is not None
    if not os.path.exists(python):
        return False
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    return subprocess.run([python, "-c", probe], check=False, timeout=60).returncode == 0
