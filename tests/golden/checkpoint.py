"""Writes the PyTorch files that tests/interop reads, and their content as JSON.

    pip install torch==2.15.0 numpy==2.4.6 dynamic-network-architectures==0.4.4
    python tests/golden/checkpoint.py

Writes pytorch_values.pth (tensors and NumPy values of every kind that we read), checkpoint.pth (a
checkpoint as nnU-Net's trainer writes it, of a tiny network after one step) and checkpoint.json (the
content of both, and of a pickle with protocol 4).
"""

import collections
import json
import pickle
from pathlib import Path

import numpy as np
import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet

folder = Path(__file__).parent
torch.manual_seed(0)
torch.set_num_threads(1)


def build(network, dimensions, blocks):
    conv = {2: torch.nn.Conv2d, 3: torch.nn.Conv3d}[dimensions]
    norm = {2: torch.nn.InstanceNorm2d, 3: torch.nn.InstanceNorm3d}[dimensions]
    return network(
        1, len(blocks), (2, 3, 3)[: len(blocks)], conv, 3, (1, 2, 2)[: len(blocks)], blocks, 2,
        (1,) * (len(blocks) - 1), conv_bias=True, norm_op=norm,
        norm_op_kwargs={"eps": 1e-5, "affine": True}, nonlin=torch.nn.LeakyReLU,
        nonlin_kwargs={"inplace": True}, deep_supervision=True,
    )


def described(tensor):
    """A tensor as JSON: shape, dtype after widening, elements in C order."""
    dtype = {"float16": "float32", "bfloat16": "float32"}.get(
        str(tensor.dtype).removeprefix("torch."), str(tensor.dtype).removeprefix("torch."))
    elements = tensor.detach().reshape(-1).to(torch.float64).tolist()
    return {"shape": list(tensor.shape), "dtype": dtype, "elements": elements}


# Tensors and NumPy values, one of each kind.
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
tensors = {
    "contiguous": base,
    "transposed": base.permute(2, 0, 1),
    "slice": base[1],
    "strided": base[:, ::2, 1:3],
    "expanded": torch.tensor([5.0]).expand(2, 3),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "parameter": torch.nn.Parameter(torch.tensor([1.0, -1.0])),
    "float64": torch.tensor([0.1], dtype=torch.float64),
    "float16": torch.tensor([0.1, -2, 6e-8, 65504], dtype=torch.float16),
    "bfloat16": torch.tensor([0.1, -2, 3e38], dtype=torch.bfloat16),
    "int64": torch.tensor([-(2**40), 3]),
    "int32": torch.tensor([-7], dtype=torch.int32),
    "int16": torch.tensor([-7], dtype=torch.int16),
    "int8": torch.tensor([-7], dtype=torch.int8),
    "uint8": torch.tensor([200], dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
}
arrays = {
    "float32": np.arange(6, dtype=np.float32).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3)),
    "int64": np.array([1, -2]),
    "empty": np.zeros((0, 2), np.float32),
}
torch.save(
    {
        "tensors": collections.OrderedDict(tensors),
        "arrays": arrays,
        "numpyScalars": [np.float32(0.1), np.float64(0.1), np.int64(-3), np.bool_(True)],
        "integers": [0, -1, 255, 256, 65536, -(2**31), 2**31, 2**53 - 1, -(2**60), 2**70],
        "defaultdict": collections.defaultdict(list, {"a": [1]}),
        "device": torch.device("cuda", 0),
        "size": torch.Size([2, 3]),
        "tuple": ((), (1,), (1, 2, 3, 4)),
        "text": "äé😀\n",
    },
    folder / "pytorch_values.pth",
)

# The steps of nnU-Net's trainer that determine the file's content.
network = build(PlainConvUNet, 2, (1, 1, 1))
optimizer = torch.optim.SGD(network.parameters(), 0.01, weight_decay=3e-5, momentum=0.99,
                            nesterov=True)
torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0)  # adds initial_lr
# As upstream, whose loss excludes the lowest resolution, so that its layer has no momentum.
network(torch.randn(2, 1, 8, 8))[0].pow(2).mean().backward()
optimizer.step()
log = {
    "mean_fg_dice": [np.float64(0.25), np.float64(0.5)],
    "ema_fg_dice": [np.float64(0.25), np.float64(0.275)],
    "dice_per_class_or_region": [[np.float64(0.25)], [np.float64("nan")]],
    "train_losses": [np.float32(0.5), np.float32(-0.1)],
    "val_losses": [np.float32(0.25), np.float32(-0.2)],
    "lrs": [0.01, 0.009],
    "epoch_start_timestamps": [1700000000.5, 1700000100.25],
    "epoch_end_timestamps": [1700000050.5, 1700000150.25],
}
torch.save(
    {
        "network_weights": network.state_dict(),
        "optimizer_state": optimizer.state_dict(),
        "grad_scaler_state": None,
        "logging": log,
        "_best_ema": np.float64(0.275),
        "current_epoch": 2,
        "init_args": {
            "plans": {"plans_name": "nnUNetPlans", "transpose_forward": [0, 1, 2]},
            "configuration": "2d",
            "fold": 0,
            "dataset_json": {"labels": {"background": 0, "tumour": 1}},
            "device": torch.device("cuda", 0),
        },
        "trainer_name": "nnUNetTrainer",
        "inference_allowed_mirroring_axes": (0, 1),
    },
    folder / "checkpoint.pth",
)
momentum = optimizer.state_dict()["state"]
names = [name for name, _ in network.named_parameters()]

residual = build(ResidualEncoderUNet, 3, (1, 1, 2))
expected = {
    "tensors": {name: described(tensor) for name, tensor in tensors.items()},
    "arrays": {name: described(torch.tensor(array)) for name, array in arrays.items()},
    "checkpoint": {
        "stateDictKeys": list(network.state_dict()),
        "weights": {name: described(value) for name, value in network.named_parameters()},
        "momentum": {
            names[index]: described(state["momentum_buffer"]) for index, state in momentum.items()
        },
    },
    "residualEncoder": {
        "parameters": [name for name, _ in residual.named_parameters()],
        "stateDictKeys": list(residual.state_dict()),
    },
    "protocol4": pickle.dumps(
        {"spacing": (1.5, 2), "array": np.arange(3, dtype=np.int32), "bytes": b"\x00\xff"},
        protocol=4,
    ).hex(),
}
(folder / "checkpoint.json").write_text(json.dumps(expected, indent=1) + "\n")
