# SPDX-License-Identifier: MIT
"""What a run says of the memory that its plan needs."""

import json

from scenario_run import run, summary

NETWORK = ["--hardware=hgx-h100", "--nodes=1", "--scale-up-frame=32KiB"]
SMALL = ["--model=gpt2", "--sequence-length=16", "--batch=1"]


def memory_lines(arguments, folder, name):
    done = run([*arguments, *NETWORK, f"--out={folder / name}"], folder)
    return [line for line in done.stdout.splitlines() if line.startswith("Memory")]


def test_says_whether_a_plan_fits(tmp_path):
    lines = memory_lines(SMALL, tmp_path, "small")
    facts = summary(tmp_path / "small")
    assert lines == [f"Memory     peak {facts['memory_peak_bytes'] / 1e9:.2f} GB per GPU, "
                     "which fits into its 80.00 GB"]
    with open(tmp_path / "small/workload/manifest.json", encoding="utf-8") as file:
        stated = json.load(file)["description"]["memory"]
    assert facts["memory_peak_bytes"] == max(each["peak_bytes"] for each in stated["stages"])
    lines = memory_lines([*SMALL, "--context-memory=80GB"], tmp_path, "large")
    assert "exceeds its 80.00 GB" in lines[0] and "could not run" in lines[0]


def test_says_nothing_where_nothing_is_stated(tmp_path):
    assert memory_lines(["--collective=all_reduce", "--size=1KiB"], tmp_path, "run") == []
    facts = summary(tmp_path / "run")
    assert facts["memory_peak_bytes"] == 0 and facts["memory_capacity_bytes"] == 0


def test_a_description_of_any_kind_is_no_error(tmp_path):
    memory_lines(SMALL, tmp_path, "a")
    path = tmp_path / "a/workload/manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for number, description in enumerate([
            {}, {"memory": 3}, {"memory": {"stages": 1}}, {"memory": {"stages": [7, None, {}]}},
            {"memory": {"stages": [{"peak_bytes": -5}], "capacity_bytes": "much"}}]):
        manifest["description"] = description
        path.write_text(json.dumps(manifest), encoding="utf-8")
        name = f"b{number}"
        assert memory_lines([f"--workload={path.parent}"], tmp_path, name) == [], description
        assert summary(tmp_path / name)["memory_peak_bytes"] == 0
