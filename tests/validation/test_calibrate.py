# SPDX-License-Identifier: MIT
"""The search on functions whose minimum is known, and presets that are written."""

import math

import pytest
import yaml

from ddl_validation import calibrate, presets
from ddl_validation.cases import Case
from ddl_validation.comparison import Row
from ddl_validation.groups import groups_of
from ddl_validation.simulator import Outcome

HOST, FABRIC = "nccl-ampere", "fabric-ib-hdr"


def parameter(name, value=5.0, low=0.0, high=10.0):
    return presets.Parameter(name, value, low, high)


def test_search_finds_a_minimum_inside_the_ranges():
    parameters = {name: parameter(name) for name in ("a", "b", "idle")}

    def distance(values):
        a, b = values.get("a", 5.0), values.get("b", 5.0)
        return (abs(a - 7.3) + 2 * abs(b - 1.2), 0.0)

    search = calibrate.Search(parameters, distance).run(10, 0.25)
    assert search.values["a"] == pytest.approx(7.3, abs=0.02)
    assert search.values["b"] == pytest.approx(1.2, abs=0.02)
    assert search.without_effect == {"idle"} and "idle" not in search.values


def test_search_stays_within_the_ranges():
    seen = []

    def measure(values):
        seen.append(values.get("a", 5.0))
        return (-values.get("a", 5.0), 0.0)

    search = calibrate.Search({"a": parameter("a", 5, 4, 6)}, measure).run(6, 0.25)
    assert search.values == {"a": 6} and min(seen) >= 4 and max(seen) <= 6


def test_search_keeps_what_cannot_be_bettered():
    search = calibrate.Search({"a": parameter("a")}, lambda v: (abs(v.get("a", 5.0) - 5), 0.0))
    assert search.run(6, 0.25).values == {}


def test_counts_stay_whole():
    values = []

    def measure(given):
        values.append(given.get("channels", 24.0))
        return (abs(given.get("channels", 24.0) - 19.4), 0.0)

    search = calibrate.Search({"channels": parameter("channels", 24, 16, 32)}, measure).run(8, 0.3)
    assert all(value == int(value) for value in values) and search.values == {"channels": 19}
    assert not parameter("launch_single_channel_us").is_whole


def test_the_objective_is_the_median_of_log_errors():
    case = Case("i", "h", 1, 8, "all_reduce", 8, "", "process-per-gpu", 100.0, "t", "")
    rows = [Row(case, Outcome(time, 0, "", "")) for time in (50.0, 100.0, 200.0, 400.0)]
    median, mean = calibrate.objective(rows)
    assert median == pytest.approx(math.log(2), abs=1e-8)
    assert mean == pytest.approx((math.log(2) * 2 + math.log(4)) / 4, abs=1e-8)
    assert calibrate.objective([]) == (math.inf, math.inf)


def test_ranges_come_from_the_presets_and_widen():
    facts = presets.parameters_of((HOST, FABRIC))
    assert facts["fabric_ring_share"].low <= facts["fabric_ring_share"].value
    plain = calibrate.movable((HOST, FABRIC), (), 0)
    assert all(each.low < each.high for each in plain.values())
    wide = calibrate.movable((HOST, FABRIC), ("ll_rate_gbytes_per_s",), 0.5)
    narrow = plain["ll_rate_gbytes_per_s"]
    margin = 0.5 * (narrow.high - narrow.low)
    assert list(wide) == ["ll_rate_gbytes_per_s"]
    assert wide["ll_rate_gbytes_per_s"].high == pytest.approx(narrow.high + margin)
    assert wide["ll_rate_gbytes_per_s"].low == pytest.approx(narrow.low - margin)


class FormulaSimulator:
    """Stands for ddl-scenario: a time that one parameter scales, another one only offsets."""

    def run_all(self, groups, parameters=None, is_estimate=False):
        values = dict(parameters or ())
        share = values.get("fabric_ring_share", 0.95)
        offset = values.get("fabric_offset_us", 4.0)
        return {group: {size: Outcome(offset + size / (20e3 * share), 0.0, "ring", "simple")
                        for size in group.sizes} for group in groups}


