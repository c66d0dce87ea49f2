# SPDX-License-Identifier: MIT
"""The output of nccl-tests as it is: what a terminal or a batch system has kept of it."""

import re
from typing import NamedTuple

from ddl_validation.cases import US_OF_UNIT
from ddl_validation.errors import BadInput, printable, read_bounded

SIZE_MAX_BYTES = 64 << 20
ROWS_MAX = 100_000

_PROGRAMS = {
    "all_reduce": "all_reduce", "all_gather": "all_gather", "reduce_scatter": "reduce_scatter",
    "alltoall": "all_to_all", "broadcast": "broadcast", "reduce": "reduce", "gather": "gather",
    "scatter": "scatter", "sendrecv": "sendrecv",
}
_PROGRAM = re.compile(
    r"(?<![A-Za-z0-9_])(" + "|".join(sorted(_PROGRAMS, key=len, reverse=True)) + r")_perf")
# What launchers put in front of each line: "[1,0]<stdout>:", "0: ", "worker-3: ".
_TAG = re.compile(r"\s*(?:\[\d+,\d+\]<std(?:out|err)>:|"
                  r"\[?[A-Za-z0-9_.-]+\]?:\s(?=\s*(?:#|\d+\s+\d+\s+[a-z])))")
_RANK = re.compile(r"^#\s*Rank\s+(\d+)\b.*?\bPid\s+(\d+)\s+on\s+(\S+)")
_DECIMAL = re.compile(r"\d+(?:\.\d*)?")


def _end_of_tag(line):
    tag = _TAG.match(line)
    return tag.end() if tag else 0


class LogRow(NamedTuple):
    line: int
    operation: str  # empty: the log does not say
    size_bytes: int
    out_of_place_us: float
    in_place_us: float  # nan where the log has one pair of columns


class NcclLog(NamedTuple):
    rows: list
    ranks: int      # 0: the log does not say
    nodes: int      # 0: the log does not say
    launch: str     # empty: the log does not say


class _Columns(NamedTuple):
    """Of one table: names of what is measured, from the right; the others stand to the left."""

    measured: tuple

    def places(self, wanted):
        return [place for place, name in enumerate(self.measured) if name == wanted]


def _columns(words):
    """The header of a table, or None."""
    if words[:2] != ["size", "count"] or "time" not in words:
        return None
    measured = words[words.index("time"):]
    return _Columns(tuple(measured)) if "algbw" in measured else None


def _positive(text):
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def _last_digit(text):
    """What one unit of the last printed digit is worth, or None for what is no plain decimal."""
    return 10.0 ** -len(text.partition(".")[2]) if _DECIMAL.fullmatch(text) else None


def _agrees(size_bytes, time_text, us, algbw_text):
    """Whether size / time is the algbw beside it, but for one unit of the last digit that each of
    the two is printed with."""
    time_digit, algbw_digit = _last_digit(time_text), _last_digit(algbw_text)
    if time_digit is None or algbw_digit is None:
        return False
    gbytes_us = size_bytes / 1e3 / us  # in GB/s, times the column's unit of time
    time, algbw = float(time_text), float(algbw_text)
    most = gbytes_us / (time - time_digit) if time > time_digit else float("inf")
    return gbytes_us / (time + time_digit) <= algbw + algbw_digit and algbw - algbw_digit <= most


class _Reader:
    def __init__(self, name):
        self.name = name
        self.operation = ""
        self.columns = None
        self.us = 1.0
        self.rows = []
        self.pids, self.nodes = {}, {}  # by rank; a dict for its order
        self.rank_counts = []  # of the jobs before, of which a log may hold several

    def comment(self, line):
        words = line.lstrip("# ").split()
        columns = _columns(words)
        if columns:
            self.columns, self.us = columns, 1.0
        elif self.columns and words[:1] == ["(B)"]:
            units = [word.strip("()") for word in words[1:]]
            self.us = next((US_OF_UNIT[unit] for unit in units if unit in US_OF_UNIT), 1.0)
        elif words[:2] in (["Avg", "bus"], ["Out", "of"]):
            self.columns = None
        if words[:2] == ["Using", "devices"] and self.pids:
            self.rank_counts.append(len(self.pids))
            self.pids, self.nodes = {}, {}
        rank = _RANK.match(line)
        if rank:
            self.pids[int(rank[1])] = (rank[3], rank[2])
            self.nodes[rank[3]] = None

    def row(self, number, words):
        place = f"{self.name}:{number}"
        remedy = "give the log as nccl-tests wrote it, or without this line"
        count = len(self.columns.measured)
        # To the left: size, count, type, and redop and root in tables that have them.
        if not 3 <= len(words) - count <= 5:
            raise BadInput(place, f"has {len(words)} fields, which do not fit the table's header",
                           remedy)
        if len(words[0]) > 16:
            raise BadInput(place, f"'{printable(words[0])}' is no size", remedy)
        size_bytes = int(words[0])
        measured = words[-count:]
        time_places = self.columns.places("time")
        times = [_positive(measured[i]) for i in time_places]
        if None in times[:2]:
            raise BadInput(place, "a time is no number above 0", remedy)
        if size_bytes == 0:
            return  # nothing was moved
        for time, algbw in zip(time_places, self.columns.places("algbw")):
            if not _agrees(size_bytes, measured[time], self.us, measured[algbw]):
                raise BadInput(place, f"{size_bytes} bytes in a time of {printable(measured[time])}"
                               f" are no algbw of {printable(measured[algbw])} GB/s", remedy)
        if len(self.rows) == ROWS_MAX:
            raise BadInput(place, f"there are more than {ROWS_MAX} rows", "split the log")
        in_place = times[1] * self.us if len(times) > 1 else float("nan")
        self.rows.append(LogRow(number, self.operation, size_bytes, times[0] * self.us, in_place))

    def line(self, number, raw):
        line = raw[_end_of_tag(raw):].rstrip()
        program = _PROGRAM.search(line)
        if program:
            self.operation, self.columns = _PROGRAMS[program[1]], None
        text = line.strip()
        if text.startswith("#"):
            self.comment(text)
            return
        words = text.split()
        if self.columns and words and words[0].isascii() and words[0].isdigit():
            self.row(number, words)

    def launch(self):
        if len(self.pids) < 2:
            return ""
        processes = len(set(self.pids.values()))
        return "process-per-gpu" if processes == len(self.pids) else "single-process"


def parse_log(text, name):
    """Rows in the order of the log. Raises BadInput with FILE:LINE for lines of a table that are
    cut or mangled; other lines that are no part of a table are passed over."""
    reader = _Reader(name)
    for number, line in enumerate(text.splitlines(), start=1):
        reader.line(number, line)
    if not reader.rows:
        raise BadInput(name, "has no table of nccl-tests",
                       "give its whole output, with the header lines that begin with '#'")
    if any(count != len(reader.pids) for count in reader.rank_counts):
        raise BadInput(name, "holds jobs of different numbers of ranks", "split it")
    return NcclLog(reader.rows, len(reader.pids), len(reader.nodes), reader.launch())


def read_log(path):
    return parse_log(read_bounded(path, SIZE_MAX_BYTES), printable(path))
