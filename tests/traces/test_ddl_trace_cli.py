# SPDX-License-Identifier: MIT
"""ddl-trace as its users call it: what it prints, and one line and status 2 for what is wrong.

DDL_BIN_DIR names the folder that holds the program.
"""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "traces" / "samples"
BIN_DIR = os.environ.get("DDL_BIN_DIR")

pytestmark = pytest.mark.skipif(BIN_DIR is None, reason="DDL_BIN_DIR is unset: no program to test")


def run(*arguments):
    program = str(pathlib.Path(BIN_DIR) / "ddl-trace")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False)


def ok(*arguments):
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture(name="sample")
def copy_of_sample(tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(SAMPLES / "pipeline-2", folder)
    return folder


def test_info_shows_ranks_groups_nodes_and_bytes():
    text = ok("info", SAMPLES / "all-reduce-4")
    for words in ("4 ranks in 1 file", "class-0.et", "0-3", "dp: 1 group of 4: 0-3", "all_reduce",
                  "32.00 MiB", "compute time of a rank: 1.60 ms"):
        assert words in text


def test_validate():
    text = ok("validate", SAMPLES / "pipeline-2")
    assert "valid, 2 ranks, 16 nodes in 2 files" in text
    assert "8 compute, 0 memory, 4 send, 4 receive, 0 collective" in text


def test_json_has_a_line_per_node_and_resolves_for_a_rank():
    lines = [json.loads(line) for line in ok("json", SAMPLES / "all-reduce-4").splitlines()]
    assert [line["id"] for line in lines] == list(range(6))
    assert lines[2] == {"id": 2, "name": "gradients/1", "type": "collective",
                        "control_dependencies": [], "data_dependencies": [1],
                        "collective": "all_reduce", "group": "dp", "comm_size": 4 << 20}
    text = ok("json", SAMPLES / "pipeline-2", "--rank=1")
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["rank"] for line in lines} == {1}
    assert lines[0]["type"] == "receive" and lines[0]["peer_rank"] == 0


def test_export_is_a_set_that_says_the_same(tmp_path):
    ok("export", SAMPLES / "pipeline-2", f"--out={tmp_path / 'out'}", "--name=p")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["p.0.et", "p.1.et", "p.json"]
    assert json.loads((tmp_path / "out" / "p.json").read_text()) == {"1": [0, 1]}
    assert "valid, 2 ranks, 16 nodes" in ok("validate", tmp_path / "out" / "p")
    for rank in "01":
        ours = ok("json", SAMPLES / "pipeline-2", "--rank", rank).splitlines()
        theirs = ok("json", tmp_path / "out", "--rank", rank).splitlines()
        for our, their in zip(map(json.loads, ours), map(json.loads, theirs)):
            our.pop("group", None)
            our.pop("peer_offset", None)
            assert our == their
        assert len(ours) == len(theirs)


def write_all_gather_set(folder, rank_count, group=b""):
    """A set as another tool writes it: one all_gather with comm_size 100 on each rank."""
    def field(tag, value):
        return bytes([tag, len(value)]) + value
    attributes = [field(0x0A, b"comm_type") + b"\x48\x02", field(0x0A, b"comm_size") + b"\x48\x64"]
    if group:
        attributes.append(field(0x0A, b"pg_name") + b"\xea\x01" + bytes([len(group)]) + group)
    node = b"\x18\x07" + b"".join(field(0x52, attribute) for attribute in attributes)
    for rank in range(rank_count):
        record = bytes([len(node)]) + node
        (folder / f"t.{rank}.et").write_bytes(b"\x07\x0a\x050.0.4" + record)


def sizes(*arguments):
    return [json.loads(line)["size_bytes"] for line in ok("json", *arguments).splitlines()]


def test_comm_size_of_other_tools(tmp_path):
    write_all_gather_set(tmp_path, 3)
    assert sizes(tmp_path) == [100] * 3
    assert sizes(tmp_path, "--comm-size=per-rank") == [300] * 3
    # Export takes what is meant on the way in apart from what is to be written.
    ok("export", tmp_path, f"--out={tmp_path / 'a'}", "--input-comm-size=per-rank")
    assert sizes(tmp_path / "a") == [300] * 3
    ok("export", tmp_path / "a", f"--out={tmp_path / 'b'}", "--comm-size=per-rank")
    assert sizes(tmp_path / "b") == [300] * 3
    a, b = ((tmp_path / name / "trace.0.et").read_bytes() for name in "ab")
    assert a != b


