# SPDX-License-Identifier: MIT
"""The findings in words: right numbers, right emphasis, names that cannot break the page."""

import json

import pytest
from analysis_samples import SUMMARY
from ddl_analysis import report
from ddl_analysis.results import BadResults, Run

COLLECTIVES = (
    "id,name,group,first_rank,ranks,collective,algorithm,size_bytes,issue_ns,start_ns,ready_ns,"
    "end_ns,time_ns,algbw_gbytes_per_s,busbw_gbytes_per_s,bound_ns,bound_share,model_ns\n"
    "0,NA,,0,4,all_reduce,ring,4000,0,0,50,200,200,20.0000,30.0000,100,0.5000,\n"
    "1,b,,0,4,all_reduce,ring,8000,0,0,0,1000,1000,8.0000,12.0000,900,0.9000,\n"
)
LINKS = (
    "link,source,destination,rate_gbps,delay_ns,frames,data_frames,bytes,busy_ns,"
    "utilisation_share,lost_frames\n"
    "x,leaf-0,spine-0,400,1,1,1,1000,900,0.900000,0\n"
    "y,leaf-0,spine-1,400,1,1,1,1000,1,0.010000,0\n"
    "z,leaf-1,spine-1,400,1,1,1,1000,1,0.010000,0\n"
)


@pytest.fixture(name="make")
def _make(tmp_path):
    def make(files=None, **changes):
        (tmp_path / "summary.json").write_text(json.dumps({**SUMMARY, **changes}))
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text)
        return Run(tmp_path)

    return make


def test_what_dominates(make):
    text = report.render(make(), [])
    assert "dominated by **compute**: compute 700 ns (70.0 %)" in text
    assert "exposed communication 250 ns (25.0 %), idle time 50.0 ns (5.0 %)" in text
    text = report.render(make(compute_time_ns=100, exposed_communication_ns=850), [])
    assert "dominated by **exposed communication**" in text
    assert "pipeline" not in text
    text = report.render(make(pipeline_wait_ns=200), [])
    assert "Of the exposed communication 200 ns (20.0 % of the iteration) was waiting for" in text


def test_the_title_has_the_whole_plan(make):
    plan = ", ".join(f"option-{i} {i}" for i in range(15))
    assert report.render(make(workload=plan), []).splitlines()[0] == f"# {plan} on star"


def test_collectives(make):
    text = report.render(make({"collectives.csv": COLLECTIVES}), [])
    assert "2 collectives completed" in text
    assert "Most time went into all\\_reduce (ring, 4 ranks, 7.81 KiB)" in text
    assert "(ring, 4 ranks, 3.91 KiB): it reaches **50.0 %** of it" in text
    assert "50.0 ns of that was waiting for late ranks" in text


def test_uneven_links(make):
    text = report.render(make({"links.csv": LINKS}), [])
    assert "busiest link is leaf-0 \u2192 spine-0: in use **90.0 %**" in text
    assert "3 links of its kind (leaf \u2192 spine) were in use 30.7 % on average" in text
    assert "uneven among the 3 links of the kind leaf \u2192 spine" in text
    assert "the busiest is in use 90.0 % of the time, the mean is 30.7 %" in text
    assert "uneven" not in report.render(make({"links.csv": LINKS.replace("0.01", "0.80")}), [])


def test_losses(make):
    assert "None of 100 data packets" in report.render(make(), [])
    text = report.render(make(drops=3, lost_packets=1, retransmitted_packets=4), [])
    assert "Of 100 data packets 4 were retransmissions (4.0 %): 3 frames were dropped" in text
    assert "1 lost on links" in text


def test_traffic_alone(make):
    rows = "size_bytes,fct_ns,slowdown,retransmitted_packets,traffic\n"
    rows += "10,5,1.5,0,web_search\n20,5,2.5,0,web_search\n20,5,9.0,0,incast\n"
    text = report.render(make({"flows.csv": rows}, ranks=0, iteration_time_ns=0), [])
    assert "2 flows (web\\_search) took at most 2.00 times" in text
    assert "1 flows (incast) took at most 9.00 times" in text
    assert "iteration" not in text and "collective completed" not in text


def test_a_slow_rank(make):
    rows = "rank,host,operations,end_ns,compute_ns,communication_ns,"
    rows += "exposed_communication_ns,idle_ns\n"
    rows += "0,0,1,1000,500,0,0,0\n1,1,1,990,500,0,0,0\n2,2,1,1000,800,0,0,0\n"
    text = report.render(make({"ranks.csv": rows}), [])
    assert "within 10.0 ns of each other" in text
    assert "Rank 2 computed longest, 33.3 % above the mean" in text


def test_names_cannot_break_the_page(make):
    hostile = "![x](http://evil)\n# <script>`|*_"
    text = report.render(make(workload=hostile), [])
    assert text.splitlines()[0].startswith("# \\!\\[x\\](http://evil) \\# \\<script\\>\\`\\|\\*\\_")


def test_names_like_missing_values_stay_names(make):
    run = make({"collectives.csv": COLLECTIVES})
    assert run.table("collectives.csv")["name"].tolist() == ["NA", "b"]


def test_numbers_that_are_none_are_refused(make):
    run = make({"collectives.csv": COLLECTIVES.replace(",4000,", ",many,")})
    with pytest.raises(BadResults, match="collectives.csv"):
        run.table("collectives.csv")
