# SPDX-License-Identifier: MIT
"""Goodput of one saturated flow against loss, for go-back-N and selective repeat.

Two hosts on one cable; the window is one round trip of packets, an acknowledgement per packet. The
formulas know no timeouts: they are what a NAK for every loss achieves.
"""

import json
import math

import published

HEADER_BYTES, GAP_BYTES = 62, 20


def cases():
    return [(setup, recovery, loss) for setup in published.LOSS_SETUPS
            for recovery in ("gbn", "sr") for loss in published.LOSSES]


def _arguments(setup, recovery, loss, packets):
    rate_bps, rtt_s, payload_bytes = setup
    window_packets = _window_packets(setup)
    return ["--topology=pair", "--traffic=incast", "--incast-degree=1", "--incast-load=0",
            f"--incast-size={packets * payload_bytes}", f"--link-rate={rate_bps / 1e9:g}Gbps",
            f"--link-delay={round(rtt_s * 1e12 / 2)}ps", f"--payload={payload_bytes}",
            "--cc=none", "--ack-every=1", f"--recovery={recovery}", f"--loss={loss}",
            f"--ns3::ddl::Nic::WindowBytes={window_packets * (payload_bytes + HEADER_BYTES)}"]


def _window_packets(setup):
    """As the published rows count it, and two for what is being sent at either end."""
    rate_bps, rtt_s, payload_bytes = setup
    return math.ceil(rate_bps * rtt_s / 8 / (payload_bytes + HEADER_BYTES + GAP_BYTES)) + 2


def _textbook(setup, recovery, loss):
    if recovery == "sr":
        return published.selective_repeat_share(loss)
    return published.go_back_n_share(loss, _window_packets(setup))


def measure(case, simulate, out):
    """One row: what it is, the textbook's share and the simulated one."""
    setup, recovery, loss = case
    rate_bps, rtt_s, payload_bytes = setup
    packets = 400_000 if loss < 1e-3 else 60_000  # some forty losses at the least
    packets *= 10 if loss < 1e-4 else 1
    folder = simulate(_arguments(setup, recovery, loss, packets),
                      out / f"loss-{rate_bps / 1e9:g}g-{recovery}-{loss:g}")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    wire_bytes = payload_bytes + HEADER_BYTES + GAP_BYTES
    alone_s = packets * wire_bytes * 8 / rate_bps + rtt_s / 2
    here = alone_s / (summary["simulated_time_ns"] * 1e-9)
    there = _textbook(setup, recovery, loss)
    return [round(rate_bps / 1e9), round(rtt_s * 1e6), payload_bytes, recovery, loss, there, here,
            f"{100 * (here / there - 1):+.1f} %"]
