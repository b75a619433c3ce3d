"""Writes what networks of plans with other blocks than nnU-Net's own compute, predicting and trained.

Each case is the `architecture` of a configuration in plans, from which nnU-Net builds the network.
Weights, images and labels come from the generator of lcg.py, which the test reproduces.

pip install torch nnunetv2==2.8.1; python network_blocks.py  (writes network_blocks.json to this folder)
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from nnunetv2.training.loss.compound_losses import DC_and_CE_loss
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans

from lcg import Lcg

UNETS = "dynamic_network_architectures.architectures.unet."
IMPORTED = ["conv_op", "norm_op", "dropout_op", "nonlin", "block"]
CHANNELS, CLASSES, BATCH, STEPS = 1, 3, 2, 3
PATCHES = {2: [16, 12], 3: [8, 12, 8]}


def plain(dimensions, **keywords):
    return architecture("PlainConvUNet", dimensions, n_conv_per_stage=[1, 2, 1], **keywords)


def residual(dimensions, name="ResidualEncoderUNet", **keywords):
    return architecture(name, dimensions, n_blocks_per_stage=[1, 2, 1], **keywords)


def architecture(name, dimensions, **keywords):
    common = dict(
        n_stages=3, features_per_stage=[4, 6, 6], conv_op=f"torch.nn.modules.conv.Conv{dimensions}d",
        kernel_sizes=[[3] * dimensions] * 3, strides=[[1] * dimensions, [2] * dimensions, [2] * dimensions],
        n_conv_per_stage_decoder=[1, 1])
    return {"network_class_name": UNETS + name, "arch_kwargs": {**common, **keywords}}


def batch_norm(dimensions, **keywords):
    return {"norm_op": f"torch.nn.modules.batchnorm.BatchNorm{dimensions}d",
            "norm_op_kwargs": {"eps": 1e-5, "affine": True, **keywords}}


def instance_norm(dimensions, **keywords):
    return {"norm_op": f"torch.nn.modules.instancenorm.InstanceNorm{dimensions}d", "norm_op_kwargs": keywords}


def nonlin(name, **keywords):
    return {"nonlin": f"torch.nn.{name}", "nonlin_kwargs": keywords}


def dropout(name, p):
    return {"dropout_op": f"torch.nn.modules.dropout.{name}", "dropout_op_kwargs": {"p": p}}


CASES = {
    "3D, batch norm, ReLU, dropout": plain(
        3, conv_bias=True, **batch_norm(3), **nonlin("ReLU", inplace=True), **dropout("Dropout3d", 0.3)),
    "2D, batch norm, no bias, steeper leaky ReLU": plain(
        2, conv_bias=False, **batch_norm(2, momentum=None), **nonlin("LeakyReLU", negative_slope=0.2)),
    "2D, batch norm, dropout of voxels": plain(
        2, conv_bias=True, **batch_norm(2, affine=False, momentum=0.3), **nonlin("ReLU"), **dropout("Dropout", 0.2)),
    "3D residual, batch norm, ReLU, dropout": residual(
        3, conv_bias=True, **batch_norm(3), **nonlin("ReLU", inplace=True), **dropout("Dropout3d", 0.3)),
    "2D residual, batch norm, ELU, wider stem": residual(
        2, conv_bias=False, stem_channels=6, **batch_norm(2), **nonlin("ELU", alpha=0.7)),
    "3D residual, bottlenecks": residual(
        3, conv_bias=True, block="dynamic_network_architectures.building_blocks.residual.BottleneckD",
        bottleneck_channels=[2, 3, 3], **instance_norm(3, eps=1e-5, affine=True), **nonlin("LeakyReLU"),
        **dropout("Dropout3d", 0.1)),
    "2D residual decoder, PReLU": residual(
        2, "ResidualUNet", conv_bias=True, **instance_norm(2, eps=1e-3, affine=True), **nonlin("PReLU")),
    "2D, nonlinearity first, PReLU, dropout": plain(
        2, conv_bias=True, nonlin_first=True, **batch_norm(2), **nonlin("PReLU", init=0.1),
        **dropout("Dropout2d", 0.5)),
    "3D, instance norm without parameters, SiLU": plain(
        3, conv_bias=True, **instance_norm(3, eps=1e-2), **nonlin("SiLU")),
    "2D, batch norm, GELU": plain(2, conv_bias=True, **batch_norm(2), **nonlin("GELU")),
    "3D, no norm, ReLU, numbers for lists": {
        "network_class_name": UNETS + "PlainConvUNet",
        "arch_kwargs": dict(
            n_stages=3, features_per_stage=4, conv_op="torch.nn.Conv3d", kernel_sizes=3, strides=[1, 2, 2],
            n_conv_per_stage=1, n_conv_per_stage_decoder=1, nonlin="torch.nn.ReLU", deep_supervision=False)},
}


def fill(network, random):
    """Draws all parameters and running statistics in alphabetical order, each once."""
    with torch.no_grad():
        for name, value in sorted([*network.named_parameters(), *network.named_buffers()]):
            if name.endswith("num_batches_tracked"):
                continue
            u = torch.from_numpy(random.uniform(value.numel())).reshape(value.shape)
            if value.ndim > 1:
                value.copy_((u - 0.5) * float(np.sqrt(24 / value[0].numel())))
            elif name.endswith("running_var"):
                value.copy_(u + 0.5)
            else:
                value.copy_((1 if name.endswith("norm.weight") else 0) + (u - 0.5) * 0.2)


def dimensions_of(case):
    return int(case["arch_kwargs"]["conv_op"][-2])


def build(case):
    keywords = case["arch_kwargs"]
    return get_network_from_plans(
        case["network_class_name"], keywords, [key for key in IMPORTED if key in keywords],
        CHANNELS, CLASSES, allow_init=True, deep_supervision=True)


def sampled(y):
    """About every 7th value, and the sum of squares of all."""
    every = max(1, y.numel() // 24)
    return {"shape": list(y.shape), "every": every, "values": [round(float(v), 6) for v in y.flatten()[::every]],
            "squares": float((y.double() ** 2).sum())}


def train(network, random, patch):
    """Some steps in training mode, without dropout: its random numbers are PyTorch's own."""
    network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.modules.dropout._DropoutNd):
            module.p = 0.0
    weights = np.array([1, 0])
    dice = {"batch_dice": True, "smooth": 1e-5, "ddp": False, "do_bg": False}
    loss_function = DeepSupervisionWrapper(
        DC_and_CE_loss(dice, {}, weight_ce=1, weight_dice=1, dice_class=MemoryEfficientSoftDiceLoss), weights)
    optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.99, nesterov=True, weight_decay=3e-5)
    shape = [BATCH, *patch]
    voxels = int(np.prod(shape))
    losses, norms = [], []
    for _ in range(STEPS):
        labels = np.floor(random.uniform(voxels) * CLASSES).reshape(shape)
        labels[:, : shape[1] // 2] = 1
        noise = random.uniform(voxels * CHANNELS).reshape(BATCH, CHANNELS, *patch)
        image = torch.from_numpy(labels[:, None] + 2 * noise - 1).float()
        target = torch.from_numpy(labels[:, None]).float()
        half = torch.nn.functional.interpolate(target, size=[n // 2 for n in patch], mode="nearest-exact")
        optimizer.zero_grad()
        loss = loss_function(network(image), [target, half])
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(network.parameters(), 12)))
        optimizer.step()
        losses.append(float(loss.detach()))
    named = [*network.named_parameters(), *network.named_buffers()]
    squares = {name: float((value.detach().double() ** 2).sum()) for name, value in named}
    return {"losses": losses, "gradientNorms": norms, "finalSquares": squares}


def run(case):
    torch.manual_seed(0)
    network = build(case)
    starts = {name: p.flatten()[0].item() for name, p in network.named_parameters() if p.ndim == 1}
    random = Lcg(1)
    fill(network, random)
    patch = PATCHES[dimensions_of(case)]
    network.eval()
    with torch.no_grad():
        shape = [BATCH, CHANNELS, *patch]
        image = torch.from_numpy(random.uniform(int(np.prod(shape))) * 2 - 1).float().reshape(shape)
        outputs = network(image)
    return {
        "architecture": case,
        "patch": patch,
        "stateDict": list(network.state_dict()),
        "parameters": [[name, list(p.shape)] for name, p in network.named_parameters()],
        "starts": starts,
        "outputs": [sampled(y) for y in outputs],
        **train(network, random, patch),
    }


if __name__ == "__main__":
    golden = {
        "versions": {package: version(package) for package in
                     ["torch", "nnunetv2", "dynamic_network_architectures"]},
        "channels": CHANNELS, "classes": CLASSES, "batch": BATCH,
        "cases": {name: run(case) for name, case in CASES.items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
