#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures kernels of training on this machine's GPU and writes a file for --compute-times.

    python3 measure_kernels.py --out=times.csv                  # shapes of usual models
    python3 measure_kernels.py --out=times.csv --rows=4096 --widths=4096,11008,14336
    python3 measure_kernels.py --out=times.csv --device=cpu --rows=64 --widths=64,128

Needs PyTorch and nothing of this project: copy it to the machine with the GPU. Products of `rows` x
width times width x width forward, and with the shapes that their backward passes have; fused causal
attention (scaled_dot_product_attention) forward and backward; a streaming kernel over growing
arrays. Every figure is the median of --repeats after warm-up, with a cache flushed between runs and
the launch of a single kernel left out where events of the device allow it.
"""

import argparse
import csv
import os
import statistics
import sys
import time

HEADER = ("class", "shape", "name", "direction", "microseconds")
ROWS_DEFAULT = "2048,4096,8192"
WIDTHS_DEFAULT = "1024,2048,4096,5120,8192,14336"
LENGTHS_DEFAULT = "1024,2048,4096,8192"
HEADS_DEFAULT = "8,32"
DIMENSIONS_DEFAULT = "64,128"
STREAM_BYTES = [1 << power for power in range(16, 31, 2)]
FLUSH_BYTES = 256 << 20  # more than any cache


def fail(message):
    print(f"measure_kernels: {message}", file=sys.stderr)
    raise SystemExit(2)


def numbers(name, text):
    values = text.split(",")
    if not all(value.isdigit() and 1 <= int(value) <= 1 << 20 for value in values):
        fail(f"--{name}: '{text}' is no list of sizes; write it as 1024,4096")
    return sorted({int(value) for value in values})


def parser():
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    made.add_argument("--out", required=True, help="CSV file to write")
    made.add_argument("--device", default="cuda", help="cuda or cpu")
    made.add_argument("--precision", default="bf16", choices=("bf16", "fp16", "fp32"))
    made.add_argument("--rows", default=ROWS_DEFAULT, help="tokens per product")
    made.add_argument("--widths", default=WIDTHS_DEFAULT, help="of the layers")
    made.add_argument("--lengths", default=LENGTHS_DEFAULT, help="of sequences")
    made.add_argument("--heads", default=HEADS_DEFAULT, help="heads times samples")
    made.add_argument("--dimensions", default=DIMENSIONS_DEFAULT, help="of a head")
    made.add_argument("--stream-max", default=str(1 << 30), help="largest array in bytes")
    made.add_argument("--repeats", type=int, default=20)
    return made


class Clock:
    """Microseconds of a function's kernels: by events of the device, or by the host's clock."""

    def __init__(self, torch, device, repeats):
        self.torch, self.device, self.repeats = torch, device, repeats
        self.flushed = torch.empty(FLUSH_BYTES if device == "cuda" else 1, dtype=torch.uint8,
                                   device=device)

    def median_us(self, run):
        for _ in range(3):
            run()
        return statistics.median(self._once(run) for _ in range(self.repeats))

    def _once(self, run):
        if self.device != "cuda":
            begin = time.perf_counter()
            run()
            return 1e6 * (time.perf_counter() - begin)
        cuda = self.torch.cuda
        # The flush keeps the device busy while the host launches, so that no launch is measured.
        self.flushed.zero_()
        begin, end = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
        begin.record()
        run()
        end.record()
        end.synchronize()
        return 1e3 * begin.elapsed_time(end)


def product_shapes(rows, widths):
    """(m, n, k) of layers between all pairs of widths, and of their gradients."""
    shapes = set()
    for tokens in rows:
        for inner in widths:
            for outer in widths:
                shapes |= {(tokens, outer, inner), (tokens, inner, outer), (inner, outer, tokens)}
    # A product and its transpose are read as one.
    return sorted({(max(m, n), min(m, n), k) for m, n, k in shapes})


def products(torch, clock, options, dtype):
    for m, n, k in product_shapes(numbers("rows", options.rows), numbers("widths", options.widths)):
        left = torch.randn(m, k, dtype=dtype, device=options.device)
        right = torch.randn(k, n, dtype=dtype, device=options.device)
        out = torch.empty(m, n, dtype=dtype, device=options.device)
        duration_us = clock.median_us(lambda: torch.mm(left, right, out=out))
        yield ("matmul", f"{options.precision}:1x{m}x{n}x{k}", "", "", duration_us)


def attention(torch, clock, options, dtype):
    attend = getattr(torch.nn.functional, "scaled_dot_product_attention", None)
    if attend is None:
        print("measure_kernels: attention is left out: PyTorch has fused kernels from 2.0 on",
              file=sys.stderr)
        return
    for length in numbers("lengths", options.lengths):
        for heads in numbers("heads", options.heads):
            for dimension in numbers("dimensions", options.dimensions):
                query, key, value = (torch.randn(1, heads, length, dimension, dtype=dtype,
                                                 device=options.device, requires_grad=True)
                                     for _ in range(3))
                gradient = torch.randn_like(query)
                with torch.no_grad():
                    forward_us = clock.median_us(lambda: attend(query, key, value, is_causal=True))
                output = attend(query, key, value, is_causal=True)
                backward_us = clock.median_us(
                    lambda: torch.autograd.grad(output, (query, key, value), gradient,
                                                retain_graph=True))
                shape = f"{options.precision}:{heads}x{length}x{length}x{dimension}"
                yield ("attention", shape, "", "forward", forward_us)
                yield ("attention", shape, "", "backward", backward_us)


def streaming(torch, clock, options, dtype):
    for size in STREAM_BYTES:
        if size > int(options.stream_max):
            break
        count = size // 2 // torch.empty(0, dtype=dtype).element_size()
        source = torch.randn(count, device=options.device).to(dtype)
        target = torch.empty_like(source)
        duration_us = clock.median_us(lambda: torch.mul(source, 2, out=target))
        yield ("streaming", str(size), "", "", duration_us)


def write(path, rows):
    """Whole or not at all."""
    part = path + ".part"
    with open(part, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for *words, duration_us in rows:
            writer.writerow([*words, f"{duration_us:.3f}"])
            file.flush()
            if sys.stderr.isatty():
                print(" ".join(word for word in words if word), f"{duration_us:.1f} us",
                      file=sys.stderr)
    os.replace(part, path)


def main():
    options = parser().parse_args()
    for name in ("rows", "widths", "lengths", "heads", "dimensions", "stream_max"):
        numbers_of = getattr(options, name)
        if name != "stream_max":
            numbers(name, numbers_of)
        elif not numbers_of.isdigit():
            fail(f"--stream-max: '{numbers_of}' is no number of bytes")
    if options.repeats < 1:
        fail("--repeats: write a number from 1 on")
    folder = os.path.dirname(os.path.abspath(options.out))
    if not os.access(folder, os.W_OK):
        fail(f"--out: '{folder}' cannot be written")
    try:
        import torch  # pylint: disable=import-outside-toplevel
    except ImportError:
        fail("needs PyTorch: python3-torch, or pip install torch")
    if options.device not in ("cuda", "cpu"):
        fail("--device: write cuda or cpu")
    if options.device == "cuda" and not torch.cuda.is_available():
        fail("PyTorch finds no GPU; --device=cpu tries the script out")
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
    clock = Clock(torch, options.device, options.repeats)
    sources = (products, attention, streaming)
    write(options.out, (row for source in sources
                        for row in source(torch, clock, options, dtype[options.precision])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
