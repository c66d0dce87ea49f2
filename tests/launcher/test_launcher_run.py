# SPDX-License-Identifier: MIT
"""`./ns3 run`: all argument forms, and the program as if it had been started directly."""
import json
import signal

import pytest

from launcher import run

FORMS = [
    ["ddl-scenario", "--topology=star", "--hosts=4"],
    ["ddl-scenario --topology=star --hosts=4"],
    ["ddl-scenario", "--", "--topology=star", "--hosts=4"],
    ["ddl-scenario --topology=star", "--hosts=4"],
    ["ddl-scenario --topology=star", "--", "--hosts=4"],
    ["--preset=release", "ddl-scenario", "--topology=star", "--hosts=4"],
    ["--preset", "release", "ddl-scenario --topology=star", "--", "--hosts=4"],
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_program_the_same_arguments(checkout, form):
    done = checkout.ns3("run", *form)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)  # so that stdout is the program's alone
    assert told["name"] == "ddl-scenario"
    assert told["arguments"] == ["--topology=star", "--hosts=4"]


@pytest.mark.parametrize("words, arguments, options", [
    (["p", "--preset=x"], ["--preset=x"], {}),  # behind the program: the program's
    (["p", "-j", "4"], ["-j", "4"], {}),
    (["p", "--gdb"], [], {"--gdb": True}),
    (["p", "--command-template", "gdb --args %s", "--a"], ["--a"],
     {"--command-template": "gdb --args %s"}),
    (["p", "--gdb", "--", "--gdb"], ["--gdb"], {"--gdb": True}),
    (["p", "--", "--command-template=%s"], ["--command-template=%s"], {}),
    (["p", "--", "a", "--", "b"], ["a", "--", "b"], {}),
    (["-g", "p", "-g"], ["-g"], {"--valgrind": True}),
    (["p --name='two words'", "three words"], ["--name=two words", "three words"], {}),
    (["p", ""], [""], {}),
])
def test_whose_option_it_is(words, arguments, options):
    request = run.parse(words)
    assert (request.program, request.arguments, request.options) == ("p", arguments, options)


def test_exit_status_is_the_programs(checkout):
    assert checkout.ns3("run", "ddl-trace", "--fail").returncode == 3


def test_program_keeps_the_users_folder_and_knows_the_checkout(checkout, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    told = json.loads(checkout.ns3("run", "ddl-trace", cwd=elsewhere).stdout)
    assert told["folder"] == str(elsewhere)
    assert told["environment"]["DDL_ROOT"] == str(checkout.root)
    assert told["environment"]["DDL_BIN_DIR"] == str(checkout.root / "build" / "release" / "bin")
    told = json.loads(checkout.ns3("run", "--cwd", str(elsewhere), "ddl-trace").stdout)
    assert told["folder"] == str(elsewhere)


def test_interrupt_reaches_the_program_which_ends_in_its_own_way(checkout):
    process = checkout.start("run", "ddl-scenario", "--sleep")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert output == "finalised\n"
    assert process.returncode == 130


def test_no_signal_stays_ignored(checkout):
    """Python ignores SIGPIPE, which a program would inherit: `... | head` would not end it."""
    (checkout.root / "program").write_text(
        "#!/bin/sh\nwhile read -r name value; do\n"
        '  if [ "$name" = SigIgn: ]; then echo "$value"; fi\ndone </proc/self/status\n')
    ignored = int(checkout.ns3("run", "ddl-trace").stdout, 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1)) and not ignored & (1 << (signal.SIGXFSZ - 1))


def test_scenario_brings_the_generator_and_a_tool_does_not(checkout):
    checkout.ns3("run", "ddl-scenario")
    checkout.ns3("run", "ddl-trace")
    built = [call[3:] for call in checkout.calls("ninja")]
    assert built == [["ddl-scenario", "ddl-workload"], ["ddl-trace"]]


def test_configures_once_and_asks_dpkg_once(checkout):
    for _ in range(3):
        assert checkout.ns3("run", "ddl-trace").returncode == 0
    assert len(checkout.calls("cmake")) == 1
    assert len(checkout.calls("dpkg-query")) == 1


def test_presets_have_their_own_folders(checkout):
    told = json.loads(checkout.ns3("run", "--preset=dev", "ddl-trace").stdout)
    assert told["environment"]["DDL_BUILD_DIR"] == str(checkout.root / "build" / "dev")
    assert checkout.calls("cmake") == [["cmake", "--preset", "dev"]]


def test_runs_what_cmake_puts_into_bin_beyond_the_known_programs(checkout):
    checkout.ns3("build")
    assert json.loads(checkout.ns3("run", "ddl-extra").stdout)["name"] == "ddl-extra"


def test_no_build(checkout):
    done = checkout.ns3("run", "--no-build", "ddl-trace")
    assert done.returncode == 2 and "is not built" in done.stderr
    checkout.ns3("build")
    count = len(checkout.calls("ninja"))
    assert checkout.ns3("run", "ddl-trace", "--no-build").returncode == 0
    assert len(checkout.calls("ninja")) == count


def test_compiler_errors_are_shown(checkout):
    (checkout.root / "compiler-fails").touch()
    done = checkout.ns3("run", "ddl-trace")
    assert done.returncode == 1
    assert "a.cc:1:1: error: expected a declaration" in done.stderr
    assert done.stderr.splitlines()[-1] == "ns3: building release failed"


def test_debuggers_and_templates(checkout):
    checkout.tool("gdb", "")
    checkout.tool("valgrind", "")
    program = str(checkout.root / "build" / "release" / "bin" / "ddl-trace")
    checkout.ns3("run", "--gdb", "ddl-trace", "info")
    checkout.ns3("run", "ddl-trace info", "--command-template=gdb -q --args %s", "x")
    assert checkout.calls("gdb") == [["gdb", "--args", program, "info"],
                                     ["gdb", "-q", "--args", program, "info", "x"]]
    checkout.ns3("run", "-g", "ddl-trace", "info")
    assert checkout.calls("valgrind")[0][-2:] == [program, "info"]


def test_a_moved_checkout_is_configured_anew(checkout):
    checkout.ns3("build")
    cache = checkout.root / "build" / "release" / "CMakeCache.txt"
    cache.write_text("CMAKE_HOME_DIRECTORY:INTERNAL=/somewhere/else\n")
    assert checkout.ns3("run", "ddl-trace").returncode == 0
    assert str(checkout.root) in cache.read_text()
