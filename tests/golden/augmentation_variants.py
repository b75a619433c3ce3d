"""Writes augmentation_variants.json: batchgeneratorsv2's results where nnU-Net's trainers vary them.

Run with batchgeneratorsv2 0.3.6, nnunetv2 2.8.1, torch 2.13.0, numpy 2.4.6:
    python augmentation_variants.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform


def flat(tensor, digits=4):
    return [round(float(value), digits) for value in tensor.flatten()]


def whole(tensor):
    return [int(value) for value in tensor.flatten()]


def nearest(rng):
    """Turned, with a scaling for each axis, by the nearest voxel."""
    cases = []
    for shape, patch_size, angles, scaling, mode_image in (
        ((9, 11, 10), (7, 8, 9), [0.4, -0.3, 0.25], [0.8, 1.3, 1.1], "nearest"),
        ((9, 11, 10), (7, 8, 9), [0, 0.5, 0], [1.2, 0.9, 0.75], "bilinear"),
        ((12, 11), (10, 9), [0, 2.1], [0.85, 1.25], "nearest"),
    ):
        image = torch.from_numpy(rng.integers(0, 100, (1, *shape))).float()
        labels = torch.from_numpy(rng.integers(-1, 4, (1, *shape))).to(torch.int16)
        transform = SpatialTransform(
            patch_size,
            patch_center_dist_from_border=0,
            random_crop=False,
            p_rotation=1,
            rotation=lambda image, dim: angles[dim],
            p_scaling=1,
            scaling=lambda image, dim: scaling[dim],
            p_synchronize_scaling_across_axes=0,
            border_mode_seg="constant",
            padding_value_seg=-1,
            mode_image=mode_image,
            mode_seg="nearest",
        )
        result = transform(image=image.clone(), segmentation=labels.clone())
        cases.append(
            {
                "shape": list(shape),
                "patchSize": list(patch_size),
                "angles": angles if len(angles) == 3 else angles[-1:],
                "scaling": scaling,
                "nearest": "all" if mode_image == "nearest" else "labels",
                "image": whole(image),
                "labels": whole(labels),
                "turnedImage": flat(result["image"], 3),
                "turnedLabels": whole(result["segmentation"]),
            }
        )
    return cases


def main():
    rng = np.random.default_rng(3)
    golden = {"nearest": nearest(rng)}
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
