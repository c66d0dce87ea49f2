# SPDX-License-Identifier: MIT
"""The command line."""

import argparse
import sys

from ddl_analysis import collectives, flows, links, report, slowdowns, timeline
from ddl_analysis.results import BadResults, Run
from ddl_analysis.style import save_figure, style

FIGURES = {
    "timeline": timeline,
    "collective_bandwidth": collectives,
    "link_utilisation": links,
    "flow_completion": flows,
    "flow_slowdown": slowdowns,
}

DESCRIPTION = """Draws what a run found: RESULT_DIR/figures/*.png, *.svg and RESULT_DIR/report.md.

figures:
  timeline              what each rank did when: compute, hidden and exposed communication
  collective_bandwidth  bus bandwidth against size beside the bound of the hosts' links; where time went
  link_utilisation      the busiest links, and how evenly the network was used
  flow_completion       flow completion times and slowdown by size class
  flow_slowdown         slowdown against flow size: median, 95th and 99th percentile, by traffic
"""


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="python3 -m ddl_analysis",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "result_dir", metavar="RESULT_DIR", help="folder of a run, such as results/latest"
    )
    return parser.parse_args(arguments)


def draw_all(run):
    """Draws every figure and the report; returns the paths written."""
    written = []
    with style():
        for name, module in FIGURES.items():
            written += save_figure(module.draw(run), run.folder / "figures", name)
    written.append(report.write_report(run, FIGURES))
    return written


def main(arguments=None):
    """The program: its exit status."""
    options = _parse(arguments)
    try:
        run = Run(options.result_dir)
        run.read_all()
        for path in draw_all(run):
            print(path)
    except BadResults as error:
        print(f"ddl_analysis: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"ddl_analysis: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
