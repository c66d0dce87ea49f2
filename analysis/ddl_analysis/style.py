# SPDX-License-Identifier: MIT
"""How figures look, and how they are written: the same bytes for the same data."""

import contextlib
import io
import warnings

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#000000"
GREY, LIGHT_GREY = "#767676", "#DDDDDD"
SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
LINES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (8, 3)), (0, (3, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<")

_SUBTITLE_DEPTH_IN = 0.26  # below the upper edge of a figure

_PARAMETERS = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.dpi": 150,
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 9,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.7,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "path.simplify": True,
    "savefig.dpi": 150,
    "svg.fonttype": "path",
    "svg.hashsalt": "ddlsim",
    "text.parse_math": False,  # names may hold dollar signs
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
}


@contextlib.contextmanager
def style():
    """A context in which figures are drawn and saved, whatever the user's own settings."""
    known = {key: value for key, value in _PARAMETERS.items() if key in matplotlib.rcParams}
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # names in any script
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(known)
        yield


def plain(text):
    """A name from a file as a label: one line, no mathematics."""
    text = " ".join(str(text).split())
    return text if "text.parse_math" in matplotlib.rcParams else text.replace("$", r"\$")


def new_figure(width_in, height_in, title="", subtitle=""):
    """A figure with its heading; axes are added with add_subplot or add_gridspec."""
    figure = Figure(figsize=(width_in, height_in), constrained_layout=True)
    FigureCanvasAgg(figure)
    if title:
        # The second line of the heading keeps room for the subtitle, which has a style of its own.
        heading = title + ("\n" if subtitle else "")
        figure.suptitle(heading, x=0.01, ha="left", fontsize=11, fontweight="bold")
        y = 1 - _SUBTITLE_DEPTH_IN / height_in
        figure.text(0.01, y, plain(subtitle), va="top", fontsize=9, color="#555555")
    return figure


def note_figure(title, note):
    """A figure that says why there is nothing to draw."""
    figure = new_figure(7, 2.4, title)
    axes = figure.add_subplot()
    axes.axis("off")
    axes.text(0.5, 0.5, note, ha="center", va="center", color=GREY, fontsize=11, wrap=True)
    return figure


def percent_formatter():
    """Of an axis whose values are shares."""
    return PercentFormatter(1.0, symbol=" %")


def legend_above(axes, handles=None, columns=4, side="left"):
    """A legend between title and data, where it covers neither."""
    options = {"handles": handles} if handles is not None else {}
    axes.legend(
        **options,
        loc=f"lower {side}",
        bbox_to_anchor=(0 if side == "left" else 1, 1.0),
        ncol=columns,
        borderaxespad=0.2,
        columnspacing=1.4,
        handlelength=1.6,
    )


def save_figure(figure, folder, name):
    """Writes NAME.png and NAME.svg; returns their paths."""
    folder.mkdir(exist_ok=True)
    paths = []
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, metadata=metadata, facecolor="white")
        paths.append(write_whole(folder / f"{name}.{kind}", buffer.getvalue()))
    return paths


def write_whole(path, data):
    """Writes bytes under a name of their own first, so that no reader meets a fragment."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)
    return path
