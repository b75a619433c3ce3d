"""Writes logits, gradients and training steps of tiny Primus networks, in PyTorch on the CPU.

Weights, batches and the samples that stochastic depth drops come from a generator of integers that
the test reproduces, so that only some results need to be stored.

pip install torch torchvision timm==1.0.22 nnunetv2==2.8.1; python primus.py  (writes primus.json to this folder)
"""

import json
import math
from importlib.metadata import version
from pathlib import Path

import numpy as np
import timm.layers.drop
import torch
from dynamic_network_architectures.architectures import primus
from dynamic_network_architectures.architectures.primus import Primus, PrimusV2, PrimusV3
from dynamic_network_architectures.building_blocks.patch_encode_decode import PatchEmbed_deeper
from dynamic_network_architectures.initialization.weight_init import InitWeights_He
from nnunetv2.training.loss.compound_losses import DC_and_CE_loss
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss

from lcg import Lcg

CASES = {
    "Primus": dict(patch=[16, 24, 16], channels=1, classes=3, batch=2),
    "PrimusV2": dict(patch=[16, 16, 24], channels=2, classes=2, batch=2, stem=[4, 4, 8, 16]),
    "PrimusV3": dict(patch=[24, 16, 16], channels=1, classes=4, batch=2, stem=[4, 6, 8, 12]),
}
FEATURES, DEPTH, HEADS = 24, 3, 2
STEPS = 4


def build(name, case):
    options = dict(
        input_channels=case["channels"], embed_dim=FEATURES, patch_embed_size=(8, 8, 8),
        num_classes=case["classes"], eva_depth=DEPTH, eva_numheads=HEADS, input_shape=case["patch"],
        drop_path_rate=0.2, scale_attn_inner=True, init_values=0.1)
    if name == "PrimusV3":
        return PrimusV3(**options, ch_per_level=case["stem"])
    if name == "PrimusV2":
        network = PrimusV2(**options)
        # As in PrimusV2's constructor, but narrower.
        network.down_projection = PatchEmbed_deeper(case["channels"], FEATURES, case["stem"][0], (1, 1, 1))
        network.down_projection.apply(InitWeights_He(1e-2))
        return network
    return Primus(**options)


def fill(network, random):
    for name, parameter in sorted(network.named_parameters()):
        shape = parameter.shape
        scale = math.sqrt(24 / math.prod(shape[1:])) if len(shape) > 1 else 0.2
        centre = 1 if len(shape) == 1 and name.endswith("weight") else 0
        values = centre + (random.uniform(parameter.numel()) - 0.5) * scale
        parameter.data = torch.from_numpy(values).float().reshape(shape)


def initial_deviations(network):
    return {name: float(p.detach().double().std(correction=0)) for name, p in network.named_parameters()
            if p.numel() > 1000}


def next_batch(case, random):
    shape = [case["batch"], *case["patch"]]
    labels = np.floor(random.uniform(math.prod(shape)) * case["classes"]).reshape(shape)
    labels[:, : shape[1] // 2] = 1
    noise = random.uniform(math.prod(shape) * case["channels"]).reshape(shape[0], case["channels"], *shape[1:])
    image = torch.from_numpy(labels[:, None] + 2 * noise - 1).float()
    return image, torch.from_numpy(labels[:, None]).float()


def some(tensor):
    """A few elements, and the sum of all squares."""
    flat = tensor.detach().double().flatten()
    step = max(1, flat.numel() // 2)
    return {"every": step, "values": flat[::step].tolist(), "squares": float((flat**2).sum())}


def run(name, case):
    torch.manual_seed(0)
    network = build(name, case)
    deviations = initial_deviations(network)
    random, drops = Lcg(1), Lcg(7)
    fill(network, random)

    def drop_path(self, x):
        if not self.training:
            return x
        keep = 1 - self.drop_prob
        drawn = torch.from_numpy(drops.uniform(x.shape[0])).float().reshape(-1, 1, 1)
        return x * ((drawn < keep).float() / keep)

    timm.layers.drop.DropPath.forward = drop_path
    dice = {"batch_dice": False, "smooth": 1e-5, "do_bg": False, "ddp": False}
    loss_function = DC_and_CE_loss(dice, {}, weight_ce=1, weight_dice=1, dice_class=MemoryEfficientSoftDiceLoss)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-4, weight_decay=5e-2, amsgrad=False, betas=(0.9, 0.98))
    losses, norms = [], []
    for step in range(STEPS):
        image, target = next_batch(case, random)
        if step == 0:
            logits = some(network.eval()(image))
            network.train()
        optimizer.zero_grad()
        loss = loss_function(network(image), target)
        loss.backward()
        if step == 0:
            gradients = {name: some(p.grad) for name, p in network.named_parameters()}
        norms.append(float(torch.nn.utils.clip_grad_norm_(network.parameters(), 1)))
        optimizer.step()
        losses.append(float(loss.detach()))
    return {
        **case, "features": FEATURES, "depth": DEPTH, "attentionHeads": HEADS,
        "parameters": [[name, list(p.shape)] for name, p in network.named_parameters()],
        "stateDict": list(network.state_dict()),
        "initialDeviations": deviations,
        "logits": logits, "losses": losses, "gradientNorms": norms, "gradients": gradients,
        "weights": {name: some(p) for name, p in network.named_parameters()},
    }


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value


def parameter_count(name):
    with torch.device("meta"):
        network = getattr(primus, name)(1, 2, (8, 8, 8), (64, 64, 64))
    return sum(p.numel() for p in network.parameters())


golden = {
    "versions": {package: version(package) for package in
                 ["torch", "timm", "nnunetv2", "dynamic_network_architectures"]},
    "counts": {f"Primus{kind}{size}": parameter_count(f"Primus{kind}{size}")
               for kind in ["", "V2", "V3"] for size in "SBML"},
    "cases": {name: run(name, case) for name, case in CASES.items()},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(rounded(golden)) + "\n")
