"""Writes augmentation.json: batchgeneratorsv2's results for given parameters.

Run with batchgenerators 0.25.5, batchgeneratorsv2 0.3.6, nnunetv2 2.8.1, torch 2.14.1, numpy 2.4.6:
    python augmentation.py
"""

import json
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from batchgenerators.augmentations.utils import elastic_deform_coordinates
from batchgeneratorsv2.transforms.intensity.brightness import (
    MultiplicativeBrightnessTransform,
)
from batchgeneratorsv2.transforms.intensity.contrast import ContrastTransform
from batchgeneratorsv2.transforms.intensity.gamma import GammaTransform
from batchgeneratorsv2.transforms.intensity.gaussian_noise import GaussianNoiseTransform
from batchgeneratorsv2.transforms.nnunet.random_binary_operator import (
    ApplyRandomBinaryOperatorTransform,
    binary_closing_torch,
    binary_dilation_torch,
    binary_erosion_torch,
    binary_opening_torch,
)
from batchgeneratorsv2.transforms.nnunet.remove_connected_components import (
    RemoveRandomConnectedComponentFromOneHotEncodingTransform,
)
from batchgeneratorsv2.transforms.nnunet.seg_to_onehot import (
    MoveSegAsOneHotToDataTransform,
)
from batchgeneratorsv2.transforms.noise.gaussian_blur import GaussianBlurTransform
from batchgeneratorsv2.transforms.spatial.low_resolution import (
    SimulateLowResolutionTransform,
)
from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform
from batchgeneratorsv2.transforms.utils.pseudo2d import (
    Convert2DTo3DTransform,
    Convert3DTo2DTransform,
)
from nnunetv2.training.data_augmentation.compute_initial_patch_size import get_patch_size


def flat(tensor, digits=4):
    return [round(float(value), digits) for value in tensor.flatten()]


def whole(tensor):
    return [int(value) for value in tensor.flatten()]


def digits(tensor):
    return "".join(str(value) for value in whole(tensor))


