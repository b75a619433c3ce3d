"""Writes nnU-Net's losses for given logits, PyTorch's SGD for given gradients, and learning rates.

Logits, labels and gradients come from the generator of lcg.py, which the test reproduces.

pip install torch nnunetv2==2.8.1 adan-pytorch==0.1.0; python training.py  (writes training.json to this folder)
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from adan_pytorch import Adan
from nnunetv2.training.loss.compound_losses import DC_and_BCE_loss, DC_and_CE_loss, DC_and_topk_loss
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss
from nnunetv2.training.loss.robust_ce_loss import TopKLoss
from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.lr_scheduler.warmup import Lin_incr_LRScheduler, PolyLRScheduler_offset

from lcg import Lcg

LOSSES = {
    "3D, per sample": dict(size=[4, 4, 8], batch=2, classes=3, labels=3, outputs=1, batch_dice=False),
    "3D, whole batch": dict(size=[4, 4, 8], batch=2, classes=3, labels=3, outputs=1, batch_dice=True),
    "2D": dict(size=[8, 8], batch=3, classes=2, labels=2, outputs=1, batch_dice=True),
    "a class nowhere": dict(size=[4, 4, 4], batch=2, classes=4, labels=2, outputs=1, batch_dice=False),
    "three outputs": dict(size=[4, 8, 8], batch=2, classes=3, labels=3, outputs=3, batch_dice=False),
    "five outputs": dict(size=[32, 16], batch=2, classes=3, labels=3, outputs=5, batch_dice=True),
    "ignore label": dict(size=[4, 4, 8], batch=2, classes=3, labels=4, outputs=1, batch_dice=False, ignore=3),
    "ignore label, three outputs": dict(
        size=[4, 8, 8], batch=2, classes=2, labels=3, outputs=3, batch_dice=True, ignore=2),
    "all ignored": dict(size=[4, 4], batch=2, classes=2, labels=1, outputs=1, batch_dice=False, shift=2, ignore=2),
    "regions": dict(
        size=[4, 4, 8], batch=2, classes=3, labels=4, outputs=1, batch_dice=False,
        regions=[[1, 2, 3], [2, 3], [3]]),
    "regions, three outputs": dict(
        size=[8, 16], batch=3, classes=2, labels=3, outputs=3, batch_dice=True, regions=[[1, 2], [2]]),
    "regions and ignore label": dict(
        size=[4, 4, 8], batch=2, classes=2, labels=4, outputs=1, batch_dice=True, regions=[[1, 2], [2]], ignore=3),
    "regions, all ignored": dict(
        size=[4, 4], batch=2, classes=2, labels=1, outputs=1, batch_dice=True, shift=3, regions=[[1, 2], [2]],
        ignore=3),
}
# The same with `top_k`, the weighting of the hardest voxels.
TOP_K_LOSSES = {
    "alone": dict(size=[4, 4, 8], batch=2, classes=3, labels=3, outputs=1, batch_dice=False, top_k={}),
    "alone, smoothed": dict(
        size=[8, 8], batch=3, classes=3, labels=3, outputs=1, batch_dice=False, top_k={"label_smoothing": 0.1}),
    "alone, smoothed, ignore label": dict(
        size=[8, 8], batch=3, classes=3, labels=4, outputs=1, batch_dice=False, ignore=3,
        top_k={"label_smoothing": 0.1}),
    "with Dice, three outputs": dict(
        size=[8, 16, 8], batch=2, classes=3, labels=3, outputs=3, batch_dice=True, top_k={}, dice=True),
    "with Dice, ignore label": dict(
        size=[8, 16], batch=2, classes=3, labels=4, outputs=1, batch_dice=False, ignore=3, top_k={}, dice=True),
    "with Dice, all ignored": dict(
        size=[8, 4], batch=2, classes=2, labels=1, outputs=1, batch_dice=False, shift=2, ignore=2, top_k={},
        dice=True),
}
SGD = {"clipped": 12.0, "as it is": 0.1}
SIZE, STEPS = 7, 4


def loss(case):
    random = Lcg(3)
    shape = [case["batch"], 1, *case["size"]]
    labels = np.floor(random.uniform(int(np.prod(shape))) * case["labels"]).reshape(shape)
    labels[0, :, : case["size"][0] // 2] = 0  # so that samples differ
    labels += case.get("shift", 0)
    target = torch.from_numpy(labels).float()
    outputs, targets = [], []
    for level in range(case["outputs"]):
        size = [n // 2**level for n in case["size"]]
        count = case["batch"] * case["classes"] * int(np.prod(size))
        logits = random.uniform(count).reshape(case["batch"], case["classes"], *size)
        outputs.append(torch.from_numpy((logits * 6 - 3) * (level + 1)).float())
        nearest = torch.nn.functional.interpolate(target, size=size, mode="nearest-exact")
        targets.append(as_regions(nearest, case) if "regions" in case else nearest)
    one = criterion(case)
    if case["outputs"] == 1:
        return float(one(outputs[0], targets[0]))
    weights = np.array([1 / 2**i for i in range(case["outputs"])])
    weights[-1] = 0
    return float(DeepSupervisionWrapper(one, weights / weights.sum())(outputs, targets))


def criterion(case):
    dice = {"batch_dice": case["batch_dice"], "smooth": 1e-5, "ddp": False}
    if "regions" in case:
        return DC_and_BCE_loss({}, {**dice, "do_bg": True}, use_ignore_label="ignore" in case,
                               dice_class=MemoryEfficientSoftDiceLoss)
    if "top_k" not in case:
        return DC_and_CE_loss({**dice, "do_bg": False}, {}, weight_ce=1, weight_dice=1,
                              ignore_label=case.get("ignore"), dice_class=MemoryEfficientSoftDiceLoss)
    top_k = {"k": 10, **case["top_k"]}
    if "dice" in case:
        return DC_and_topk_loss({**dice, "do_bg": False}, top_k, ignore_label=case.get("ignore"))
    return TopKLoss(ignore_index=case.get("ignore", -100), **top_k)


def as_regions(target, case):
    """Regions as from nnU-Net's ConvertSegmentationToRegionsTransform, ignored voxels last."""
    regions = [*case["regions"], *([[case["ignore"]]] if "ignore" in case else [])]
    return torch.cat([torch.isin(target, torch.tensor(r, dtype=target.dtype)) for r in regions], 1)