def made_up_cases(share, offset, tables=("t",)):
    cases = []
    for table in tables:
        for exponent in range(10, 26, 3):
            size = 1 << exponent
            cases.append(Case(f"{table}-{size}", "hgx-a100", 2, 16, "all_reduce", size, "",
                              "process-per-gpu", offset + size / (20e3 * share), table, ""))
    return cases


def test_a_fit_finds_what_the_measurements_were_made_with():
    calibration = calibrate.Calibration(FormulaSimulator(), packet_rounds=3)
    fit = calibration.fit((HOST, FABRIC), made_up_cases(0.91, 5.5))
    assert fit.after < 0.01 < fit.before
    assert fit.values["fabric_offset_us"] == pytest.approx(5.5, rel=0.05)
    assert set(fit.values) <= {"fabric_offset_us", "fabric_ring_share"}


def test_leave_one_out_never_sees_the_table():
    calibration = calibrate.Calibration(FormulaSimulator(), packet_rounds=2)
    cases = made_up_cases(0.91, 5.5, ("t", "u")) + made_up_cases(0.95, 4.0, ("odd",))
    found = {row[0]: row for row in calibration.leave_one_out((HOST, FABRIC), cases)}
    # Found from the others alone, though the presets are what "odd" was made with.
    assert found["odd"][3]["fabric_offset_us"] == pytest.approx(5.5, rel=0.05)
    assert found["odd"][3]["fabric_ring_share"] == pytest.approx(0.91, abs=0.02)
    assert calibrate.objective(found["odd"][1])[0] == 0  # the presets are what it was made with
    assert calibrate.objective(found["odd"][2])[0] > 0
    alone, = calibration.leave_one_out((HOST, FABRIC), made_up_cases(0.9, 5, ("t",)))
    assert alone[2] is None


def test_one_node_tells_nothing_of_the_network():
    calibration = calibrate.Calibration(FormulaSimulator(), is_estimate=True)
    one_node = [case._replace(nodes=1, gpus=8) for case in made_up_cases(0.91, 5.5, ("one", "two"))]
    cases = one_node + made_up_cases(0.95, 4.0, ("far",))
    found = {row[0]: row for row in calibration.leave_one_out((HOST, FABRIC), cases)}
    assert found["far"][2] is None
    assert found["one"][2] is not None and found["two"][2] is not None


def test_cases_are_fitted_by_generation_and_fabric():
    cases = made_up_cases(0.9, 5)
    other = [case._replace(hardware="hgx-h100") for case in cases]
    same = [case._replace(hardware="azure-nd-a100-v4") for case in cases]
    found = calibrate.by_libraries([*cases, *other, *same])
    assert {name: len(each) for name, each in found.items()} == {
        (HOST, FABRIC): 2 * len(cases), ("nccl-hopper", "fabric-ib-ndr"): len(cases)}
    assert groups_of(found[(HOST, FABRIC)])


def test_presets_that_are_written_can_be_read(tmp_path):
    parameters = presets.parameters_of((HOST, FABRIC))
    values = {"fabric_offset_us": 12.5, "channels": 20.0}
    path = presets.write_library(tmp_path, "fitted", parameters, values, 'a "log" \\ of mine')
    loaded = yaml.safe_load(path.read_text())
    assert loaded["kind"] == "library" and loaded["name"] == "fitted"
    fact = loaded["parameters"]["fabric_offset_us"]
    assert fact["value"] == 12.5 and fact["low"] <= 12.5 <= fact["high"]
    assert 'a "log" \\ of mine' in fact["source"]
    for host in ("hgx-a100", "azure-nd-a100-v4"):
        written = presets.write_host(tmp_path, host, f"{host}-fitted", (HOST, FABRIC), path)
        assert presets.libraries_of(str(written)) == (HOST, FABRIC, str(path.resolve()))
        assert presets.gpu_count(str(written)) == 8
        again = presets.parameters_of(presets.libraries_of(str(written)))
        assert again["fabric_offset_us"].value == 12.5 and again["channels"].value == 20
        assert again["fabric_ring_share"] == parameters["fabric_ring_share"]
