# SPDX-License-Identifier: MIT
"""The verbs around the simulator: bench, plot, validate, format, lint, show, clean."""
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from launcher import build, interpreter, ns3tree, packages, run
from launcher.console import FAILED, LauncherError, note
from launcher.handover import replace_process
from launcher.layout import (BUILD, DEFAULT_PRESET, PROGRAMS, ROOT, build_folder, presets,
                             python_environment, runtime_environment, version)


def bench(arguments, install):
    """Benchmarks are of the release build only."""
    build.build(DEFAULT_PRESET, PROGRAMS, install=install, quiet=True)
    replace_process([sys.executable, str(ROOT / "bench" / "run.py"), *arguments],
                    python_environment(build_folder(DEFAULT_PRESET)))


def plot(arguments, install):
    if any(word.split("=")[0] == "--topology" for word in arguments):
        arguments = ["--network=%s" % write_network(arguments, install)]
    elif not arguments:
        arguments = [str(ROOT / "results" / "latest")]
        if not os.path.isdir(arguments[0]):
            raise LauncherError("plot needs a results folder; there is no results/latest yet")
    python = interpreter.require(packages.PLOT, install)
    replace_process([python, "-m", "ddl_analysis", *arguments],
                    python_environment(build_folder(DEFAULT_PRESET)))


def write_network(arguments, install):
    """Has ddl-scenario write the network that its options describe; the file, in a folder named
    after them."""
    name = re.sub(r"[^A-Za-z0-9.]+", "-", " ".join(arguments).replace("--topology=", ""))
    folder = ROOT / "results" / "topology" / name.strip("-.")[:80]
    request = run.Request("ddl-scenario", [], {} if install else {"--no-install": True})
    program, where = run.find_program(request, DEFAULT_PRESET)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "topology.json"
    done = subprocess.run([str(program), *arguments, "--write-topology=%s" % path],
                          env=runtime_environment(where), check=False)
    if done.returncode != 0:
        if not path.exists():
            folder.rmdir()
        raise SystemExit(done.returncode)  # the program has said why
    return path


def validate(arguments, install):
    python = interpreter.require(packages.VALIDATE, install)
    build.build(DEFAULT_PRESET, ("ddl-scenario", "ddl-workload"), install=install, quiet=True)
    replace_process([python, "-m", "ddl_validation", *arguments],
                    python_environment(build_folder(DEFAULT_PRESET)))


def sources(words):
    """The C++ files named, or all of the checkout."""
    if words:
        for word in words:
            if not os.path.isfile(word):
                raise LauncherError("there is no file '%s'" % word)
        return [os.path.abspath(word) for word in words]
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.cc", "*.h"],
                            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=False).stdout.splitlines() if shutil.which("git") else []
    if not listed:  # an archive instead of a checkout
        listed = [path for pattern in ("*.cc", "*.h") for path in ROOT.rglob(pattern)
                  if BUILD not in path.parents]
    found = {ROOT / path for path in listed}
    return sorted(str(path) for path in found if path.is_file())


def format_sources(words, check, install):
    """clang-format in place; --check only names what it would change."""
    packages.require(packages.FORMAT, install)
    files = sources(words)
    mode = ["--dry-run", "--Werror"] if check else ["-i"]
    done = subprocess.run(["clang-format", *mode, *files], cwd=ROOT, check=False)
    return FAILED if done.returncode else 0


def lint(words, install):
    """clang-tidy with the compile commands of the dev build, or of the release build."""
    packages.require(packages.LINT, install)
    preset = "dev" if build.is_configured(build_folder("dev")) else DEFAULT_PRESET
    build.build(preset, install=install, quiet=True)  # generated headers have to exist
    commands = json.loads((build_folder(preset) / "compile_commands.json").read_text("utf-8"))
    compiled = {os.path.realpath(os.path.join(entry["directory"], entry["file"]))
                for entry in commands}
    files = [path for path in sources(words) if os.path.realpath(path) in compiled]
    if not files:
        raise LauncherError("no file to check; headers are checked with the sources that use them")
    tidy = ["clang-tidy", "--quiet", "-p", str(build_folder(preset))]

    def check(path):
        return subprocess.run([*tidy, path], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, check=False)

    faulty = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done in pool.map(check, files):
            sys.stdout.write(done.stdout)
            faulty += done.returncode != 0 or "warning:" in done.stdout
    note("%d files checked, %d with findings" % (len(files), faulty))
    return FAILED if faulty else 0


def ns3_version():
    """What the simulator builds against, in words."""
    tree = ns3tree.remembered()
    if tree:
        return "ns-3 %s in %s" % (".".join(map(str, ns3tree.tree_version(tree) or ("?",))), tree)
    for preset in presets():
        library = build.cache_value(build_folder(preset), "NS3_CORE_LIBRARY")
        if library and os.path.exists(library):
            # libns3-core.so -> libns3-core.so.37: the number behind is the release of ns-3 3.
            return "ns-3 3.%s of the system" % os.path.realpath(library).rpartition(".")[2]
    return "ns-3 of the system, not configured yet"


def show_profile():
    configured = [name for name in presets() if build.is_configured(build_folder(name))]
    print("Build profile: %s (configured: %s)"
          % (DEFAULT_PRESET, " ".join(configured) or "none yet"))


def show_targets():
    for name in build.programs(build_folder(DEFAULT_PRESET)) or PROGRAMS:
        print(name)


def show_version():
    print("ddlsim %s, %s" % (version(), ns3_version()))


def show_config():
    folder = build_folder(DEFAULT_PRESET)
    print("checkout:     %s" % ROOT)
    print("simulator:    %s" % ns3_version())
    for name in presets():
        state = "configured" if build.is_configured(build_folder(name)) else "not configured"
        print("%-13s %s, %s" % (name + ":", build_folder(name), state))
    print("compiler:     %s"
          % (build.cache_value(folder, "CMAKE_CXX_COMPILER") or "not configured"))
    print("figures:      %s" % (interpreter.choose([each.module for each in packages.PLOT])
                                or "no interpreter has matplotlib, pandas and numpy"))


SHOWN = {"profile": show_profile, "targets": show_targets, "version": show_version,
         "config": show_config}


def clean():
    """Removes build/ and nothing else: results and traces are the user's."""
    if BUILD.is_symlink():
        BUILD.unlink()
    elif BUILD.is_dir():
        shutil.rmtree(BUILD)
