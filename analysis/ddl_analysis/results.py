# SPDX-License-Identifier: MIT
"""A result folder as tables. docs/outputs.md describes the files."""

import json
import pathlib

import pandas

# The columns that the figures use, and which of them are text. Others are left in the file.
_TABLES = {
    "collectives.csv": (
        ["name", "collective", "algorithm"],
        ["ranks", "size_bytes", "start_ns", "ready_ns", "time_ns", "busbw_gbytes_per_s"]
        + ["bound_ns", "bound_share"],
    ),
    "flows.csv": (["traffic"], ["size_bytes", "fct_ns", "slowdown", "retransmitted_packets"]),
    "links.csv": (
        ["source", "destination"],
        ["rate_gbps", "bytes", "utilisation_share", "lost_frames"],
    ),
    "operations.csv": (["type", "group"], ["rank", "start_ns", "end_ns"]),
    "queues.csv": (["node", "peer"], ["max_queue_bytes", "dropped_frames"]),
    "ranks.csv": ([], ["rank", "end_ns", "compute_ns", "exposed_communication_ns"]),
}

# Files that a run writes only when asked to.
_OPTIONAL_TABLES = {
    "flow-samples.csv": (
        [],
        ["time_ns", "src_host", "dst_host", "channel", "rate_gbps", "acknowledged_bytes"],
    ),
    "queue-samples.csv": (["node", "peer"], ["time_ns", "port", "queued_bytes"]),
}

_SUMMARY_NUMBERS = (
    ["simulated_time_ns", "iteration_time_ns", "compute_time_ns", "exposed_communication_ns"]
    + ["pipeline_wait_ns", "idle_time_ns", "hosts", "ranks", "iterations", "data_packets", "data_packet_hops"]
    + ["drops", "lost_packets", "retransmitted_packets", "ecn_marked_packets"]
)


class BadResults(Exception):
    """The folder is no result folder, or a file in it is not as docs/outputs.md says. One line."""


class Run:
    """One run. Tables are read when first asked for; a missing file is an empty table."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if not self.folder.is_dir():
            raise BadResults(f"{folder}: is no folder; name the folder of a run")
        self.summary = self._read_summary()
        self._tables = {}
        self.missing = [name for name in _TABLES if not (self.folder / name).is_file()]

    def _read_summary(self):
        path = self.folder / "summary.json"
        if not path.is_file():
            if path.with_name("summary.json.part").is_file():
                raise BadResults(f"{self.folder}: the run has not ended, or died: nothing to draw")
            raise BadResults(f"{self.folder}: has no summary.json; name the folder of a run")
        try:
            summary = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadResults(f"{path}: is no valid JSON ({error})") from error
        if not isinstance(summary, dict):
            raise BadResults(f"{path}: is no JSON object")
        for key in _SUMMARY_NUMBERS:
            if not isinstance(summary.get(key), (int, float)):
                raise BadResults(f"{path}: has no number '{key}'")
        if not isinstance(summary.get("status"), str):
            raise BadResults(f"{path}: has no text 'status'")
        return summary

    @property
    def is_finished(self):
        """False for interrupted and stalled runs: their figures cover a part."""
        return self.summary["status"] == "finished"

    def title(self, size_max=110):
        """Workload and cluster in one line, cut where longer than fits above a figure."""
        parts = [str(self.summary.get(key) or "").strip() for key in ("workload", "topology")]
        text = " on ".join(" ".join(part.split()) for part in parts if part)
        return text if len(text) <= size_max else text[: size_max - 3] + "..."

    def read_all(self):
        """Reads every table, so that a bad one is found before anything is drawn."""
        for name in (*_TABLES, *_OPTIONAL_TABLES):
            self.table(name)

    def table(self, name):
        """The columns of a CSV file that the figures use."""
        if name not in self._tables:
            self._tables[name] = self._read_table(name)
        return self._tables[name]

    def _read_table(self, name):
        text, numbers = {**_TABLES, **_OPTIONAL_TABLES}[name]
        path = self.folder / name
        if not path.is_file():
            return _empty_table(text, numbers)
        try:
            table = pandas.read_csv(
                path,
                usecols=text + numbers,
                dtype={**{c: str for c in text}, **{c: "float64" for c in numbers}},
                keep_default_na=False,
                na_values={c: [""] for c in numbers},
                encoding="utf-8",
            )
        except (ValueError, pandas.errors.ParserError) as error:
            raise BadResults(f"{path}: {' '.join(str(error).split())}") from error
        return table[text + numbers]


def _empty_table(text, numbers):
    columns = {c: pandas.Series(dtype=str) for c in text}
    columns.update({c: pandas.Series(dtype="float64") for c in numbers})
    return pandas.DataFrame(columns)
