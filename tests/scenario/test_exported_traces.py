# SPDX-License-Identifier: MIT
"""Generated sets, and what is exported of them for other tools, replay alike."""

import subprocess

import pytest

from scenario_run import BIN, results, table

NETWORK = ["--hardware=hgx-h100", "--nodes=1", "--scale-up-frame=32KiB"]
PLANS = [
    ["--model=llama3.2-1b", "--sequence-length=128", "--tp=2", "--dp=2", "--lora-rank=8",
     "--tp-comm-overlap=ring_exchange"],
    ["--model=gpt2", "--sequence-length=64", "--pp=4", "--dp=2", "--microbatches=8",
     "--schedule=zero-bubble", "--zero=2"],
    ["--model=qwen1.5-moe-a2.7b", "--sequence-length=64", "--batch=1", "--dp=4", "--ep=4",
     "--expert-imbalance=2"],
    ["--model=gpt2", "--sequence-length=64", "--batch=1", "--cp=2", "--dp=2", "--zero=3"],
    ["--model=gpt2", "--sequence-length=64", "--batch=1", "--dp=3", "--parameter-servers=2",
     "--iterations=2"],
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: "-".join(plan[2:]).replace("--", ""))
def test_an_exported_set_replays_as_the_set(plan, tmp_path):
    for command in ([BIN / "ddl-workload", *plan, f"--out={tmp_path / 'set'}"],
                    [BIN / "ddl-trace", "export", tmp_path / "set", f"--out={tmp_path / 'files'}"]):
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    folders = [results([f"--workload={tmp_path / name}", *NETWORK], tmp_path, f"run-{name}")
               for name in ("set", "files")]
    assert (folders[0] / "links.csv").read_bytes() == (folders[1] / "links.csv").read_bytes()
    # Groups and what waits for them are named by axis in sets, and by number in others.
    for name, by_axis in (("collectives.csv", ["group"]), ("operations.csv", ["group"]),
                          ("ranks.csv", ["pipeline_wait_ns"]),
                          ("iterations.csv", ["pipeline_wait_ns"])):
        own, exported = (table(folder, name) for folder in folders)
        for row in [*own, *exported]:
            for column in by_axis:
                del row[column]
        assert own == exported, name
