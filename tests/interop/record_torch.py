# SPDX-License-Identifier: MIT
"""Records a small training step with PyTorch: execution graph and profiler trace of every rank.

    python3 record_torch.py --ranks=2 --out=DIR [--gzip]

One rank trains alone; several train with DistributedDataParallel over Gloo and then use the other
collectives once. Writes graph.<rank>.json, kineto.<rank>.json and facts.json. Needs torch 1.13 or
newer (Debian: python3-torch).
"""
import argparse
import gzip
import json
import os
import pathlib
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.profiler import ProfilerActivity, profile

try:
    from torch.profiler import ExecutionTraceObserver as Observer  # since 2.0
except ImportError:
    from torch.profiler import ExecutionGraphObserver as Observer

FEATURES, HIDDEN, CLASSES, BATCH = 16, 32, 4, 8
MESSAGE_ELEMENTS = 12


def make_model():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(FEATURES, HIDDEN), torch.nn.ReLU(),
                               torch.nn.Linear(HIDDEN, CLASSES))


def train_step(model, optimizer, inputs, labels):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()


def use_collectives(rank, ranks):
    """Each kind that Gloo has, once, all of them with 12 floats per rank."""
    own = torch.zeros(MESSAGE_ELEMENTS)
    everyone = [torch.zeros(MESSAGE_ELEMENTS) for _ in range(ranks)]
    dist.barrier()
    dist.broadcast(own, 1)
    dist.all_gather(everyone, own)
    dist.reduce(own, 0)
    dist.gather(own, everyone if rank == 0 else None, dst=0)
    dist.scatter(own, everyone if rank == 0 else None, src=0)
    if rank == 0:
        dist.send(own, 1, tag=7)
    if rank == 1:
        dist.recv(own, 0, tag=7)


def record(rank, ranks, meeting_point, out):
    torch.set_num_threads(1)
    model = make_model()
    if ranks > 1:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # whatever the host's name resolves to
        dist.init_process_group("gloo", init_method="file://%s" % meeting_point, rank=rank,
                                world_size=ranks)
        model = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs, labels = torch.randn(BATCH, FEATURES), torch.randint(0, CLASSES, (BATCH,))
    for _ in range(2):  # DDP arranges its buckets after the first
        train_step(model, optimizer, inputs, labels)
    observer = Observer()
    observer.register_callback(str(out / ("graph.%d.json" % rank)))
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as profiler:
        observer.start()
        train_step(model, optimizer, inputs, labels)
        if ranks > 1:
            use_collectives(rank, ranks)
        observer.stop()
    profiler.export_chrome_trace(str(out / ("kineto.%d.json" % rank)))
    observer.unregister_callback()
    if ranks > 1:
        dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--gzip", action="store_true", help="compress the files, for samples")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.ranks == 1:
        record(0, 1, None, arguments.out)
    else:
        # A file, and no port, which another program may take before all ranks are there.
        with tempfile.TemporaryDirectory() as folder:
            mp.spawn(record, args=(arguments.ranks, os.path.join(folder, "meeting"), arguments.out),
                     nprocs=arguments.ranks)
    gradients = sum(4 * each.numel() for each in make_model().parameters())
    facts = {"torch": torch.__version__, "ranks": arguments.ranks, "gradient_bytes": gradients,
             "message_bytes": 4 * MESSAGE_ELEMENTS}
    (arguments.out / "facts.json").write_text(json.dumps(facts, indent=2) + "\n")
    if arguments.gzip:
        for path in sorted(arguments.out.glob("*.[0-9]*.json")):
            packed = gzip.compress(path.read_bytes(), mtime=0)
            path.with_suffix(".json.gz").write_bytes(packed)
            path.unlink()


if __name__ == "__main__":
    main()
