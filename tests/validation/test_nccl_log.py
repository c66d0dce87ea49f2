# SPDX-License-Identifier: MIT
"""Logs of nccl-tests, plain and odd. All are made up."""

import math
from pathlib import Path

import pytest

from ddl_validation.errors import BadInput
from ddl_validation.nccl_log import parse_log, read_log

LOGS = Path(__file__).resolve().parent / "logs"
HEADER = ("# size count type redop root time algbw busbw #wrong time algbw busbw #wrong\n"
          "# (B) (elements) (us) (GB/s) (GB/s) (us) (GB/s) (GB/s)\n")
ROW = " 1024 256 float sum -1 40.0 0.03 0.04 0 41.0 0.02 0.04 0\n"


def parse(text):
    return parse_log(text, "made-up.log")


def test_a_plain_log():
    log = read_log(LOGS / "eight-gpus.log")
    assert (log.ranks, log.nodes, log.launch) == (8, 1, "single-process")
    assert [(row.operation, row.size_bytes, row.out_of_place_us, row.in_place_us)
            for row in log.rows] == [("all_reduce", 1024, 40, 41), ("all_reduce", 32768, 44, 43.5),
                                     ("all_reduce", 1 << 20, 80, 81)]
    assert log.rows[0].line == 18


def test_tags_of_a_launcher_milliseconds_and_no_redop():
    log = read_log(LOGS / "two-nodes-mpi.log")
    assert (log.ranks, log.nodes, log.launch) == (4, 2, "process-per-gpu")
    assert [row.operation for row in log.rows] == ["all_gather"] * 3
    assert [row.size_bytes for row in log.rows] == [4096, 65536, 1048576]  # and not 0 bytes
    assert [row.out_of_place_us for row in log.rows] == pytest.approx([30, 50, 125])
    assert [row.in_place_us for row in log.rows] == pytest.approx([31, 52, 130])


@pytest.mark.parametrize("row", [
    ROW,
    " 1024 256 float -1 40.0 0.03 0.04 0 41.0 0.02 0.04 0\n",    # redop left empty
    " 1024 256 float 40.0 0.03 0.04 0 41.0 0.02 0.04 0\n",       # root too
    " 1024 256 float sum -1 40.0 0.03 0.04 N/A 41.0 0.02 0.04 N/A\n",
    "0: 1024 256 float sum -1 40.0 0.03 0.04 0 41.0 0.02 0.04 0\n",   # srun -l
    "worker-3: 1024 256 float sum -1 40.0 0.03 0.04 0 41.0 0.02 0.04 0\n",
    "\t1024\t256\tfloat\tsum\t-1\t40.0\t0.03\t0.04\t0\t41.0\t0.02\t0.04\t0\r\n",
])
def test_rows_in_all_their_forms(row):
    found, = parse(HEADER + row).rows
    assert (found.size_bytes, found.out_of_place_us, found.in_place_us) == (1024, 40, 41)


def test_several_collectives_in_one_log():
    log = parse("all_reduce_perf\n" + HEADER + ROW + "# Avg bus bandwidth : 1\n"
                "./reduce_scatter_perf -b 8\n" + HEADER + ROW + "./alltoall_perf\n" + HEADER + ROW
                + "mpirun ./reduce_perf\n" + HEADER + ROW)
    assert [row.operation for row in log.rows] == ["all_reduce", "reduce_scatter", "all_to_all",
                                                   "reduce"]


def test_a_log_that_does_not_say_what_it_is_of():
    log = parse(HEADER + ROW)
    assert (log.rows[0].operation, log.ranks, log.nodes, log.launch) == ("", 0, 0, "")


def test_one_pair_of_columns():
    found, = parse("# size count type redop root time algbw busbw\n"
                   " 64 16 float sum -1 5.5 0.01 0.02\n").rows
    assert found.out_of_place_us == 5.5 and math.isnan(found.in_place_us)


