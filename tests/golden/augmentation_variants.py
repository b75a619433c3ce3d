"""Writes augmentation_variants.json: batchgeneratorsv2's results in variants of nnU-Net's trainer.

Run with batchgeneratorsv2 0.3.6, nnunetv2 2.8.1, torch 2.13.0, numpy 2.4.6:
    python augmentation_variants.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from batchgeneratorsv2.transforms.intensity.brightness import BrightnessAdditiveTransform
from batchgeneratorsv2.transforms.intensity.contrast import ContrastTransform
from batchgeneratorsv2.transforms.local.brightness_gradient import (
    BrightnessGradientAdditiveTransform,
)
from batchgeneratorsv2.transforms.local.local_gamma import LocalGammaTransform
from batchgeneratorsv2.transforms.noise.blank_rectangle import BlankRectangleTransform
from batchgeneratorsv2.transforms.noise.median_filter import MedianFilterTransform
from batchgeneratorsv2.transforms.noise.sharpen import SharpeningTransform
from batchgeneratorsv2.transforms.spatial.rot90 import Rot90Transform
from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform
from batchgeneratorsv2.transforms.spatial.transpose import TransposeAxesTransform
from nnunetv2.training.nnUNetTrainer.variants.data_augmentation.nnUNetTrainerDA5 import (
    nnUNetTrainerDA5,
)


def flat(tensor, digits=4):
    return [round(float(value), digits) for value in tensor.flatten()]


def whole(tensor):
    return [int(value) for value in tensor.flatten()]


def nearest(rng):
    """Samples rotated and scaled per axis, with nearest-neighbour interpolation."""
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


def intensities(rng):
    """Every transform of DA5 alone, on two channels, the first of which is changed."""
    return [intensity_case(rng, shape) for shape in ((6, 8, 7), (9, 8))]


def intensity_case(rng, shape):
    image = torch.from_numpy(rng.normal(size=(2, *shape)).round(3)).float()
    centre = [extent * share for extent, share in zip(shape, (0.8, 0.3, -0.2))]
    sigma = [2.5, 3.5, 1.5][: len(shape)]

    def bump(transform):
        draws = iter([number for pair in zip(centre, sigma) for number in pair])
        transform.loc = lambda size, axis: next(draws) / size[axis]
        transform.scale = lambda size, axis: next(draws)
        return transform._generate_kernel(shape)

    gradient = BrightnessGradientAdditiveTransform(1, mean_centered=False)
    gamma = LocalGammaTransform(1)
    box = ([1, 2, 3][-len(shape) :], [4, 6, 5][-len(shape) :])
    other = ([0] * len(shape), [3] * len(shape))
    chosen = torch.tensor([0])
    results = {
        "medianFilter3": (
            MedianFilterTransform(3),
            {"filter_sizes": [3, 3], "apply_channel": [True, False]},
        ),
        "medianFilter4": (
            MedianFilterTransform(4),
            {"filter_sizes": [4, 4], "apply_channel": [True, False]},
        ),
        "additiveBrightness": (
            BrightnessAdditiveTransform(0, 0.5),
            {"apply_to_channel": chosen, "shift": torch.tensor([0.75, 9])},
        ),
        "contrast": (
            ContrastTransform(1, False, False),
            {"apply_to_channel": chosen, "multipliers": torch.tensor([1.6])},
        ),
        "sharpening": (
            SharpeningTransform(),
            {
                "strengths": [0.6, 0],
                "clamp_intensities": [False, False],
                "apply_channel": [True, False],
            },
        ),
        "blankRectangles": (
            BlankRectangleTransform(1, torch.mean, 1),
            {"apply_channel": [True, False], "rectangles": [[box, other], []]},
        ),
        "brightnessGradient": (gradient, {"kernels": [bump(gradient) * np.float32(-2.5), None]}),
        "localGamma": (gamma, {"kernels": [bump(gamma), None], "gammas": [2.2, None]}),
    }
    return {
        "shape": list(shape),
        "image": flat(image, 3),
        "centre": centre,
        "sigma": sigma,
        "boxes": [{"origin": low, "end": high} for low, high in (box, other)],
        "expected": {
            name: flat(transform._apply_to_image(image.clone(), **params), 6)
            for name, (transform, params) in results.items()
        },
    }


def exchanges():
    """Rotations by 90° and permutations of axes, of images with two channels of numbered voxels."""
    image = torch.arange(2 * 4 * 3 * 4).reshape(2, 4, 3, 4).float()
    turn, order = Rot90Transform(1), TransposeAxesTransform({0, 2})
    return {
        "shape": [4, 3, 4],
        "turns": [
            {
                "turns": turns,
                "expected": whole(
                    turn._apply_to_image(
                        image, num_rot_per_combination=[turns], axis_combinations=[[1, 3]]
                    )
                ),
            }
            for turns in range(4)
        ],
        "ordered": whole(order._apply_to_image(image, axis_order=[0, 3, 2, 1])),
    }


def steps():
    """The classes of DA5's transforms in order, for patches that get different transforms."""
    return [
        {
            "patchSize": list(patch_size),
            "names": [
                step_name(step)
                for step in nnUNetTrainerDA5.get_training_transforms(
                    np.array(patch_size), (-1, 1), None, (0, 1), thick, [True]
                ).transforms
            ],
        }
        for patch_size, thick in (((8, 10, 8), False), ((4, 16, 16), True), ((9, 8), False))
    ]


def step_name(step):
    """Name of a transform, including those inside a random transform or a choice of several."""
    name = type(step).__name__.removesuffix("Transform")
    if name == "Random":
        return f"{step_name(step.transform)} {step.apply_probability}"
    if name == "OneOf":
        return " or ".join(step_name(one) for one in step.list_of_transforms)
    return name


def main():
    rng = np.random.default_rng(3)
    golden = {
        "nearest": nearest(rng),
        "intensities": intensities(rng),
        "exchanges": exchanges(),
        "steps": steps(),
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
