"""Writes nnU-Net's checkpoints of the networks in network_blocks.json, and loads what was made of them.

python network_blocks_in_python.py write|compare CASES.json FOLDER
"""

import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "golden"))
from network_blocks import BATCH, CHANNELS, build

action, cases, folder = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])
LOG = ["mean_fg_dice", "ema_fg_dice", "dice_per_class_or_region", "train_losses", "val_losses", "lrs",
       "epoch_start_timestamps", "epoch_end_timestamps"]


def made(case):
    network = build(case["architecture"])
    return network, torch.optim.SGD(network.parameters(), 0.01, momentum=0.99, nesterov=True, weight_decay=3e-5)


def write(case, path):
    torch.manual_seed(1)
    network, optimizer = made(case)
    for _ in range(2):
        optimizer.zero_grad()
        sum(y.square().mean() for y in network(torch.randn(BATCH, CHANNELS, *case["patch"]))).backward()
        optimizer.step()
    torch.save({
        "network_weights": network.state_dict(), "optimizer_state": optimizer.state_dict(),
        "grad_scaler_state": None, "logging": {key: [] for key in LOG}, "_best_ema": None, "current_epoch": 1,
        "init_args": {"plans": {}, "configuration": "2d", "fold": 0, "dataset_json": {}},
        "trainer_name": "nnUNetTrainer", "inference_allowed_mirroring_axes": (0, 1)}, path)


def same(case, index):
    old, new = [torch.load(folder / f"{index}{end}.pth", weights_only=False) for end in ("", "_back")]
    network, optimizer = made(case)
    network.load_state_dict(new["network_weights"])
    optimizer.load_state_dict(new["optimizer_state"])
    weights, state = new["network_weights"], new["optimizer_state"]["state"]
    # The heads that deep supervision leaves out have no momentum in Python, and zeros here.
    return (list(weights) == list(old["network_weights"])
            and all(w.dtype == weights[name].dtype and torch.equal(w, weights[name])
                    for name, w in old["network_weights"].items())
            and all(torch.equal(one["momentum_buffer"], state[i]["momentum_buffer"])
                    for i, one in old["optimizer_state"]["state"].items()))


if action == "write":
    for index, case in enumerate(cases):
        write(case, folder / f"{index}.pth")
else:
    print(sum(same(case, index) for index, case in enumerate(cases)), "equal")
