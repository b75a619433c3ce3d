"""Loads a checkpoint as nnU-Net does and prints, as JSON, what arrived.

    python load_in_python.py checkpoint.pth
"""

import json
import sys

import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet

path = sys.argv[1]
torch.set_num_threads(1)
# The network of tests/golden/checkpoint.py.
network = PlainConvUNet(
    1, 3, (2, 3, 3), torch.nn.Conv2d, 3, (1, 2, 2), (1, 1, 1), 2, (1, 1), conv_bias=True,
    norm_op=torch.nn.InstanceNorm2d, norm_op_kwargs={"eps": 1e-5, "affine": True},
    nonlin=torch.nn.LeakyReLU, nonlin_kwargs={"inplace": True}, deep_supervision=True,
)
checkpoint = torch.load(path, weights_only=False)
safely = torch.load(path, weights_only=True)
weights = checkpoint["network_weights"]
network.load_state_dict(weights, strict=True)
optimizer = torch.optim.SGD(network.parameters(), 1.0, momentum=0.5)
optimizer.load_state_dict(checkpoint["optimizer_state"])
torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0, last_epoch=1)
loaded_momentum = {
    name: optimizer.state[parameter]["momentum_buffer"].reshape(-1).tolist()
    for name, parameter in network.named_parameters()
    if parameter in optimizer.state
}
learning_rate = optimizer.param_groups[0]["lr"]
network(torch.ones(1, 1, 8, 8))[0].sum().backward()
optimizer.step()

scaler = torch.amp.GradScaler("cpu")
scaler.load_state_dict(checkpoint["grad_scaler_state"])

print(json.dumps({
    "keys": list(weights),
    "sameKeys": list(weights) == list(network.state_dict()),
    "safelyEqual": all(torch.equal(weights[name], safely["network_weights"][name])
                       for name in weights),
    "weights": {name: weights[name].reshape(-1).tolist()
                for name, _ in network.named_parameters()},
    "storages": len({value.data_ptr() for value in weights.values()}),
    "parameters": len(list(network.parameters())),
    "momentum": loaded_momentum,
    "learningRate": learning_rate,
    "nesterov": optimizer.param_groups[0]["nesterov"],
    "types": {key: type(value).__name__ for key, value in checkpoint.items()},
    "scaler": scaler.state_dict(),
    "log": checkpoint["logging"],
    "axes": checkpoint["inference_allowed_mirroring_axes"],
    "fold": checkpoint["init_args"]["fold"],
    "extra": checkpoint["nnunet_ts"],
}, allow_nan=True).replace("NaN", "null"))
