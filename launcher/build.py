# SPDX-License-Identifier: MIT
"""Configures and builds a preset with CMake and Ninja: silent where nothing is to be done."""
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time

from launcher import packages
from launcher.console import FAILED, LauncherError, note, unknown
from launcher.layout import BUILD, PROGRAMS, ROOT, build_folder

STATUS = "[ddl %f/%t] "
STATUS_LINE = re.compile(r"^\[ddl (\d+)/(\d+)\] ")


@contextlib.contextmanager
def locked(name):
    """Two launchers must not build in one folder at a time; the second one waits."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / (".lock-" + name), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_configured(folder):
    made_here = cache_value(folder, "CMAKE_HOME_DIRECTORY") == str(ROOT)
    return made_here and (folder / "build.ninja").is_file()


def cache_value(folder, name):
    """A value from CMake's cache, or None."""
    try:
        text = (folder / "CMakeCache.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^%s:[A-Z]+=(.*)$" % re.escape(name), text, re.MULTILINE)
    return found.group(1) if found else None


def run_logged(command, log, failure):
    """Runs a tool that succeeds silently; where it fails, its whole output is shown."""
    log.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    log.write_text(done.stdout, encoding="utf-8")
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        raise LauncherError(failure, FAILED)
    return done.stdout


def configure(preset, install=True):
    packages.require(packages.COMPILE + packages.SIMULATOR, install)
    folder = build_folder(preset)
    configure_folder(folder, ["cmake", "--preset", preset], preset)


def configure_folder(folder, command, name):
    """Runs CMake; a cache of a checkout that has moved is dropped, as CMake refuses it."""
    home = cache_value(folder, "CMAKE_HOME_DIRECTORY")
    if home is not None and home != str(ROOT):
        shutil.rmtree(folder)
    note("configuring %s" % name)
    run_logged(command, folder / "configure.log", "cmake could not configure %s" % name)


def build(preset, targets=(), install=True, jobs=None, quiet=False):
    """Configures where needed, then builds `targets` (all of them where none is named)."""
    folder = build_folder(preset)
    with locked(preset):
        if not is_configured(folder):
            configure(preset, install)
        check_targets(folder, targets)
        try:
            ninja(folder, targets, jobs, preset, quiet)
        except LauncherError:
            # A package that went away since is a likely cause, and one that has a remedy.
            absent = packages.missing(packages.COMPILE + packages.SIMULATOR)
            if not absent:
                raise
            packages.install_packages(absent, install)
            ninja(folder, targets, jobs, preset, quiet)


def check_targets(folder, targets):
    if set(targets) <= set(PROGRAMS) or set(targets) <= all_targets(folder):
        return
    # The build files may be older than a CMakeLists.txt that adds the target.
    run_logged(["ninja", "-C", str(folder), "build.ninja"], folder / "configure.log",
               "cmake could not configure %s" % folder.name)
    known = all_targets(folder) | set(PROGRAMS)
    for target in targets:
        if target not in known:
            raise unknown("target", target, known)


def all_targets(folder):
    """The targets that can be named: libraries, programs and tests, without CMake's own."""
    text = (folder / "build.ninja").read_text(encoding="utf-8", errors="replace")
    named = re.findall(r"^build ([\w.+-]+): phony (?:\S+/)?(?:lib)?\1(?:\.a|\.so)?$", text,
                       re.MULTILINE)
    return {name for name in named if not name.endswith((".a", ".so"))} | {"all", "clean"}


def programs(folder):
    """What CMake puts into bin/, built or not, in the order in which users meet them."""
    try:
        text = (folder / "build.ninja").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = set(re.findall(r"^build bin/(\S+): \S*EXECUTABLE_LINKER", text, re.MULTILINE))
    return [name for name in PROGRAMS if name in found] + sorted(found - set(PROGRAMS))


def ninja(folder, targets, jobs, name, quiet):
    """Builds, showing progress on a terminal and the compiler's words only where it failed."""
    command = ["ninja", "-C", str(folder)]
    if jobs:
        command += ["-j", str(jobs)]
    started = time.monotonic()
    status, steps, output = watch(command + list(targets), name)
    (folder / "build.log").write_text("".join(output), encoding="utf-8")
    if status != 0:
        sys.stderr.write("".join(line for line in output if not line.startswith("ninja: Entering")))
        raise LauncherError("building %s failed" % name, FAILED)
    if steps or not quiet:
        warnings = sum(": warning: " in line for line in output)
        seen = ", %d warnings in %s" % (warnings, folder / "build.log") if warnings else ""
        note("%s built in %.1f s%s" % (name, time.monotonic() - started, seen))


def watch(command, name):
    """Runs ninja -> (exit status, steps done, lines that are not progress)."""
    environment = {**os.environ, "NINJA_STATUS": STATUS}
    on_terminal = sys.stderr.isatty()
    steps, output = 0, []
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as tool:
        for line in tool.stdout:
            progress = STATUS_LINE.match(line)
            if not progress:
                output.append(line)
                continue
            steps += 1
            if steps == 1 and not on_terminal:
                note("building %s, %s steps" % (name, progress.group(2)))
            if on_terminal:
                sys.stderr.write("\rns3: building %s, step %s of %s " % (name, *progress.groups()))
                sys.stderr.flush()
    if steps and on_terminal:
        sys.stderr.write("\r\033[K")
    return tool.returncode, steps, output
