# SPDX-License-Identifier: MIT
"""The command line."""

import argparse
import os
import pathlib
import sys

from ddl_analysis import collectives, flows, links, report, samples, slowdowns, timeline, topology
from ddl_analysis import memory_figure, pipeline_figure
from ddl_analysis.results import BadResults, Run
from ddl_analysis.style import save_figure, style
from ddl_analysis.workload_tables import Described

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
  rate_and_queue        of runs with --sample-interval: rate of each flow, longest queue, over time

Of several folders (or with --figures) only the last one is drawn, for all of
them together, into the folder that they lie in.

Of a folder that `ddl-workload describe --csv=FOLDER` has written: memory_over_time and pipeline.

With --network=FILE, what ddl-scenario --write-topology=FILE has written is drawn instead: the
network, as topology.png and topology.svg beside the file.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"./ns3 plot: {message}; see ./ns3 plot --help", file=sys.stderr)
        raise SystemExit(2)


def _parse(arguments):
    parser = _Parser(
        allow_abbrev=False,
        prog="./ns3 plot",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "result_dirs",
        metavar="RESULT_DIR",
        nargs="*",
        help="folder of a run, such as results/latest",
    )
    parser.add_argument("--network", metavar="FILE", help="draw this network and nothing else")
    parser.add_argument("--figures", metavar="DIR", help="where that figure goes")
    options = parser.parse_args(arguments)
    if bool(options.result_dirs) == bool(options.network):
        parser.error("name a RESULT_DIR, or a network with --network=FILE")
    return options


def draw_all(run):
    """Draws every figure and the report; returns the paths written."""
    written = []
    figures = dict(FIGURES)
    if samples.has_samples(run):
        figures["rate_and_queue"] = samples
    with style():
        for name, module in figures.items():
            written += save_figure(module.draw(run), run.folder / "figures", name)
    written.append(report.write_report(run, figures))
    return written


def draw_together(runs, folder):
    """Draws what shows several runs in one figure; returns the paths written."""
    with style():
        return save_figure(samples.draw_runs(runs), folder, "rate_and_queue")


def draw_described(described):
    """Draws the memory and the pipeline of a workload; returns the paths written."""
    figures = {"memory_over_time": memory_figure, "pipeline": pipeline_figure}
    written = []
    with style():
        for name, module in figures.items():
            written += save_figure(module.draw(described), described.folder / "figures", name)
    return written


def draw_network(path, folder):
    """Draws a network; returns the paths written."""
    with style():
        return save_figure(topology.draw(topology.Network(path)), folder, "topology")


def _common_folder(folders):
    return pathlib.Path(os.path.commonpath([os.path.abspath(folder) for folder in folders]))


def main(arguments=None):
    """The program: its exit status."""
    options = _parse(arguments)
    try:
        if options.network:
            path = pathlib.Path(options.network)
            for figure in draw_network(path, pathlib.Path(options.figures or path.parent)):
                print(figure)
            return 0
        if len(options.result_dirs) == 1 and Described.is_in(options.result_dirs[0]):
            for figure in draw_described(Described(options.result_dirs[0])):
                print(figure)
            return 0
        runs = [Run(folder) for folder in options.result_dirs]
        for run in runs:
            run.read_all()
        if len(runs) == 1 and options.figures is None:
            written = draw_all(runs[0])
        else:
            folder = pathlib.Path(options.figures or _common_folder(options.result_dirs))
            written = draw_together(runs, folder)
        for path in written:
            print(path)
    except BadResults as error:
        print(f"ddl_analysis: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"ddl_analysis: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
