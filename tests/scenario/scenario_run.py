# SPDX-License-Identifier: MIT
"""Runs ddl-scenario in a folder of the test's own and reads what it wrote."""

import csv
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(os.environ.get("DDL_ROOT", Path(__file__).resolve().parents[2]))
BIN = Path(os.environ.get("DDL_BIN_DIR", ROOT / "build/release/bin"))


def run(arguments, folder, bin_dir=BIN, expect=0):
    """Results go to `folder`/out. Returns the finished process."""
    environment = dict(os.environ, DDL_ROOT=str(folder), DDL_BIN_DIR=str(bin_dir))
    process = subprocess.run([str(bin_dir / "ddl-scenario"), *arguments], cwd=folder,
                             env=environment, capture_output=True, text=True, timeout=250)
    assert process.returncode == expect, (arguments, process.returncode, process.stderr)
    return process


def results(arguments, folder, name="out", **options):
    run([*arguments, f"--out={folder / name}"], folder, **options)
    return folder / name


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def table(folder, name):
    with open(folder / name, newline="") as file:
        return list(csv.DictReader(file))


def contents(folder):
    """Every file but runtime.json, with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "runtime.json"}
