"""Writes the losses of 20 training steps of nnU-Net's network, loss and optimiser on the CPU.

Weights and batches come from a generator of integers that the test reproduces, so that only the
losses need to be stored.

pip install torch nnunetv2==2.8.1; python trajectory.py  (writes trajectory.json to this folder)
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from nnunetv2.training.loss.compound_losses import DC_and_BCE_loss, DC_and_CE_loss
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss

from lcg import Lcg
from network import build, fill
from training import as_regions

CASES = {
    "3D isotropic": dict(
        features=[6, 8, 12], kernels=[[3] * 3] * 3, strides=[[1] * 3, [2] * 3, [2] * 3],
        patch=[16, 12, 20], channels=1, classes=3, batch=2, batch_dice=False),
    "3D anisotropic, two channels": dict(
        features=[6, 8, 8, 8], kernels=[[1, 3, 3], [3] * 3, [3] * 3, [3] * 3],
        strides=[[1] * 3, [1, 2, 2], [2] * 3, [1, 2, 2]],
        patch=[6, 16, 24], channels=2, classes=4, batch=2, batch_dice=True),
    "2D": dict(
        features=[8, 16, 16], kernels=[[3] * 2] * 3, strides=[[1] * 2, [2] * 2, [2] * 2],
        patch=[24, 20], channels=1, classes=3, batch=5, batch_dice=True,
        clip=0.5),  # low enough to have an effect
    "one resolution": dict(
        features=[6, 8], kernels=[[3] * 3] * 2, strides=[[1] * 3, [2] * 3],
        patch=[8, 8, 8], channels=1, classes=2, batch=2, batch_dice=False),
    "residual encoder": dict(
        features=[6, 8, 8], kernels=[[1, 3, 3], [3] * 3, [3] * 3],
        strides=[[1] * 3, [1, 2, 2], [2] * 3], blocks=[1, 2, 1], decoder_convs=[1, 1],
        patch=[6, 16, 12], channels=1, classes=3, batch=2, batch_dice=True),
    "ignore label": dict(
        features=[6, 8, 8], kernels=[[3] * 3] * 3, strides=[[1] * 3, [2] * 3, [2] * 3],
        patch=[8, 12, 8], channels=1, classes=3, labels=4, ignore=3, batch=2, batch_dice=True),
    "regions": dict(
        features=[8, 12, 12], kernels=[[3] * 2] * 3, strides=[[1] * 2, [2] * 2, [2] * 2],
        patch=[16, 20], channels=1, classes=3, labels=4, regions=[[1, 2, 3], [2, 3], [3]], batch=4, batch_dice=True),
    "regions and ignore label": dict(
        features=[6, 8, 8], kernels=[[3] * 3] * 3, strides=[[1] * 3, [2] * 3, [2] * 3],
        patch=[8, 12, 8], channels=2, classes=2, labels=4, regions=[[1, 2], [2]], ignore=3, batch=2,
        batch_dice=False),
}
STEPS = 20


def run(case):
    network = build(case)
    random = Lcg(1)
    fill(network, random)
    names = sorted(name for name, _ in network.named_parameters())

    outputs = len(case["features"]) - 1
    weights = np.array([1 / 2**i for i in range(outputs)])
    if outputs > 1:
        weights[-1] = 0
    dice = {"batch_dice": case["batch_dice"], "smooth": 1e-5, "ddp": False}
    if "regions" in case:
        one = DC_and_BCE_loss({}, {**dice, "do_bg": True}, use_ignore_label="ignore" in case,
                              dice_class=MemoryEfficientSoftDiceLoss)
    else:
        one = DC_and_CE_loss({**dice, "do_bg": False}, {}, weight_ce=1, weight_dice=1,
                             ignore_label=case.get("ignore"), dice_class=MemoryEfficientSoftDiceLoss)
    loss_function = DeepSupervisionWrapper(one, weights / weights.sum())
    optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.99, nesterov=True, weight_decay=3e-5)

    shape = [case["batch"], *case["patch"]]
    voxels = int(np.prod(shape))
    losses, norms = [], []
    for _ in range(STEPS):
        labels = np.floor(random.uniform(voxels) * case.get("labels", case["classes"])).reshape(shape)
        # Half of the voxels are in a block of one label, so that there is something to learn.
        labels[:, : shape[1] // 2] = 1
        noise = random.uniform(voxels * case["channels"]).reshape(shape[0], case["channels"], *shape[1:])
        image = torch.from_numpy(labels[:, None] + 2 * noise - 1).float()
        scales = np.cumprod(np.array(case["strides"][: outputs]), axis=0)
        target = torch.from_numpy(labels[:, None]).float()
        targets = [
            torch.nn.functional.interpolate(target, size=[int(n // s) for n, s in zip(shape[1:], scale)],
                                            mode="nearest-exact")
            for scale in scales
        ]
        if "regions" in case:
            targets = [as_regions(target, case) for target in targets]
        optimizer.zero_grad()
        loss = loss_function(network(image), targets)
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(network.parameters(), case.get("clip", 12))))
        optimizer.step()
        losses.append(float(loss.detach()))
    squares = {name: float((p.detach().double() ** 2).sum()) for name, p in network.named_parameters()}
    return {**case, "parameters": names, "losses": losses, "gradientNorms": norms, "finalSquares": squares}


if __name__ == "__main__":
    golden = {
        "versions": {package: version(package) for package in
                     ["torch", "nnunetv2", "dynamic_network_architectures"]},
        "cases": {name: run(case) for name, case in CASES.items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
