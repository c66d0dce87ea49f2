# SPDX-License-Identifier: MIT
"""docs/outputs.md lists every file, column and key of a result folder, in order, and no others."""

import csv
import json
import os
import pathlib
import re

import pytest
from analysis_samples import ROOT

PAGE = ROOT / "docs" / "outputs.md"
UNITS = {
    "_ns": "ns",
    "_bytes": "bytes",
    "_gbps": "Gb/s",
    "_gbytes_per_s": "GB/s",
    "_share": "1",
    "_packets": "packets",
    "_frames": "frames",
    "_per_cpu_s": "1/s",
}
CSV_FILES = ["collectives", "operations", "flows", "links", "queues", "ranks", "iterations"]
CSV_FILES += ["queue-samples", "flow-samples"]


def tables_of(page):
    """{section or "": rows} of the tables of a Markdown page; a row is a list of cells."""
    tables, section, rows = {}, "", []
    for line in page.splitlines():
        if line.startswith("## "):
            section = line[3:].strip()
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            tables[section] = rows[2:]
            rows = []
    if rows:
        tables[section] = rows[2:]
    return tables


@pytest.fixture(scope="module", name="tables")
def _tables():
    return tables_of(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", name="folder")
def _folder(sample_folder):
    given = os.environ.get("DDL_RESULT_DIR")
    return pathlib.Path(given) if given else sample_folder()


def names_of(rows):
    return [row[0].strip("`") for row in rows]


def test_every_file_is_described(tables, folder):
    written = {path.name for path in folder.iterdir() if path.is_file()} - {"report.md"}
    assert set(names_of(tables[""])) == written


@pytest.mark.parametrize("name", CSV_FILES)
def test_csv_columns(tables, folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == names_of(tables[f"{name}.csv"])


@pytest.mark.parametrize("name", ["summary.json", "runtime.json"])
def test_json_keys(tables, folder, name):
    keys = list(json.loads((folder / name).read_text(encoding="utf-8")))
    assert keys == names_of(tables[name])


def test_waiting_operations(tables, sample_folder):
    row = next(r for r in tables["summary.json"] if r[0] == "`waiting`")
    text = (sample_folder(8, "stalled") / "summary.json").read_text(encoding="utf-8")
    waiting = json.loads(text)["waiting"]
    assert waiting
    assert set(waiting[0]) <= set(re.findall(r"`(\w+)`", row[2]))


def test_timeline_keys(tables, folder):
    timeline = json.loads((folder / "timeline.json").read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8").split("## timeline.json")[1]
    assert all(f"`{key}`" in page for key in timeline)
    documented = names_of(tables["timeline.json"])
    seen, arguments = set(), set()
    for event in timeline["traceEvents"]:
        seen |= set(event)
        if event["ph"] == "X":
            assert set(event) == set(documented)
            arguments |= set(event["args"])
    assert seen == set(documented)
    described = next(r for r in tables["timeline.json"] if r[0] == "`args`")[2]
    assert arguments <= set(re.findall(r"`(\w+)`", described))


def test_units_are_those_of_the_names(tables):
    for section in [f"{name}.csv" for name in CSV_FILES] + ["summary.json", "runtime.json"]:
        for name, unit, meaning, _ in tables[section]:
            assert meaning
            endings = [e for e in UNITS if name.strip("`").endswith(e)]
            if endings:
                assert unit == UNITS[max(endings, key=len)], name


def test_empty_fields_are_documented(tables, sample_folder):
    for kind in ("finished", "stalled", "hostile"):
        for name in CSV_FILES:
            with open(sample_folder(8, kind) / f"{name}.csv", encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            for column, _, _, empty_when in tables[f"{name}.csv"]:
                if any(row[column.strip("`")] == "" for row in rows):
                    assert empty_when, f"{name}.csv: {column} is empty somewhere"
