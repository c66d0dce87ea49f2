# SPDX-License-Identifier: MIT
"""`./ns3 test`: what counts as passed and failed, and the closing line."""
import json

import pytest

from launcher.testing import Counts, closing_line, count_ctest, count_gtest, count_pytest

CTEST = """
names = os.environ["GTEST_OUTPUT"].partition(":")[2]
chosen = json.loads((ROOT / "ctest.json").read_text())
junit = arguments[arguments.index("--output-junit") + 1]
rows = []
for name, (status, cases) in chosen.items():
    rows.append('<testcase name="%s" status="%s"/>' % (name, status))
    if cases is not None:
        Path(names, name + ".json").write_text(json.dumps({"testsuites": [{"testsuite": cases}]}))
Path(junit).write_text("<testsuite>%s</testsuite>" % "".join(rows))
print("ctest's own words")
sys.exit(8 if any(status == "fail" for status, _ in chosen.values()) else 0)
"""

# The probe for packages is `python3 -B -c ...`, the tests are `python3 -m pytest ...`.
PYTHON = """
if arguments[:2] == ["-m", "pytest"]:
    told = json.loads((ROOT / "pytest.json").read_text())
    junit = arguments[arguments.index("--junitxml") + 1]
    if told["counts"]:
        Path(junit).write_text('<testsuites><testsuite tests="%d" failures="%d" errors="%d" '
                               'skipped="%d"/></testsuites>' % tuple(told["counts"]))
    print("pytest's own words")
    sys.exit(told["status"])
"""

PASSED = {"result": "COMPLETED"}
FAILED = {"result": "COMPLETED", "failures": [{"failure": "x"}]}
SKIPPED = {"result": "SKIPPED"}


@pytest.fixture
def tests(checkout):
    """run(ctest, pytest_status, pytest_counts) of `./ns3 test` with these outcomes."""
    checkout.tool("ctest", CTEST)
    checkout.tool("python3", PYTHON)

    def run(programs, status=0, counts=(3, 0, 0, 0), words=()):
        (checkout.root / "ctest.json").write_text(json.dumps(programs))
        (checkout.root / "pytest.json").write_text(json.dumps({"status": status, "counts": counts}))
        done = checkout.ns3("test", *words)
        return done.returncode, done.stdout.splitlines()[-1] if done.stdout else ""
    run.checkout = checkout
    return run


@pytest.mark.parametrize("programs, status, counts, expected", [
    ({"a": ("run", [PASSED, PASSED])}, 0, (3, 0, 0, 0), (0, "5 passed, 0 failed")),
    ({"a": ("run", [PASSED, SKIPPED])}, 0, (3, 0, 0, 1), (0, "3 passed, 0 failed, 2 skipped")),
    ({"a": ("fail", [PASSED, FAILED])}, 0, (3, 0, 0, 0), (1, "4 passed, 1 failed")),
    ({"a": ("run", [PASSED])}, 1, (3, 1, 1, 0), (1, "2 passed, 2 failed")),
    # Programs that die leave no report, or one without the case that killed them.
    ({"a": ("fail", None), "b": ("run", [PASSED])}, 0, (1, 0, 0, 0), (1, "2 passed, 1 failed")),
    ({"a": ("fail", [PASSED])}, 0, (1, 0, 0, 0), (1, "2 passed, 1 failed")),
    # A test that is no GoogleTest program is one case.
    ({"a": ("run", None)}, 0, (1, 0, 0, 0), (0, "2 passed, 0 failed")),
    # pytest that cannot even collect.
    ({"a": ("run", [PASSED])}, 2, None, (1, "1 passed, 1 failed")),
    # No Python test is chosen, or no test at all.
    ({"a": ("run", [PASSED])}, 5, (0, 0, 0, 0), (0, "1 passed, 0 failed")),
    ({}, 5, (0, 0, 0, 0), (1, "0 passed, 0 failed")),
    ({"a": ("run", [SKIPPED])}, 5, (0, 0, 0, 0), (1, "0 passed, 0 failed, 1 skipped")),
])
def test_closing_line_and_status(tests, programs, status, counts, expected):
    assert tests(programs, status, counts) == expected


def test_labels_markers_and_patterns(tests):
    tests({"a": ("run", [PASSED])})
    tests({"a": ("run", [PASSED])}, words=["--long", "-R", "ring.*star", "--preset=dev"])
    quick, every = tests.checkout.calls("ctest")
    assert quick[quick.index("-L") + 1] == "^quick$" and "-R" not in quick
    assert every[every.index("-L") + 1] == "^(quick|long)$"
    assert every[every.index("-R") + 1] == "ring.*star"
    assert every[every.index("--test-dir") + 1].endswith("build/dev")
    quick, every = [call for call in tests.checkout.calls("python3") if call[2] == "pytest"]
    assert quick[quick.index("tests") + 1:] == ["-m", "not long"]
    assert "not long" not in every and "launcher.pytest_pattern" in every


def test_reports_of_an_earlier_run_do_not_count(tests):
    tests({"a": ("run", [PASSED, PASSED])})
    assert tests({"a": ("fail", None)}, counts=(1, 0, 0, 0)) == (1, "1 passed, 1 failed")


def test_a_failed_build_is_no_passed_test(tests):
    (tests.checkout.root / "compiler-fails").touch()
    assert tests({"a": ("run", [PASSED])}) == (1, "")


def test_counting_what_is_not_there(tmp_path):
    assert count_ctest(tmp_path / "none.xml", tmp_path) == Counts()
    assert count_pytest(tmp_path / "none.xml") == Counts()
    (tmp_path / "torn.json").write_text('{"testsuites": [')
    assert count_gtest(tmp_path / "torn.json") == Counts()


def test_a_disabled_ctest_is_skipped(tmp_path):
    (tmp_path / "x.xml").write_text('<testsuite><testcase name="a" status="disabled"/>'
                                    '<testcase name="b" status="notrun"/></testsuite>')
    assert count_ctest(tmp_path / "x.xml", tmp_path) == Counts(skipped=2)


def test_words_of_the_closing_line():
    assert closing_line(Counts(12, 0, 0)) == "12 passed, 0 failed"
    assert closing_line(Counts(12, 1, 3)) == "12 passed, 1 failed, 3 skipped"


def test_the_pattern_plugin_chooses_by_name(chosen):
    assert chosen("one|three") == ["test_one", "test_three"]
    assert chosen("test_names.py.*two") == ["test_two"]


@pytest.fixture
def chosen(monkeypatch):
    """Names that the plug-in leaves of three tests."""
    from launcher import pytest_pattern

    class Item:
        def __init__(self, name):
            self.nodeid = "tests/test_names.py::" + name

    class Config:
        class hook:
            @staticmethod
            def pytest_deselected(items):
                pass

    def choose(pattern):
        monkeypatch.setenv("DDL_TEST_PATTERN", pattern)
        items = [Item("test_one"), Item("test_two"), Item("test_three")]
        pytest_pattern.pytest_collection_modifyitems(Config, items)
        return [item.nodeid.rpartition("::")[2] for item in items]
    return choose


def test_programs_that_only_tests_need_are_installed(tests):
    tests.checkout.without("tshark")
    assert tests({"a": ("run", [PASSED])})[0] == 0
    installs = [call for call in tests.checkout.calls("apt-get") if "install" in call]
    assert [call[-1] for call in installs] == ["tshark"]
    tests.checkout.without("tshark")
    done = tests.checkout.ns3("test", "--no-install")
    assert done.returncode == 2 and "tshark (tests of packet captures)" in done.stderr
