# SPDX-License-Identifier: MIT
"""An interpreter that has the packages: the first python3 in PATH need not be Debian's own."""
import os
import shutil
import subprocess

from launcher import packages
from launcher.console import FAILED, LauncherError

SYSTEM_PYTHON = "/usr/bin/python3"


def candidates():
    found = [shutil.which("python3"), SYSTEM_PYTHON]
    unique = []
    for path in found:
        if path and os.access(path, os.X_OK) and path not in unique:
            unique.append(path)
    return unique


def can_import(python, modules):
    """Whether `python` really imports all the modules, built for another version or not."""
    probe = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    # From the root folder, so that no folder of the checkout passes for a module.
    try:
        done = subprocess.run([python, "-B", "-c", probe, *modules], cwd="/", check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


def choose(modules):
    for python in candidates():
        if can_import(python, modules):
            return python
    return None


def require(needed, install=True):
    """An interpreter with the modules of `needed`; installs Debian's packages if none has them."""
    modules = [package.module for package in needed]
    python = choose(modules)
    if python:
        return python
    packages.require(needed, install)
    python = choose(modules)
    if not python:
        looked = " or ".join(candidates()) or "python3"
        raise LauncherError("no interpreter has %s: not %s" % (", ".join(modules), looked), FAILED)
    return python
