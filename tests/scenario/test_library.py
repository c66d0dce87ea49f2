# SPDX-License-Identifier: MIT
"""The library model from the command line: its algorithms, each no faster than its bound."""

import pytest
from scenario_run import results, table


@pytest.mark.parametrize("algorithm, nodes, ran", [
    ("ring", 1, "ring"), ("tree", 1, "double_binary_tree"), ("nvls", 1, "nvls"),
    ("ring", 2, "ring"), ("tree", 2, "double_binary_tree"), ("nvls_tree", 2, "nvls_tree")])
@pytest.mark.parametrize("size", ["8", "1MiB", "64MiB"])
def test_forced_algorithms(tmp_path, algorithm, nodes, ran, size):
    folder = results(["--hardware=hgx-h100", f"--nodes={nodes}", "--collective=all_reduce",
                      f"--size={size}", f"--algo={algorithm}"], tmp_path)
    row, = table(folder, "collectives.csv")
    assert row["algorithm"] == ran
    assert 0 < float(row["bound_ns"]) <= float(row["time_ns"])
    assert float(row["model_ns"]) > 0
