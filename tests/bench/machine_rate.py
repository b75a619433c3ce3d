"""PyTorch's side of machine_rate.ts: the rate of a large float32 matrix product.

Reads one JSON object per line, {"size", "threads", "repeats", "device"}, and answers with the best
rate in GFLOP/s and the size, which is at most 2048 without a GPU.
"""

import json
import sys
import time

import torch

for line in sys.stdin:
    job = json.loads(line)
    torch.set_num_threads(job["threads"])
    on_cuda = job["device"] != "cpu" and torch.cuda.is_available()
    torch.backends.cuda.matmul.allow_tf32 = job["device"] == "cuda"
    device = "cuda" if on_cuda else "cpu"
    size = job["size"] if on_cuda else min(2048, job["size"])
    a, b = (torch.rand(size, size, device=device) for _ in range(2))
    c = torch.empty_like(a)
    best = 0
    for _ in range(job["repeats"] + 1):
        start = time.perf_counter()
        torch.mm(a, b, out=c)
        if on_cuda:
            torch.cuda.synchronize()
        best = max(best, 2e-9 * size**3 / (time.perf_counter() - start))
    print(json.dumps({"gigaflops": best, "size": size}), flush=True)