def steps_of(make_optimizer, gradient_scale, kept):
    """Some steps with given gradients, and the optimiser's state after each, by our names."""
    random = Lcg(5)
    weights = torch.nn.Parameter(torch.from_numpy(random.uniform(SIZE) * 2 - 1).float())
    optimizer = make_optimizer([weights])
    steps = []
    for _ in range(STEPS):
        weights.grad = torch.from_numpy((random.uniform(SIZE) * 2 - 1) * gradient_scale).float()
        norm = float(torch.nn.utils.clip_grad_norm_([weights], 12))
        optimizer.step()
        steps.append({"norm": norm, "weights": weights.detach().tolist(),
                      **{name: optimizer.state[weights][key].tolist() for name, key in kept.items()}})
    return steps


def sgd(gradient_scale):
    return steps_of(
        lambda weights: torch.optim.SGD(weights, 0.01, momentum=0.99, nesterov=True, weight_decay=3e-5),
        gradient_scale, {"momentum": "momentum_buffer"})


def adam(decoupled):
    """Adam as in nnUNetTrainerAdam and nnUNetTrainerVanillaAdam, with a noticeable decay."""
    kept = {"means": "exp_avg", "squares": "exp_avg_sq"}
    if decoupled:
        return steps_of(lambda weights: torch.optim.AdamW(weights, 0.01, weight_decay=0.1, amsgrad=True),
                        1.0, {**kept, "largestSquares": "max_exp_avg_sq"})
    return steps_of(lambda weights: torch.optim.Adam(weights, 0.01, weight_decay=0.1), 1.0, kept)


def adan():
    """Adan as in nnUNetTrainerAdan, with a noticeable decay."""
    kept = {"previousGradients": "prev_grad", "means": "m", "differences": "v", "squares": "n"}
    return steps_of(lambda weights: Adan(weights, 0.01, weight_decay=0.1), 1.0, kept)


def learning_rates(epochs, make_scheduler):
    """Learning rates as the trainer sets them, at the start of every epoch."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.01)
    scheduler = make_scheduler(optimizer)
    rates = []
    for epoch in range(epochs):
        scheduler.step(epoch)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def warmed_up(epochs, rise):
    return [
        *learning_rates(rise, lambda optimizer: Lin_incr_LRScheduler(optimizer, 0.01, rise)),
        *learning_rates(epochs, lambda optimizer: PolyLRScheduler_offset(optimizer, 0.01, epochs, rise))[rise:],
    ]


if __name__ == "__main__":
    golden = {
        "versions": {package: version(package) for package in ["torch", "nnunetv2"]},
        "losses": {name: {**case, "loss": loss(case)} for name, case in LOSSES.items()},
        "topKLosses": {name: {**case, "loss": loss(case)} for name, case in TOP_K_LOSSES.items()},
        "sgd": {name: {"gradientScale": scale, "steps": sgd(scale)} for name, scale in SGD.items()},
        "adam": {"Adam": adam(False), "AdamW with AMSGrad": adam(True)},
        "adan": adan(),
        "learningRates": learning_rates(7, lambda optimizer: PolyLRScheduler(optimizer, 0.01, 7)),
        "cosineRates": learning_rates(7, lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 7)),
        "warmedUpRates": warmed_up(9, 3),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
