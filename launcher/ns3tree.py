# SPDX-License-Identifier: MIT
"""An ns-3 source tree of the user's own: links the module into its contrib/ and builds it there.

The launcher remembers the tree in build/ns3-tree. Programs that do not use ns-3 (the workload
generator) are built in build/tools then.
"""
import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from launcher import build, packages
from launcher.console import FAILED, LauncherError, note, unknown
from launcher.layout import BUILD, PROGRAMS, ROOT

MEMORY = BUILD / "ns3-tree"
TOOLS = BUILD / "tools"
OLDEST = (3, 37)
PROFILES = {"release": ["-d", "release"], "dev": ["-d", "debug"],
            "asan": ["-d", "debug", "--enable-sanitizers"]}
IN_TREE = ("ddl-scenario", "ddl-trace")
# Not the look at globbed folders, which ninja takes each time.
STEP = re.compile(r"\[\d+/(\d+)\] (?!Re-)")
TARGETS = ("ddl", *IN_TREE)


def remembered():
    """The ns-3 tree in use, or None for the distribution's ns-3."""
    try:
        return Path(MEMORY.read_text(encoding="utf-8").rstrip("\n"))
    except OSError:
        return None


def forget():
    if remembered():
        MEMORY.unlink()
        note("back to the distribution's ns-3")


def tree_version(tree):
    """(3, 37) of VERSION's "3.37" or "3.37.1"; (3, 99) of a development tree's "3-dev"."""
    try:
        text = (tree / "VERSION").read_text(encoding="utf-8").strip()
    except OSError:
        text = ""
    if text == "3-dev":
        return (3, 99)
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found.group(1)), int(found.group(2))) if found else None


def check_tree(tree):
    """Refuses what is no ns-3 source tree of a supported version."""
    if not tree.is_dir():
        raise LauncherError("--ns3: there is no folder '%s'" % tree)
    version = tree_version(tree)
    parts = [tree / "ns3", tree / "src" / "core", tree / "CMakeLists.txt"]
    if version is None or not all(part.exists() for part in parts):
        inside = [entry.parent for entry in sorted(tree.glob("ns-3*/VERSION"))]
        hint = "; did you mean '%s'?" % inside[0] if inside else \
            "; it needs VERSION, the file ns3, and src/core"
        raise LauncherError("--ns3: '%s' is no ns-3 source tree%s" % (tree, hint))
    if version < OLDEST:
        raise LauncherError("--ns3: '%s' is ns-3.%d; the module needs ns-3.%d or newer"
                            % (tree, version[1], OLDEST[1]))


def link(tree):
    """contrib/ddl -> ns3-module; whatever else has that name stays as it is."""
    place = tree / "contrib" / "ddl"
    module = ROOT / "ns3-module"
    if place.is_symlink() and place.resolve() == module.resolve():
        return
    if place.is_symlink() or place.exists():
        raise LauncherError("'%s' is there already and is not a link to %s; remove it first"
                            % (place, module))
    try:
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(module, target_is_directory=True)
    except OSError as error:
        raise LauncherError("cannot make the link '%s': %s" % (place, error.strerror)) from error


def enabled_modules(tree):
    """Modules that a configured tree is limited to, so that ours adds to them; [] for no limit."""
    cache = build.cache_value(tree / "cmake-cache", "NS3_ENABLED_MODULES")
    return [name for name in re.split("[;,]", cache or "") if name]


def configure_options(tree, preset, extra):
    """Options of ns-3's own configure: only this module's tests and examples, unless told more."""
    options = list(PROFILES[preset])
    modules = enabled_modules(tree)
    configured = (tree / "cmake-cache" / "CMakeCache.txt").is_file()
    if modules or not configured:
        options.append("--enable-modules=" + ",".join(dict.fromkeys([*modules, "ddl"])))
    if not configured:
        options += ["-G", "Ninja", "--enable-tests", "--enable-examples",
                    "--filter-module-examples-and-tests=ddl"]
    return options + list(extra)


