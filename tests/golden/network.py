"""Writes parameters and outputs of nnU-Net's networks with deep supervision.

Weights and images come from the generator of lcg.py, which the test reproduces.

pip install torch nnunetv2==2.8.1; python network.py  (writes network.json to this folder)
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet

from lcg import Lcg

CASES = {
    "3D isotropic": dict(
        features=[4, 6, 8], kernels=[[3] * 3] * 3, strides=[[1] * 3, [2] * 3, [2] * 3],
        convs=[2, 2, 2], decoder_convs=[2, 2], patch=[8, 12, 8], channels=1, classes=3, batch=2),
    "3D anisotropic": dict(
        features=[4, 5, 6, 7], kernels=[[1, 3, 3], [3] * 3, [3, 3, 1], [3] * 3],
        strides=[[1] * 3, [1, 2, 2], [2, 2, 1], [1, 2, 2]],
        convs=[1, 2, 3, 1], decoder_convs=[1, 2, 3], patch=[4, 16, 8], channels=2, classes=2, batch=1),
    "2D": dict(
        features=[4, 8, 8], kernels=[[3] * 2] * 3, strides=[[1] * 2, [2] * 2, [2] * 2],
        convs=[2, 2, 2], decoder_convs=[2, 2], patch=[16, 12], channels=3, classes=4, batch=2),
    # Every kind of shortcut: unchanged, averaged, averaged and projected, projected.
    "3D residual": dict(
        features=[4, 6, 6, 8], kernels=[[1, 3, 3], [3] * 3, [3] * 3, [3] * 3],
        strides=[[1] * 3, [1, 2, 2], [2] * 3, [1] * 3],
        blocks=[1, 2, 1, 2], decoder_convs=[1, 1, 1], patch=[4, 12, 8], channels=2, classes=3, batch=2),
    "2D residual": dict(
        features=[4, 8, 8], kernels=[[3] * 2] * 3, strides=[[1] * 2, [2] * 2, [2] * 2],
        blocks=[1, 3, 2], decoder_convs=[1, 1], patch=[16, 12], channels=1, classes=2, batch=2),
}


def build(case):
    """nnU-Net's network for a case, with deep supervision."""
    three = len(case["patch"]) == 3
    residual = "blocks" in case
    stages = len(case["features"])
    return (ResidualEncoderUNet if residual else PlainConvUNet)(
        case["channels"], stages, case["features"],
        torch.nn.Conv3d if three else torch.nn.Conv2d, case["kernels"], case["strides"],
        case["blocks"] if residual else case.get("convs", [2] * stages),
        case["classes"], case.get("decoder_convs", [2] * (stages - 1)), True,
        torch.nn.InstanceNorm3d if three else torch.nn.InstanceNorm2d,
        {"eps": 1e-5, "affine": True}, None, None,
        torch.nn.LeakyReLU, {"inplace": True}, deep_supervision=True)


def fill(network, random):
    """Draws all parameters in alphabetical order, each once: the decoder also has the encoder's."""
    with torch.no_grad():
        for name, parameter in sorted(network.named_parameters()):
            u = torch.from_numpy(random.uniform(parameter.numel())).reshape(parameter.shape)
            if parameter.ndim > 1:
                parameter.copy_((u - 0.5) * float(np.sqrt(24 / parameter[0].numel())))
            else:
                parameter.copy_((1 if name.endswith("norm.weight") else 0) + (u - 0.5) * 0.2)


def run(case):
    network = build(case)
    random = Lcg(1)
    fill(network, random)
    with torch.no_grad():
        shape = [case["batch"], case["channels"], *case["patch"]]
        image = torch.from_numpy(random.uniform(int(np.prod(shape))) * 2 - 1).float().reshape(shape)
        outputs = network(image)
    return {
        **case,
        "parameters": [[name, list(p.shape)] for name, p in network.named_parameters()],
        "outputs": [
            {"shape": list(y.shape),
             # About every 7th value, and the sum of squares of all.
             "every": (every := max(1, y.numel() // 24)),
             "values": [round(float(v), 6) for v in y.flatten()[::every]],
             "squares": float((y.double() ** 2).sum())}
            for y in outputs
        ],
    }


if __name__ == "__main__":
    golden = {
        "versions": {package: version(package) for package in ["torch", "dynamic_network_architectures"]},
        "cases": {name: run(case) for name, case in CASES.items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
