# SPDX-License-Identifier: MIT
"""--collective-bench: one collective over many sizes in one run."""

import pytest

from scenario_run import contents, results, run, summary, table

HOSTS = ["--hardware=hgx-a100", "--nodes=2", "--topology=star"]
BENCH = ["--collective-bench=all_reduce", *HOSTS]


def printed_rows(text):
    """{size: {column: text}} of the table in the columns of nccl-tests."""
    names, rows = None, {}
    for line in text.splitlines():
        words = line.lstrip("# ").split()
        if words[:2] == ["size", "count"]:
            names = words
        elif names and len(words) == len(names) and not line.startswith("#"):
            rows[int(words[0])] = dict(zip(names, words))
    return rows


def test_each_size_takes_as_long_as_alone(tmp_path):
    sizes = [8, 4096, 1 << 18, 1 << 21]
    bench = results([*BENCH, f"--sizes={','.join(map(str, sizes))}"], tmp_path, "bench")
    rows = table(bench, "collectives.csv")
    assert [int(row["size_bytes"]) for row in rows] == sizes
    for earlier, later in zip(rows, rows[1:]):
        assert float(later["start_ns"]) > float(earlier["end_ns"])
    for row in rows:
        alone = results(["--collective=all_reduce", *HOSTS, f"--size={row['size_bytes']}"],
                        tmp_path, "alone")
        single, = table(alone, "collectives.csv")
        for column in ("time_ns", "algorithm", "protocol", "channels", "model_ns", "bound_ns"):
            assert single[column] == row[column]


def test_the_table_says_what_the_file_says(tmp_path):
    done = run([*BENCH, "--sizes=64KiB:4MiB", "--step-factor=8", f"--out={tmp_path / 'out'}"],
               tmp_path)
    printed = printed_rows(done.stdout)
    rows = table(tmp_path / "out", "collectives.csv")
    assert list(printed) == [1 << 16, 1 << 19, 1 << 22]
    for row in rows:
        shown = printed[int(row["size_bytes"])]
        for name, column, per in (("time", "time_ns", 1e3), ("model", "model_ns", 1e3),
                                  ("bound", "bound_ns", 1e3), ("busbw", "busbw_gbytes_per_s", 1),
                                  ("algbw", "algbw_gbytes_per_s", 1)):
            assert float(shown[name]) == pytest.approx(float(row[column]) / per, abs=0.0051)
        assert [shown[name] for name in ("algorithm", "protocol", "channels")] == \
            [row[name] for name in ("algorithm", "protocol", "channels")]
        assert int(shown["count"]) == int(row["size_bytes"]) // 4
    mean = sum(float(row["busbw_gbytes_per_s"]) for row in rows) / len(rows)
    line = next(line for line in done.stdout.splitlines() if "Avg bus bandwidth" in line)
    assert float(line.split(":")[1]) == pytest.approx(mean, abs=1e-3)


def test_a_configuration_repeats_its_run(tmp_path):
    first = results([*BENCH, "--sizes=8:64KiB", "--step-factor=16", "--repeat=2", "--ranks=8"],
                    tmp_path, "first")
    second = results([f"--config={first / 'config.yaml'}"], tmp_path, "second")
    assert contents(first) == contents(second)
    rows = table(first, "collectives.csv")
    assert [int(row["size_bytes"]) for row in rows] == [8, 8, 128, 128, 2048, 2048, 32768, 32768]
    # Nothing of one operation is left when the next begins.
    assert [row["time_ns"] for row in rows[::2]] == [row["time_ns"] for row in rows[1::2]]


def test_ranks_spread_over_the_hosts(tmp_path):
    folder = results([*BENCH, "--sizes=1MiB", "--ranks=6"], tmp_path)
    assert summary(folder)["ranks"] == 6
    assert [int(row["host"]) for row in table(folder, "ranks.csv")] == [0] * 3 + [1] * 3
    one = results(["--collective=all_reduce", "--hardware=hgx-h200", "--nodes=1", "--ranks=5",
                   "--topology=star", "--size=1MiB"], tmp_path, "one")
    assert summary(one)["ranks"] == 5


def test_estimate_is_the_model_and_writes_nothing(tmp_path):
    simulated = results([*BENCH, "--sizes=8:1MiB", "--step-factor=16"], tmp_path, "bench")
    done = run([*BENCH, "--sizes=8:1MiB", "--step-factor=16", "--estimate=true",
                f"--out={tmp_path / 'none'}"], tmp_path)
    assert not (tmp_path / "none").exists() and not (tmp_path / "results").exists()
    printed = printed_rows(done.stdout)
    rows = table(simulated, "collectives.csv")
    assert len(printed) == len(rows) == 5
    for row in rows:
        shown = printed[int(row["size_bytes"])]
        assert float(shown["time"]) == pytest.approx(float(row["model_ns"]) / 1e3, abs=6e-4)
        assert shown["protocol"] == row["protocol"]


@pytest.mark.parametrize("arguments, expected", [
    (["--collective-bench=all_redce"], "did you mean 'all_reduce'?"),
    (["--collective-bench=barrier"], "no collective with sizes"),
    (["--collective-bench=all_reduce", "--model=gpt2"], "contradicts --model"),
    (["--sizes=8:1KiB"], "only goes with --collective-bench"),
    ([*BENCH, "--sizes=1KiB:8"], "ends before it begins"),
    ([*BENCH, "--sizes=0:8"], "no size of a benchmark"),
    ([*BENCH, "--sizes=8,"], "no size at its end"),
    ([*BENCH, "--sizes=8:64,16"], "there twice"),
    ([*BENCH, "--sizes=eight"], "--sizes"),
    ([*BENCH, "--step-factor=1"], "--step-factor"),
    ([*BENCH, "--iterations=2"], "--repeat"),
    ([*BENCH, "--ranks=15"], "multiple of --nodes"),
    ([*BENCH, "--ranks=17"], "--ranks"),
    ([*BENCH, "--estimate=maybe"], "true or false"),
    (["--collective-bench=all_reduce", "--ranks=4"], "several GPUs"),
    (["--collective-bench=all_reduce", "--estimate=true"], "collective library"),
    ([*BENCH, "--proto=fast"], "--proto"),
])
def test_bad_input(arguments, expected, tmp_path):
    done = run([*arguments, f"--out={tmp_path / 'out'}"], tmp_path, expect=2)
    assert done.stdout == "" and done.stderr.count("\n") == 1 and expected in done.stderr
    assert not list(tmp_path.iterdir())
