# SPDX-License-Identifier: MIT
"""What is typed wrong: one line that says so, exit status 2, and nothing done."""
import pytest

from launcher import layout, main

WRONG = [
    (["rnu", "ddl-scenario"], "unknown verb 'rnu'; did you mean 'run'?"),
    (["--preset=dev", "run"], "unknown verb '--preset=dev'"),
    (["run"], "run needs a program"),
    (["run", "--", "--hosts=4"], "run needs a program"),
    (["run", ""], "run needs a program"),
    (["run", "ddl-scenaro"], "unknown program 'ddl-scenaro'; did you mean 'ddl-scenario'?"),
    (["run", "first"], "unknown program 'first'; there is: ddl-scenario"),
    (["run", "--prest=dev", "ddl-trace"],
     "unknown option '--prest' of 'run'; did you mean '--preset'?"),
    (["run", "--preset=relase", "ddl-trace"], "unknown preset 'relase'; did you mean 'release'?"),
    (["run", "--preset"], "option --preset of 'run' needs a value"),
    (["run", "--preset=", "ddl-trace"], "option --preset of 'run' needs a value, not an empty one"),
    (["run", "--gdb=yes", "ddl-trace"], "option --gdb of 'run' takes no value"),
    (["run", "-j", "many", "ddl-trace"], "needs a whole number above 0, not 'many'"),
    (["run", "ddl-trace", "--command-template=gdb"], "needs %s where the program goes"),
    (["run", "--gdb", "-g", "ddl-trace"], "--gdb and --valgrind exclude each other"),
    (["run", "ddl-trace 'info"], "cannot take 'ddl-trace 'info' apart"),
    (["run", "--cwd=/no/such/folder", "ddl-trace"], "there is no folder '/no/such/folder'"),
    (["configure", "-d", "optimized"], "did you mean '--preset'?"),
    (["configure", "--preset=base"], "unknown preset 'base'"),
    (["configure", "release"], "unexpected argument 'release'"),
    (["configure", "--", "--disable-gsl"], "configure --ns3=DIR"),
    (["configure", "--ns3=/no/such/tree"], "there is no folder '/no/such/tree'"),
    (["build", "--jobs=0"], "needs a whole number above 0"),
    (["test", "--longer"], "unknown option '--longer' of 'test'; did you mean '--long'?"),
    (["test", "-R", "("], "no regular expression"),
    (["test", "tests/launcher"], "unexpected argument"),
    (["show", "profiles"], "did you mean 'profile'?"),
    (["show", "version", "config"], "unexpected argument 'config'"),
    (["clean", "results"], "unexpected argument 'results'"),
    (["format", "nothing.cc"], "there is no file 'nothing.cc'"),
    (["plot"], "plot needs a results folder"),
]


@pytest.mark.parametrize("words, expected", WRONG)
def test_wrong_usage_is_one_line_and_status_2(checkout, words, expected):
    checkout.tool("clang-format", "")
    done = checkout.ns3(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("ns3: ") and done.stderr.count("\n") == 1
    assert expected in done.stderr
    assert not {"cmake", "ninja", "apt-get"} & {call[0] for call in checkout.calls()}


def test_a_target_that_is_not_there(checkout):
    checkout.ns3("configure")
    built = len(checkout.calls("ninja"))
    done = checkout.ns3("build", "ddl-bse")
    assert done.returncode == 2
    assert "unknown target 'ddl-bse'; did you mean 'ddl-base'?" in done.stderr
    # Only the build files were looked at again, in case that they were old.
    assert [call[-1] for call in checkout.calls("ninja")[built:]] == ["build.ninja"]


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help(checkout, words):
    done = checkout.ns3(*words)
    assert done.returncode == 0 and done.stderr == ""
    for verb in main.VERBS:
        assert verb in done.stdout
        own = checkout.ns3(verb, "--help")
        assert own.returncode == 0 and "usage: ./ns3 " + verb in own.stdout


def test_help_is_the_programs_behind_its_name(checkout):
    assert "usage: ./ns3 test" in checkout.ns3("test", "--long", "--help").stdout
    assert '"arguments": ["--help"]' in checkout.ns3("run", "ddl-trace", "--help").stdout


def test_show(checkout):
    assert checkout.ns3("show", "targets").stdout.split() == list(layout.PROGRAMS)
    checkout.ns3("build")
    assert checkout.ns3("show", "targets").stdout.split()[-1] == "ddl-extra"
    profile = checkout.ns3("show", "profile").stdout
    assert profile == "Build profile: release (configured: release)\n"
    assert checkout.ns3("show", "version").stdout.startswith("ddlsim ")
    assert str(checkout.root) in checkout.ns3("show", "config").stdout


def test_clean_removes_build_and_nothing_else(checkout):
    checkout.ns3("build")
    (checkout.root / "results").mkdir()
    before = {path.name for path in checkout.root.iterdir()}
    assert checkout.ns3("clean").returncode == 0
    assert before - {path.name for path in checkout.root.iterdir()} == {"build"}
    assert checkout.ns3("clean").returncode == 0


def test_nothing_is_written_outside_build(checkout):
    before = {path for path in checkout.root.rglob("*")}
    checkout.ns3("build")
    checkout.ns3("run", "ddl-trace")
    new = {path for path in checkout.root.rglob("*")} - before
    assert new and all(path.relative_to(checkout.root).parts[0] == "build" for path in new)