@pytest.mark.parametrize("text, expected", [
    ("", "has no table of nccl-tests"),
    ("nothing\n1 2 3\n", "has no table of nccl-tests"),
    (HEADER, "has no table of nccl-tests"),
    (HEADER + ROW + " 2048 512 float sum\n", "made-up.log:4: has 4 fields"),        # cut off
    (HEADER + ROW.replace("40.0", "-40"), "made-up.log:3: a time is no number above 0"),
    (HEADER + ROW.replace("41.0", "nan"), "made-up.log:3: a time is no number above 0"),
    (HEADER + ROW.replace("40.0", "inf"), "made-up.log:3: a time is no number above 0"),
    (HEADER + ROW.replace("40.0 0.03", "4000.0 0.03"),
     "made-up.log:3: 1024 bytes in a time of 4000.0 are no algbw of 0.03 GB/s"),
    (HEADER + ROW.replace("41.0 0.02", "41.0 0.20"), "41.0 are no algbw of 0.20 GB/s"),  # in place
    (HEADER + ROW.replace("40.0 0.03", "40.0 -"), "are no algbw of - GB/s"),
    (HEADER + ROW.replace("40.0 0.03", "40.0 nan"), "are no algbw of nan GB/s"),
    (HEADER + " 9" * 40 + "\n", "made-up.log:3: has 40 fields"),
    (HEADER + ROW.replace(" 1024", " " + 20 * "9"), "is no size"),
    ("# Using devices\n# Rank 0 Pid 1 on a device 0\n# Rank 1 Pid 2 on a device 1\n" + HEADER + ROW
     + "# Using devices\n# Rank 0 Pid 1 on a device 0\n" + HEADER + ROW, "different numbers"),
])
def test_what_cannot_be_read_is_named(text, expected):
    with pytest.raises(BadInput, match="; ") as caught:
        parse(text)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def pair_of(size_bytes, time, algbw):
    return ("# size count type redop root time algbw busbw\n"
            f" {size_bytes} 16 float sum -1 {time} {algbw} 0.00\n")


def printed_time(us):
    """As nccl-tests prints it."""
    return f"{us:.0f}" if us >= 10000 else f"{us:.1f}" if us >= 100 else f"{us:.2f}"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_nccl_tests_prints_agrees_with_itself(seed):
    """Any size and time, in its own rounding; the same row with another algbw does not."""
    import random
    draw = random.Random(seed)
    for _ in range(200):
        size_bytes = int(2 ** draw.uniform(0, 40))
        us = 2 ** draw.uniform(-1, 24)
        algbw = size_bytes / us / 1e3
        found, = parse(pair_of(size_bytes, printed_time(us), f"{algbw:.2f}")).rows
        assert found.size_bytes == size_bytes
        if algbw < 1 or us < 1:
            continue
        for wrong in (algbw * 1.2 + 0.05, algbw / 1.2 - 0.05):
            with pytest.raises(BadInput, match="are no algbw"):
                parse(pair_of(size_bytes, printed_time(us), f"{wrong:.2f}"))


@pytest.mark.parametrize("time, algbw, fits", [
    ("5600.0", "239.67", True), ("5600.0", "239.68", True), ("5600.0", "239.70", False),
    ("5600.0", "23.97", False), ("5600", "239.70", True), ("5.6e3", "239.67", False),
])
def test_an_algbw_may_be_off_by_the_last_digits(time, algbw, fits):
    size_bytes = 1342152000  # 239.67 GB/s in 5600 us
    if fits:
        assert parse(pair_of(size_bytes, time, algbw)).rows[0].out_of_place_us == 5600
    else:
        with pytest.raises(BadInput, match="made-up.log:2: 1342152000 bytes"):
            parse(pair_of(size_bytes, time, algbw))


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "noise.log"
    path.write_bytes(b"\xff\xfe\x00" * 100 + b"\n" + (HEADER + ROW).encode())
    assert len(read_log(path).rows) == 1


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(BadInput, match="cannot be read"):
        read_log(tmp_path / "none.log")
    with pytest.raises(BadInput, match="cannot be read"):
        read_log(tmp_path)
    monkeypatch.setattr("ddl_validation.nccl_log.SIZE_MAX_BYTES", 10)
    (tmp_path / "long.log").write_text(HEADER)
    with pytest.raises(BadInput, match="is longer than"):
        read_log(tmp_path / "long.log")


@pytest.mark.parametrize("seed", range(200))
def test_mangled_logs_are_read_or_refused(seed):
    """A log with random bytes changed either parses into rows above zero or is refused by name."""
    import random
    draw = random.Random(seed)
    text = list((LOGS / "eight-gpus.log").read_text())
    for _ in range(draw.randrange(1, 30)):
        place = draw.randrange(len(text))
        text[place] = draw.choice(["", "\n", " ", "#", "9", ".", "x", "-", "\x00", "é"])
    try:
        log = parse("".join(text))
    except BadInput as error:
        assert str(error).startswith("made-up.log"), f"seed {seed}"
        return
    for row in log.rows:
        assert row.size_bytes > 0 and row.out_of_place_us > 0, f"seed {seed}"
