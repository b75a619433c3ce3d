"""Writes tile weights and tile positions of nnU-Net's sliding window.

pip install torch nnunetv2==2.8.1; python inference.py  (writes inference.json to this folder)
"""

import json
from importlib.metadata import version
from pathlib import Path

import torch
from nnunetv2.inference.sliding_window_prediction import compute_gaussian, compute_steps_for_sliding_window

TILES = [[8], [1, 7], [6, 5], [4, 6, 8], [3, 1, 12]]
# Steps of halves, thirds and quarters, positions that end in .5, and volumes of a single tile.
STEPS = [
    ([110], [64], 0.5), ([300], [128], 0.5), ([162], [128], 0.5), ([128], [64], 0.5), ([64], [64], 0.5),
    ([11, 12, 13], [4, 4, 4], 0.5), ([11, 12, 13], [5, 6, 7], 1), ([9, 30], [4, 7], 0.3), ([17], [2], 0.25),
    ([101], [32], 0.75), ([7], [4], 1),
]

if __name__ == "__main__":
    golden = {
        "versions": {package: version(package) for package in ["torch", "nnunetv2", "scipy"]},
        "gaussian": [
            {"tile": tile,
             "weights": compute_gaussian(tuple(tile), 1 / 8, 10, torch.float16, torch.device("cpu")).flatten().tolist()}
            for tile in TILES
        ],
        "steps": [
            {"size": size, "tile": tile, "step": step,
             "starts": compute_steps_for_sliding_window(tuple(size), tuple(tile), step)}
            for size, tile, step in STEPS
        ],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
