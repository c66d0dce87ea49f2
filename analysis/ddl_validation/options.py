# SPDX-License-Identifier: MIT
"""The options of `./ns3 validate`, and values with their ranges."""

import argparse
import math
import re

from ddl_validation.cases import LAUNCHES
from ddl_validation.errors import BadInput, printable
from ddl_validation.layout import DEFAULT_OUT

_SIZE = re.compile(r"(\d{1,18})\s*(B|KiB|MiB|GiB|KB|MB|GB)?\Z")
_FACTORS = {None: 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 1000,
            "MB": 1000_000, "GB": 1000_000_000}


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        unknown = message.partition("unrecognized arguments: ")[2]
        if unknown:
            raise BadInput(printable(unknown), "is no option of ./ns3 validate",
                           "./ns3 validate --help lists them")
        raise BadInput("command line", message, "see ./ns3 validate --help")


def make_parser():
    parser = _Parser(prog="./ns3 validate", description="Simulates measured collectives and says "
                     "how far off it is: docs/validate.md.", allow_abbrev=False)
    what = parser.add_argument_group("what to compare with (default: the project's own cases)")
    what.add_argument("--cases", metavar="FILE.csv", help="measurements, a row each")
    what.add_argument("--training", action="store_true",
                      help="the project's own training cases, instead of collectives")
    what.add_argument("--max-gpus", metavar="N",
                      help="of training: leave out larger cases (default: 64 at packet level)")
    what.add_argument("--nccl-log", metavar="FILE", help="output of nccl-tests")
    what.add_argument("--hardware", help="of --nccl-log: host preset or YAML file")
    what.add_argument("--nodes", help="of --nccl-log (default: as the log says)")
    what.add_argument("--gpus", help="of --nccl-log: ranks (default: as the log says)")
    what.add_argument("--operation", help="of --nccl-log (default: as the log says)")
    what.add_argument("--launch", help=f"of --nccl-log (default: as the log says): "
                      f"{', '.join(LAUNCHES)}")
    what.add_argument("--algorithm", default="", help="of --nccl-log, where NCCL_ALGO was set")
    what.add_argument("--in-place", action="store_true", help="take the log's in-place times")
    what.add_argument("--max-size", metavar="SIZE", help="leave out what is larger: 256MiB")
    what.add_argument("--table", metavar="PATTERN",
                      help="only tables with such a name: t01, *-h100-*")
    how = parser.add_argument_group("how")
    how.add_argument("--jobs", help="runs at a time (default: one per core)")
    how.add_argument("--estimate", action="store_true",
                     help="the closed formulas alone: seconds, no packets")
    how.add_argument("--out", default=DEFAULT_OUT, help="folder of the results")
    fit = parser.add_argument_group("fitting")
    fit.add_argument("--calibrate", action="store_true",
                     help="fit parameters of the library presets")
    fit.add_argument("--leave-one-out", action="store_true",
                     help="each table with parameters fitted to the others")
    fit.add_argument("--parameters", metavar="NAME,...",
                     help="only these (default: all with a range)")
    fit.add_argument("--widen", default="0",
                     help="ranges by this share to either side (default: 0)")
    fit.add_argument("--rounds", default="1", help="of the search at packet level (default: 1)")
    parser.add_argument("simulator_options", nargs="*", metavar="-- OPTION",
                        help="handed to ddl-scenario: -- --topology=fattree --cc=none")
    return parser


def whole_number(place, text, low, high):
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and low <= int(text) <= high):
        raise BadInput(place, f"'{printable(text)}' is out of range",
                       f"write a whole number from {low} to {high}")
    return int(text)


def size_bytes(place, text):
    match = _SIZE.match(text)
    if not match or int(match[1]) == 0:
        raise BadInput(place, f"'{printable(text)}' is no size", "write one as 256MiB")
    return int(match[1]) * _FACTORS[match[2]]


def share(place, text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise BadInput(place, f"'{printable(text)}' is out of range",
                       "write a number from 0 to 100")
    return value
