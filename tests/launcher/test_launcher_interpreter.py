# SPDX-License-Identifier: MIT
"""Which interpreter the Python parts get."""
import sys

import pytest

from launcher import interpreter, packages
from launcher.console import LauncherError

# Stands for an interpreter whose packages are in a file beside it: `-c PROBE MODULE...`.
PYTHON = """#!/bin/sh
shift 3
for module; do
  case " {modules} " in *" $module "*) ;; *) exit 1 ;; esac
done
"""


@pytest.fixture
def python(tmp_path, monkeypatch):
    """make(name, modules) -> path; the first one called "python3" is the one in PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(interpreter, "SYSTEM_PYTHON", str(tmp_path / "system"))

    def make(name, modules):
        path = tmp_path / name
        path.write_text(PYTHON.format(modules=modules))
        path.chmod(0o755)
        return str(path)
    return make


def test_the_first_in_path_wins_where_it_has_the_packages(python):
    first = python("python3", "numpy pandas")
    python("system", "numpy pandas")
    assert interpreter.choose(["numpy", "pandas"]) == first


def test_the_systems_own_is_taken_where_the_first_lacks_one(python):
    python("python3", "numpy")
    system = python("system", "numpy pandas")
    assert interpreter.choose(["numpy", "pandas"]) == system


def test_packages_are_asked_for_only_where_no_interpreter_has_them(python, monkeypatch):
    needed = [packages.Package("python3-numpy", "numbers", module="numpy")]
    asked = []

    def install(wanted, install):
        asked.append([package.name for package in wanted])
        python("system", "numpy")
    monkeypatch.setattr(packages, "require", install)
    python("python3", "")
    assert interpreter.require(needed).endswith("system")
    assert interpreter.require(needed).endswith("system")
    assert asked == [["python3-numpy"]]


def test_no_interpreter_has_them_even_so(python, monkeypatch):
    monkeypatch.setattr(packages, "require", lambda wanted, install: None)
    python("python3", "")
    with pytest.raises(LauncherError, match="no interpreter has numpy") as error:
        interpreter.require([packages.Package("python3-numpy", "numbers", module="numpy")])
    assert error.value.status == 1


def test_a_module_that_is_found_but_does_not_import_does_not_count(tmp_path, monkeypatch):
    (tmp_path / "broken_module.py").write_text("raise ImportError('built for another version')")
    (tmp_path / "whole_module.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert interpreter.can_import(sys.executable, ["whole_module"])
    assert not interpreter.can_import(sys.executable, ["whole_module", "broken_module"])
    assert not interpreter.can_import(str(tmp_path / "nothing"), ["whole_module"])


def test_a_folder_of_the_checkout_is_no_module(tmp_path, monkeypatch):
    (tmp_path / "folder_module").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not interpreter.can_import(sys.executable, ["folder_module"])
