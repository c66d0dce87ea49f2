# SPDX-License-Identifier: MIT
"""A folder that `ddl-workload describe --csv` wrote, as tables. docs/memory.md has the columns."""

import pathlib

import pandas

from ddl_analysis.results import BadResults

# In the order in which they are stacked: what stays all the time comes first.
KINDS = ("framework", "parameters", "gradients", "optimizer", "weight_copies", "activations")
KINDS += ("gathered", "buffers", "working")

_BYTES = [f"{kind}_bytes" for kind in KINDS]
_TABLES = {
    "memory.csv": ([], ["stage", *_BYTES, "peak_bytes", "capacity_bytes"]),
    "memory_over_time.csv": ([], ["stage", "time_ns", *_BYTES, "total_bytes"]),
    "passes.csv": (["pass"], ["stage", "iteration", "micro_batch", "begin_ns", "end_ns"]),
}


class Described:
    """The tables of one description."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.memory = self._read("memory.csv")
        self.memory_over_time = self._read("memory_over_time.csv")
        self.passes = self._read("passes.csv")

    @staticmethod
    def is_in(folder):
        """Whether the folder holds a description, and no run."""
        folder = pathlib.Path(folder)
        return (folder / "passes.csv").is_file() and not (folder / "summary.json").is_file()

    def stages(self):
        """All stages, ascending."""
        return sorted(int(stage) for stage in self.memory["stage"])

    def fullest_stage(self):
        """The stage whose peak is the highest."""
        return int(self.memory.loc[self.memory["peak_bytes"].idxmax(), "stage"])

    def first_iteration(self):
        """Its passes."""
        return self.passes[self.passes["iteration"] == 0]

    def _read(self, name):
        text, numbers = _TABLES[name]
        path = self.folder / name
        try:
            table = pandas.read_csv(
                path,
                usecols=text + numbers,
                dtype={**{c: str for c in text}, **{c: "float64" for c in numbers}},
                encoding="utf-8",
            )
        except FileNotFoundError as error:
            raise BadResults(f"{path}: is missing; write it with describe --csv") from error
        except (ValueError, pandas.errors.ParserError) as error:
            raise BadResults(f"{path}: {' '.join(str(error).split())}") from error
        if table.empty or table[numbers].isna().any(axis=None):
            raise BadResults(f"{path}: has no rows, or empty cells; write it again")
        return table
