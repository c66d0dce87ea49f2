# SPDX-License-Identifier: MIT
"""Published results that the project re-runs, each with its source.

Slowdowns of flows, read off the figures of the HPCC authors' result pages (hpcc-group.github.io,
figs/fct_wb50_50pct.png, fct_wb30_99pct.png, fct_fb50_99pct.png; readings are good to 5-10 %), for
the set-up of Li et al., "HPCC: High Precision Congestion Control", SIGCOMM 2019, section 5.1.
Key: workload, load [share], percentile. Value: size [bytes] -> slowdown per congestion control.
"""

CONTROLS = ("hpcc", "dcqcn", "timely", "dctcp")


def _row(*slowdowns):
    return dict(zip(CONTROLS, slowdowns))


SLOWDOWNS = {
    ("websearch", 0.5, 50): {
        6_700: _row(1.1, 1.34, 1.34, 1.33),
        200_000: _row(2.0, 2.45, 2.4, 2.35),
        5_000_000: _row(3.6, 3.1, 3.1, 3.0),
        30_000_000: _row(4.1, 3.2, 3.5, 3.0),
    },
    ("websearch", 0.3, 99): {
        6_700: _row(1.7, 4.3, 4.2, 3.8),
        50_000: _row(2.45, 3.8, 3.9, 3.4),
        1_000_000: _row(5.1, 6.2, 5.1, 6.8),
        30_000_000: _row(5.1, 4.15, 4.5, 4.0),
    },
    ("hadoop", 0.5, 99): {
        400: _row(2.63, 6.75, 6.45, 5.3),
        46_000: _row(3.9, 5.7, 5.6, 4.85),
        120_000: _row(5.6, 5.8, 5.7, 5.5),
    },
}

# Goodput of one flow under independent losses, as a share of what it is without:
# go-back-N (1 - p) / (1 - p + N p) with N the window in packets, selective repeat 1 - p
# (Bertsekas and Gallager, "Data Networks", section 2.4).
def go_back_n_share(loss, window_packets):
    return (1 - loss) / (1 - loss + window_packets * loss)


def selective_repeat_share(loss):
    return 1 - loss


# (link rate [bit/s], round trip [s], payload [bytes])
LOSS_SETUPS = ((40e9, 24e-6, 1000), (100e9, 12e-6, 4096), (400e9, 10e-6, 4096))
LOSSES = (1e-5, 1e-4, 1e-2)
