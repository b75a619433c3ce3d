"""PyTorch's side of `deno task bench:train`: nnU-Net's plain U-Net, loss and optimiser.

Reads one JSON object per line from standard input: first a network, then {"steps": n}, with
"channelsLast" for tensors whose channels are innermost in memory. Answers with the milliseconds of
each step and, on Linux, the memory in bytes before the network was made and its peak.
"""

import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn


def block(dimensions, inputs, outputs, kernel, stride):
    conv = nn.Conv3d if dimensions == 3 else nn.Conv2d
    norm = nn.InstanceNorm3d if dimensions == 3 else nn.InstanceNorm2d
    return nn.Sequential(
        conv(inputs, outputs, kernel, stride, [(k - 1) // 2 for k in kernel]),
        norm(outputs, eps=1e-5, affine=True),
        nn.LeakyReLU(0.01, inplace=True),
    )


class UNet(nn.Module):
    def __init__(self, dimensions, channels, features, kernels, strides, classes):
        super().__init__()
        up = nn.ConvTranspose3d if dimensions == 3 else nn.ConvTranspose2d
        conv = nn.Conv3d if dimensions == 3 else nn.Conv2d
        one = [1] * dimensions
        self.encoder, self.up, self.decoder, self.heads = (nn.ModuleList() for _ in range(4))
        for f, k, s in zip(features, kernels, strides):
            self.encoder.append(nn.Sequential(block(dimensions, channels, f, k, s),
                                              block(dimensions, f, f, k, one)))
            channels = f
        for level in range(len(features) - 2, -1, -1):
            f, k, s = features[level], kernels[level], strides[level + 1]
            self.up.append(up(features[level + 1], f, s, s))
            self.decoder.append(nn.Sequential(block(dimensions, 2 * f, f, k, one),
                                              block(dimensions, f, f, k, one)))
            self.heads.append(conv(f, classes, 1))

    def forward(self, x):
        skips, outputs = [], []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        for up, stage, head, skip in zip(self.up, self.decoder, self.heads, skips[-2::-1]):
            x = stage(torch.cat([up(x), skip], 1))
            outputs.append(head(x))
        return outputs[::-1]


def dice_and_cross_entropy(logits, target, batch_dice):
    probabilities = torch.softmax(logits, 1)[:, 1:]
    truth = torch.zeros_like(logits).scatter_(1, target[:, None], 1)[:, 1:]
    axes = ([0] if batch_dice else []) + list(range(2, logits.ndim))
    dice = (2 * (probabilities * truth).sum(axes) + 1e-5) / torch.clip(
        probabilities.sum(axes) + truth.sum(axes) + 1e-5, 1e-8)
    return F.cross_entropy(logits, target) - dice.mean()


def memory(key):
    """A field of this process's status on Linux, in bytes; None on other systems."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith(key))
    return int(line.split()[1]) * 1024


class Training:
    """A network and its optimiser, and one batch."""

    def __init__(self, setting, is_channels_last):
        self.setting = setting
        patch, classes = setting["patch"], setting["classes"]
        self.network = UNet(len(patch), 1, setting["features"], setting["kernels"],
                            setting["strides"], classes)
        self.image = torch.randn(setting["batch"], 1, *patch)
        if is_channels_last:
            memory_format = torch.channels_last_3d if len(patch) == 3 else torch.channels_last
            self.network.to(memory_format=memory_format)
            self.image = self.image.contiguous(memory_format=memory_format)
        self.target = torch.randint(0, classes, (setting["batch"], *patch))
        self.optimizer = torch.optim.SGD(self.network.parameters(), 0.01, 0.99, nesterov=True,
                                         weight_decay=3e-5)
        outputs = len(setting["features"]) - 1
        weights = [0 if outputs > 1 and i == outputs - 1 else 2.0**-i for i in range(outputs)]
        self.weights = [w / sum(weights) for w in weights]

    def step(self):
        patch, target = self.setting["patch"], self.target
        self.optimizer.zero_grad()
        loss = 0
        for weight, logits in zip(self.weights, self.network(self.image)):
            if weight:
                scale = [a // b for a, b in zip(patch, logits.shape[2:])]
                labels = target[(slice(None), *(slice(s // 2, None, s) for s in scale))]
                batch_dice = self.setting["batchDice"]
                loss = loss + weight * dice_and_cross_entropy(logits, labels, batch_dice)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 12)
        self.optimizer.step()
        return float(loss.detach())


def main():
    setting = json.loads(sys.stdin.readline())
    torch.set_num_threads(setting["threads"])
    idle = memory("VmRSS")
    trainings = {}
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        is_channels_last = request.get("channelsLast", False)
        if is_channels_last not in trainings:
            trainings[is_channels_last] = Training(setting, is_channels_last)
        training = trainings[is_channels_last]
        times = []
        for _ in range(request["steps"]):
            start = time.perf_counter()
            training.step()
            times.append((time.perf_counter() - start) * 1000)
        print(json.dumps({"milliseconds": times, "peak": memory("VmHWM"), "idle": idle}), flush=True)


if __name__ == "__main__":
    main()
