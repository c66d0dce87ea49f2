# SPDX-License-Identifier: MIT
"""An ns-3 source tree of the user's own: what is accepted, linked, called and run."""
import json
import textwrap

import pytest

from launcher import ns3tree
from launcher.console import LauncherError

# The tree's own tool: notes how it was called; build makes the program and lists it as ns-3 does.
NS3 = """
import json, sys
from pathlib import Path
tree = Path(__file__).resolve().parent
with open(tree / "calls", "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if (tree / "fails").exists():
    print("a.cc:1:1: error: in the tree")
    sys.exit(1)
cache = tree / "cmake-cache"
cache.mkdir(exist_ok=True)
modules = [word.partition("=")[2] for word in sys.argv if word.startswith("--enable-modules=")]
if sys.argv[1] == "configure" and modules:
    (cache / "CMakeCache.txt").write_text("NS3_ENABLED_MODULES:STRING=%s\\n" % modules[0])
program = tree / "build" / "contrib" / "ddl" / "ns3.40-ddl-scenario-debug"
(tree / ".lock-ns3_linux_build").write_text(
    "VERSION = '3.40'\\n\\n"
    "ns3_runnable_programs = ['/x/ns3.40-test-runner-debug', %r, ]\\n" % str(program))
if sys.argv[1] == "build":
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(Path(tree / "program").read_text())
    program.chmod(0o755)
"""


def make_tree(folder, version):
    (folder / "src" / "core").mkdir(parents=True)
    (folder / "contrib").mkdir()
    (folder / "VERSION").write_text(version + "\n")
    (folder / "CMakeLists.txt").touch()
    (folder / "ns3").write_text(textwrap.dedent(NS3))
    return folder


@pytest.fixture
def tree(tmp_path, checkout):
    folder = make_tree(tmp_path / "ns-3.40", "3.40")
    (folder / "program").write_text((checkout.root / "program").read_text())
    return folder


def calls(tree):
    return [json.loads(line) for line in (tree / "calls").read_text().splitlines()]


@pytest.mark.parametrize("version, understood", [
    ("3.37", (3, 37)), ("3.37.1", (3, 37)), ("3.45", (3, 45)), ("3-dev", (3, 99)), ("what", None)])
def test_versions(tmp_path, version, understood):
    (tmp_path / "VERSION").write_text(version + "\n")
    assert ns3tree.tree_version(tmp_path) == understood


def test_old_trees_and_other_folders_are_refused(tmp_path):
    with pytest.raises(LauncherError, match="is ns-3.36; the module needs ns-3.37 or newer"):
        ns3tree.check_tree(make_tree(tmp_path / "old", "3.36"))
    (tmp_path / "other").mkdir()
    with pytest.raises(LauncherError, match="is no ns-3 source tree"):
        ns3tree.check_tree(tmp_path / "other")
    make_tree(tmp_path / "allinone" / "ns-3.40", "3.40")
    with pytest.raises(LauncherError, match="did you mean '.*allinone/ns-3.40'"):
        ns3tree.check_tree(tmp_path / "allinone")


def test_configure_links_and_configures_the_tree(checkout, tree):
    done = checkout.ns3("configure", "--ns3=%s" % tree)
    assert done.returncode == 0, done.stderr
    link = tree / "contrib" / "ddl"
    assert link.is_symlink() and link.resolve() == checkout.root / "ns3-module"
    options = calls(tree)[0]
    assert options[0] == "configure" and "--enable-modules=ddl" in options
    assert options[1:3] == ["-d", "release"]
    assert checkout.calls("cmake") == []  # the tree does it


def test_presets_and_own_options_reach_the_trees_configure(checkout, tree):
    checkout.ns3("configure", "--ns3", str(tree), "--preset=dev", "--", "--disable-gsl")
    assert calls(tree)[0][1:3] == ["-d", "debug"] and calls(tree)[0][-1] == "--disable-gsl"


def test_a_configured_trees_modules_stay_enabled(checkout, tree):
    (tree / "cmake-cache").mkdir()
    cache = tree / "cmake-cache" / "CMakeCache.txt"
    cache.write_text("NS3_ENABLED_MODULES:STRING=wifi;lte\n")
    checkout.ns3("configure", "--ns3=%s" % tree)
    assert "--enable-modules=wifi,lte,ddl" in calls(tree)[0]
    cache.write_text("NS3_ENABLED_MODULES:STRING=\n")  # all of them
    checkout.ns3("configure", "--ns3=%s" % tree)
    assert not any(word.startswith("--enable-modules") for word in calls(tree)[1])


@pytest.mark.parametrize("occupy", ["folder", "file", "link", "broken link"])
def test_another_thing_in_the_place_of_the_link_is_left_alone(checkout, tree, tmp_path, occupy):
    place = tree / "contrib" / "ddl"
    if occupy == "folder":
        place.mkdir()
    elif occupy == "file":
        place.write_text("mine")
    else:
        place.symlink_to(tmp_path if occupy == "link" else tmp_path / "gone")
    done = checkout.ns3("configure", "--ns3=%s" % tree)
    assert done.returncode == 2 and "is there already" in done.stderr
    assert not (tree / "calls").exists()
    assert not (checkout.root / "build" / "ns3-tree").exists()


def test_build_and_run_use_the_tree_until_told_otherwise(checkout, tree):
    checkout.ns3("configure", "--ns3=%s" % tree)
    assert checkout.ns3("build").returncode == 0
    assert calls(tree)[-1] == ["build", "ddl", "ddl-scenario", "ddl-trace"]
    told = json.loads(checkout.ns3("run", "ddl-scenario", "--hosts=4").stdout)
    assert told["name"] == "ns3.40-ddl-scenario-debug" and told["arguments"] == ["--hosts=4"]
    # The generator and the trace tool know nothing of ns-3; the scenario finds them there.
    tools = str(checkout.root / "build" / "tools")
    assert told["environment"]["DDL_BIN_DIR"] == tools + "/bin"
    told = json.loads(checkout.ns3("run", "ddl-workload").stdout)
    assert told["environment"]["DDL_BUILD_DIR"] == tools
    assert "-DDDL_BUILD_SIMULATOR=OFF" in checkout.calls("cmake")[0]
    # A preset that is named is this checkout's own build.
    told = json.loads(checkout.ns3("run", "--preset=dev", "ddl-scenario").stdout)
    assert told["name"] == "ddl-scenario"
    assert checkout.ns3("configure", "--ns3=off").returncode == 0
    assert json.loads(checkout.ns3("run", "ddl-scenario").stdout)["name"] == "ddl-scenario"


def test_errors_in_the_tree_are_shown(checkout, tree):
    checkout.ns3("configure", "--ns3=%s" % tree)
    (tree / "fails").touch()
    done = checkout.ns3("run", "ddl-scenario")
    assert done.returncode == 1 and "error: in the tree" in done.stderr
    assert checkout.ns3("configure", "--ns3=%s" % tree).returncode == 1


def test_a_tree_that_went_away_is_named(checkout, tree):
    checkout.ns3("configure", "--ns3=%s" % tree)
    tree.rename(tree.parent / "elsewhere")
    done = checkout.ns3("run", "ddl-scenario")
    assert done.returncode == 2 and "there is no folder '%s'" % tree in done.stderr