def test_groups_of_other_tools(tmp_path):
    write_all_gather_set(tmp_path, 2, b"g")
    refused(run("validate", tmp_path), "node 0 names the unknown group 'g'; name the file")
    groups = tmp_path / "groups.txt"
    groups.write_text('{"g": [1, 0]}')
    assert "valid" in ok("validate", tmp_path, f"--groups={groups}")
    groups.write_text('{"g": [1, 2]}')
    refused(run("validate", tmp_path, f"--groups={groups}"), "group 'g' names rank 2, which")


@pytest.mark.parametrize("command", ["info", "validate", "json", "export"])
def test_cut_files_of_other_tools(command, tmp_path):
    out = [f"--out={tmp_path / 'out'}"] if command == "export" else []
    write_all_gather_set(tmp_path, 2)
    path = tmp_path / "t.1.et"
    path.write_bytes(path.read_bytes()[:-1])
    refused(run(command, tmp_path, *out), "t.1.et: record 2 (byte 8): the record is cut off")
    assert not (tmp_path / "out").exists()


def test_help():
    assert "export" in ok("--help")
    assert "--comm-size" in ok("info", "--help")


WRONG_COMMAND_LINES = [
    ([], "command: is missing; choose one of info, validate, json, export"),
    (["infos", "x"], "infos: is no command of ddl-trace; did you mean 'info'?"),
    (["--version"], "--version: is no option of ddl-trace"),
    (["info"], "PATH: is missing; name a trace set"),
    (["info", "a", "b"], "b: is one argument too many; name one trace set"),
    (["info", "a", "--rnak=1"], "--rnak: is no option of ddl-trace info"),
    (["json", "a", "--rnak=1"], "--rnak: is no option of ddl-trace json; did you mean '--rank'?"),
    (["info", "a", "--comm-size=half"], "--comm-size: 'half' is unknown; choose one of total"),
    (["info", "a", "--comm-size"], "command line: --comm-size: 1 required TEXT missing"),
    (["info", "none"], "none: no such trace set; name a folder with manifest.json"),
    (["info", SAMPLES / "pipeline-2" / "class-0.et"], "is a file, not a trace set"),
    (["json", SAMPLES / "pipeline-2", "--rank=2"], "--rank: '2' is out of range; write"),
    (["json", SAMPLES / "pipeline-2", "--rank=-1"], "--rank: '-1' is negative"),
    (["json", SAMPLES / "pipeline-2", "--rank=x"], "--rank: 'x' is not a whole number"),
    (["validate", SAMPLES / "pipeline-2", "--groups=x"], "--groups: does not go with a set"),
    (["export", SAMPLES / "pipeline-2"], "--out: is missing; name the folder to write to"),
    (["export", SAMPLES / "pipeline-2", "--out=/proc/none"], "/proc/none: cannot be created"),
    (["export", SAMPLES / "pipeline-2", "--out=out", "--name=a/b"], "--name: 'a/b' is no plain"),
]


@pytest.mark.parametrize("arguments, message", WRONG_COMMAND_LINES)
def test_wrong_command_lines(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(run(*arguments), message)
    assert not list(tmp_path.iterdir())


def refused(result, message):
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("ddl-trace: ") and result.stderr.count("\n") == 1
    assert message in result.stderr


@pytest.mark.parametrize("command", [["export", "--out=latest"], ["rescale", "--dp=2", "latest"]])
def test_results_of_runs_are_left_alone(command, tmp_path, monkeypatch):
    """results/latest is a link to the newest run's folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "latest").symlink_to("run")
    arguments = [command[0], *command[1:-1], SAMPLES / "all-reduce-4", command[-1]]
    refused(run(*arguments), "latest: is a link to run; name a new folder")
    (tmp_path / "run" / "summary.json").write_text("{}")
    arguments[-1] = command[-1].replace("latest", "run")
    refused(run(*arguments), "run: has ")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["summary.json"]


@pytest.mark.parametrize("command", ["info", "validate", "json", "export"])
def test_damaged_files(command, sample, tmp_path):
    out = [f"--out={tmp_path / 'out'}"] if command == "export" else []
    trace = sample / "class-1.et"
    whole = trace.read_bytes()
    trace.write_bytes(whole[:-1] + b"\xff")
    refused(run(command, sample, *out), "class-1.et: its checksum is not the one in manifest.json")
    trace.unlink()
    refused(run(command, sample, *out), "class-1.et: cannot be read")
    trace.write_bytes(whole)
    manifest = sample / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format_version": 1', '"format_version": 9'))
    refused(run(command, sample, *out), "manifest.json: format_version: 9 is unknown")
    assert not (tmp_path / "out").exists()


def test_messages_stay_on_one_line(tmp_path):
    refused(run("info", tmp_path / "a\nb\x1b[31m"), "a\\x0ab\\x1b[31m: no such trace set")