def sample_of(rng, shape):
    """Intensities without structure, and labels -1 to 3 in blobs, so that several meet."""
    image = torch.from_numpy(rng.integers(0, 100, (1, *shape))).float()
    coarse = rng.integers(-1, 4, [extent // 3 + 1 for extent in shape])
    for axis in range(len(shape)):
        coarse = np.repeat(coarse, 3, axis)
    labels = torch.from_numpy(coarse[tuple(slice(extent) for extent in shape)])
    return image, labels.to(torch.int16)[None].contiguous()


def spatial_case(name, source, image, labels, patch_size, angles, scaling, slicewise):
    transform = SpatialTransform(
        patch_size[1:] if slicewise else patch_size,
        patch_center_dist_from_border=0,
        random_crop=False,
        p_rotation=0 if angles is None else 1,
        rotation=lambda image, dim: angles[dim],
        p_scaling=0 if scaling is None else 1,
        scaling=lambda image, dim: scaling,
        p_synchronize_scaling_across_axes=1,
        border_mode_seg="constant",
        padding_value_seg=-1,
    )
    steps = [transform]
    if slicewise:
        steps = [Convert3DTo2DTransform(), transform, Convert2DTo3DTransform()]
    sample = {"image": image.clone(), "segmentation": labels.clone()}
    for step in steps:
        sample = step(**sample)
    return {
        "name": name,
        "source": source,
        "patchSize": list(patch_size),
        "slicewise": slicewise,
        # In 2D, upstream uses only the last angle.
        "angles": None if angles is None else (angles if len(angles) == 3 else angles[-1:]),
        "scaling": scaling,
        "image": flat(sample["image"], 3),
        "labels": whole(sample["segmentation"]),
    }


def spatial(rng):
    sources = {
        "volume": sample_of(rng, (13, 15, 12)),
        "slices": sample_of(rng, (3, 17, 16)),
        "plane": sample_of(rng, (17, 16)),
    }
    cases = [
        ("cropped", "volume", (10, 12, 11), None, None),
        ("rotated", "volume", (10, 12, 11), [0.3, -0.45, 0.2], None),
        ("scaled up", "volume", (10, 12, 11), None, 0.7),
        ("both", "volume", (10, 12, 11), [-0.5, 0.1, 0.4], 1.4),
        ("a plane", "plane", (12, 11), [0, 2.3], 1.15),
        ("slices", "slices", (3, 12, 11), [0, -2.8], 0.83),
    ]
    return {
        "sources": {
            name: {
                "shape": list(labels.shape[1:]),
                "image": whole(image),
                "labels": whole(labels),
            }
            for name, (image, labels) in sources.items()
        },
        "cases": [
            spatial_case(name, source, *sources[source], *rest, source == "slices")
            for name, source, *rest in cases
        ],
        "elastic": elastic(np.random.default_rng(11), sources),
    }


def elastic(rng, sources):
    """A displacement field from given noise, and samples displaced by given offsets."""
    shape, strength, sigma = (5, 8, 7), 120.0, 1.3
    noise = rng.random((3, *shape)).round(4)
    fields = iter(noise)
    with mock.patch("numpy.random.random", lambda _: next(fields)):
        moved = elastic_deform_coordinates(np.zeros((3, *shape)), strength, sigma)
    cases = []
    for source, patch_size, angles, scaling in (
        ("volume", (5, 6, 7), [0.2, -0.1, 0.3], 0.9),
        ("plane", (9, 8), [0, 0.6], 1.1),
    ):
        image, labels = sources[source]
        transform = SpatialTransform(
            patch_size,
            patch_center_dist_from_border=0,
            random_crop=False,
            p_elastic_deform=1,
            elastic_deform_scale=(0.1, 0.2),
            elastic_deform_magnitude=(1, 2),
            p_rotation=1,
            rotation=lambda image, dim: angles[dim],
            p_scaling=1,
            scaling=lambda image, dim: scaling,
            p_synchronize_scaling_across_axes=1,
            border_mode_seg="constant",
            padding_value_seg=-1,
        )
        torch.manual_seed(5)
        sample = {"image": image.clone(), "segmentation": labels.clone()}
        parameters = transform.get_parameters(**sample)
        result = transform.apply(sample, **parameters)
        cases.append({
            "source": source,
            "patchSize": list(patch_size),
            "angles": angles if len(angles) == 3 else angles[-1:],
            "scaling": scaling,
            "displacement": flat(torch.movedim(parameters["elastic_offsets"], -1, 0), 7),
            "image": flat(result["image"], 3),
            "labels": whole(result["segmentation"]),
        })
    return {
        "field": {
            "shape": list(shape),
            "noise": flat(torch.from_numpy(2 * noise - 1)),
            "strength": strength,
            "sigma": sigma,
            "expected": flat(torch.from_numpy(moved), 4),
        },
        "cases": cases,
    }


def intensities(rng):
    image = torch.from_numpy(rng.normal(0.3, 1.2, (2, 3, 4, 5)).round(4)).float()
    exponents = [0.8, 1.37]
    gammas = []
    for inverted in (False, True):
        transform = GammaTransform((0.7, 1.5), float(inverted), False, 1, 1)
        result = transform.apply(
            {"image": image.clone()},
            apply_to_channel=torch.arange(2),
            retain_stats=torch.tensor([True, True]),
            invert_image=torch.tensor([inverted, inverted]),
            gamma=torch.tensor(exponents),
        )
        gammas.append({
            "inverted": inverted,
            "exponents": exponents,
            "expected": flat(result["image"], 6),
        })
    # Applied to zeros, upstream returns the noise that it adds.
    parameters = dict(
        apply_mask=torch.tensor([True, True]),
        apply_idx=torch.arange(2),
        num_apply=2,
    )
    transform = GaussianNoiseTransform((0, 0.1), 1, True)
    torch.manual_seed(3)
    noise = transform.apply(
        {"image": torch.zeros_like(image)}, sigmas=1.0, **parameters
    )["image"]
    torch.manual_seed(3)
    noisy = transform.apply({"image": image.clone()}, sigmas=0.07, **parameters)["image"]
    return {
        "shape": list(image.shape),
        "image": flat(image),
        "gamma": gammas,
        "blur": blurred(rng),
        "brightness": {"factors": [0.8, 1.2], "expected": flat(multiplied(image, [0.8, 1.2]), 6)},
        "contrast": {"factors": [0.75, 1.25], "expected": flat(stretched(image, [0.75, 1.25]), 6)},
        "lowResolution": reduced(rng),
        "noise": {"sigma": 0.07, "noise": flat(noise, 6), "expected": flat(noisy, 6)},
    }


def blurred(rng):
    """Kernels of 3, 5 and 7 voxels, and one unchanged channel."""
    image = torch.from_numpy(rng.normal(0.3, 1.2, (2, 5, 6, 8)).round(4)).float()
    result = []
    for chosen in ([[0.5, 0.75, 1.0], None], [[0.9, 0.75, 0.55], [1.0, 0.93, 0.8]]):
        transform = GaussianBlurTransform((0.5, 1), False, False, 0.5, benchmark=False)
        blurred = transform.apply(
            {"image": image.clone()},
            apply_to_channel=torch.tensor([sigmas is not None for sigmas in chosen]),
            sigmas=[sigmas for sigmas in chosen if sigmas is not None],
        )
        result.append({"sigmas": chosen, "expected": flat(blurred["image"], 6)})
    return {"shape": list(image.shape), "image": flat(image), "cases": result}


def multiplied(image, factors):
    transform = MultiplicativeBrightnessTransform((0.75, 1.25), False, 1)
    return transform.apply(
        {"image": image.clone()},
        apply_to_channel=torch.arange(len(factors)),
        multipliers=torch.tensor(factors),
    )["image"]


def stretched(image, factors):
    transform = ContrastTransform((0.75, 1.25), True, False, 1)
    return transform.apply(
        {"image": image.clone()},
        apply_to_channel=torch.arange(len(factors)),
        multipliers=torch.tensor(factors),
    )["image"]


def reduced(rng):
    cases = []
    for shape, scales, within_slices in (
        ((7, 9, 12), [0.5, 0.83], False),
        ((5, 8, 11), [0.71, None], True),
        ((13, 10), [0.62, 1.0], False),
    ):
        image = torch.from_numpy(rng.integers(0, 100, (len(scales), *shape))).float()
        chosen = [scale for scale in scales if scale is not None]
        per_axis = torch.tensor([[scale] * len(shape) for scale in chosen])
        if within_slices:
            per_axis[:, (0,)] = 1
        transform = SimulateLowResolutionTransform((0.5, 1), False, True, None)
        result = transform.apply(
            {"image": image.clone()},
            apply_to_channel=[c for c, scale in enumerate(scales) if scale is not None],
            scales=per_axis,
        )
        cases.append({
            "shape": list(image.shape),
            "image": whole(image),
            "scales": scales,
            "withinSlices": within_slices,
            "expected": flat(result["image"], 4),
        })
    return cases


def one_hot(rng, shape):
    """Blobs of three labels as channels of zeros and ones, after a channel of intensities."""
    coarse = rng.integers(0, 4, [extent // 4 + 1 for extent in shape])
    for axis in range(len(shape)):
        coarse = np.repeat(coarse, 4, axis)
    labels = torch.from_numpy(coarse[tuple(slice(extent) for extent in shape)].copy())
    transform = MoveSegAsOneHotToDataTransform(1, (1, 2, 3), True)
    result = transform.apply({
        "image": torch.zeros((1, *shape)),
        "segmentation": torch.stack([torch.zeros_like(labels), labels]),
    })
    return labels, result["image"]


def previous_stage(rng):
    operators = {
        "dilate": binary_dilation_torch,
        "erode": binary_erosion_torch,
        "open": binary_opening_torch,
        "close": binary_closing_torch,
    }
    operations = [
        ((9, 13, 11), [(0, "dilate", 1.0), (2, "erode", 1.3)]),
        ((9, 13, 11), [(1, "close", 2.75), (0, "open", 1.6)]),
        ((9, 13, 40), [(2, "dilate", 4.0), (1, "dilate", 2.2)]),
        ((19, 34), [(0, "dilate", 1.5), (1, "close", 3.0)]),
        ((19, 34), [(2, "erode", 1.2), (1, "open", 1.0), (0, "dilate", 7.9)]),
    ]
    binary = []
    for shape, chosen in operations:
        labels, image = one_hot(rng, shape)
        transform = ApplyRandomBinaryOperatorTransform([-3, -2, -1], strel_size=(1, 8))
        result = transform.apply(
            {"image": image.clone()},
            apply_to_channels=[label - 3 for label, _, _ in chosen],
            operators=[operators[name] for _, name, _ in chosen],
            strel_size=[radius for _, _, radius in chosen],
        )["image"]
        binary.append({
            "shape": list(shape),
            "labels": digits(labels),
            "operations": [
                {"label": label, "operator": name, "radius": radius}
                for label, name, radius in chosen
            ],
            "expected": digits(result[1:]),
        })

    removed = []
    for shape, label, index in (((6, 17, 20), 0, 2), ((6, 17, 20), 1, 0), ((30, 31), 2, 3)):
        labels, image = one_hot(rng, shape)
        transform = RemoveRandomConnectedComponentFromOneHotEncodingTransform(
            [-3, -2, -1], 0, 0.15, 1
        )
        count = []

        def choose(valid):
            count.append(len(valid))
            return valid[index]

        with mock.patch("numpy.random.choice", choose):
            result = transform.apply({"image": image.clone()}, apply_to_channels=[label - 3])
        removed.append({
            "shape": list(shape),
            "labels": digits(labels),
            "label": label,
            "choice": (index + 0.5) / count[0],
            "expected": digits(result["image"][1:]),
        })
    return {"binaryOperators": binary, "componentRemoval": removed}


def initial_patch_sizes():
    cases = [
        ((40, 56, 40), 30),
        ((128, 128, 128), 30),
        ((64, 192, 160), 30),
        ((192, 80, 96), 30),
        ((56, 40), 180),
        ((320, 256), 180),
        ((512, 256), 15),
    ]
    result = []
    for patch_size, degrees in cases:
        angle = degrees / 360 * 2 * np.pi
        size = get_patch_size(patch_size, *[(-angle, angle)] * 3, (0.85, 1.25))
        result.append({
            "patchSize": list(patch_size),
            "degrees": degrees,
            "expected": [int(extent) for extent in size],
        })
    return result


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    golden = {
        "spatial": spatial(rng),
        "intensities": intensities(rng),
        "previousStage": previous_stage(rng),
        "initialPatchSizes": initial_patch_sizes(),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