def tool(tree, arguments, failure):
    """Runs the tree's own ns3; its words are shown where it failed, and are in build/ otherwise."""
    BUILD.mkdir(exist_ok=True)
    output, building = [], False
    with subprocess.Popen([sys.executable, str(tree / "ns3"), *arguments], cwd=tree, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          errors="replace") as process:
        for line in process.stdout:
            output.append(line)
            step = STEP.match(line)
            if step and not building:
                note("building in the ns-3 tree %s, %s steps" % (tree, step.group(1)))
            building = building or bool(step)
    (BUILD / "ns3-tree.log").write_text("".join(output), encoding="utf-8")
    if process.returncode != 0:
        sys.stderr.write("".join(output))
        raise LauncherError(failure, FAILED)


def configure(folder, preset, extra, install):
    tree = Path(folder).expanduser().resolve()
    check_tree(tree)
    packages.require(packages.COMPILE, install)
    link(tree)
    note("configuring the ns-3 tree %s" % tree)
    options = configure_options(tree, preset, extra)
    tool(tree, ["configure", *options], "ns-3's configure failed in %s" % tree)
    MEMORY.write_text(str(tree) + "\n", encoding="utf-8")
    note("the module builds in %s from now on; ./ns3 configure --ns3=off goes back" % tree)


def build_all(targets=(), jobs=None, install=True, quiet=False):
    """Builds the module and the programs in the tree, and the generator beside them."""
    tree = remembered()
    check_tree(tree)
    link(tree)
    parallel = ["-j", str(jobs)] if jobs else []
    with build.locked("ns3-tree"):
        tool(tree, ["build", *parallel, *(targets or TARGETS)],
             "building in the ns-3 tree %s failed" % tree)
    if not targets:
        build_tools(jobs, install, quiet)


def build_tools(jobs, install, quiet):
    """The programs without ns-3: the tree has no place for Abseil."""
    with build.locked("tools"):
        if not build.is_configured(TOOLS):
            packages.require(packages.COMPILE, install)
            command = ["cmake", "-S", str(ROOT), "-B", str(TOOLS), "-G", "Ninja",
                       "-DCMAKE_BUILD_TYPE=Release", "-DDDL_BUILD_TESTS=OFF",
                       "-DDDL_BUILD_SIMULATOR=OFF"]
            build.configure_folder(TOOLS, command, "tools")
        build.ninja(TOOLS, (), jobs, "tools", quiet)


def runnable(tree):
    """Programs of the tree by name: ns-3 lists them, whatever its version and profile call them."""
    found = {}
    for lock in sorted(tree.glob(".lock-ns3_*_build")):
        text = lock.read_text(encoding="utf-8", errors="replace")
        listed = re.search(r"^ns3_runnable_programs\s*=\s*(\[.*?\])", text,
                           re.MULTILINE | re.DOTALL)
        for path in ast.literal_eval(listed.group(1)) if listed else []:
            for name in IN_TREE:
                if re.search(r"(^|-)%s(-[a-z]+)?$" % name, os.path.basename(path)):
                    found[name] = Path(path)
    return found


def program(name, jobs, wanted_build, install):
    """Builds a program and returns (its path, the build folder of the tools)."""
    tree = remembered()
    check_tree(tree)
    if name not in PROGRAMS:
        raise unknown("program", name, PROGRAMS)
    in_tree = name == "ddl-scenario"
    if wanted_build:
        if in_tree:
            build_all([name], jobs, install, quiet=True)
        build_tools(jobs, install, quiet=True)
    path = runnable(tree).get(name) if in_tree else TOOLS / "bin" / name
    if path is None or not path.is_file():
        raise LauncherError("%s is not built in %s; see ./ns3 build"
                            % (name, tree if in_tree else TOOLS), FAILED)
    return path, TOOLS
