# SPDX-License-Identifier: MIT
"""Magnitudes as people read them."""

_TIME_UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
_SIZE_UNITS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B"))


def time_unit(largest_ns):
    """(ns per unit, name) of the unit in which `largest_ns` is a number of readable size."""
    for factor, name in _TIME_UNITS:
        if largest_ns >= factor:
            return factor, name
    return _TIME_UNITS[-1]


def significant(value, digits=3):
    """`value` with that many significant digits, without an exponent."""
    decimals = digits - 1
    magnitude = abs(value)
    while magnitude >= 10 and decimals > 0:
        magnitude /= 10
        decimals -= 1
    return f"{value:,.{decimals}f}"


def human_time(time_ns):
    """12.3 ms"""
    if time_ns == 0:
        return "0 ns"
    factor, name = time_unit(time_ns)
    return f"{significant(time_ns / factor)} {name}"


def human_size(size_bytes, digits=3):
    """16 MiB"""
    for factor, name in _SIZE_UNITS:
        if size_bytes >= factor:
            text = significant(size_bytes / factor, digits)
            return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {name}"
    return "0 B"


def distinct_sizes(sizes_bytes):
    """human_size() of each, with as many more digits as tell it from all others."""
    texts = []
    for size in sizes_bytes:
        digits = 3
        while digits < 17 and any(
            other != size and human_size(other, digits) == human_size(size, digits)
            for other in sizes_bytes
        ):
            digits += 1
        texts.append(human_size(size, digits))
    return texts


def human_count(count):
    """1,234,567"""
    return f"{count:,.0f}"


def percent(share):
    """12.3 %; what is above 0 never reads as 0"""
    if 0 < share < 0.0005:
        return "below 0.1 %"
    return f"{100 * share:.1f} %"


def share_of(part, whole):
    """part / whole, 0 of nothing."""
    return part / whole if whole else 0.0
