"""nnU-Net's side of `deno task bench:augmentation`: batchgeneratorsv2 on one thread.

Reads one JSON object per line from standard input: first a setting, then {"what", "repeats"}. Prints
the total milliseconds of all repeats. Restoring the samples between repeats is not measured.
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from batchgeneratorsv2.transforms.intensity.brightness import (
    MultiplicativeBrightnessTransform,
)
from batchgeneratorsv2.transforms.intensity.contrast import (
    BGContrast,
    ContrastTransform,
)
from batchgeneratorsv2.transforms.intensity.gamma import GammaTransform
from batchgeneratorsv2.transforms.intensity.gaussian_noise import GaussianNoiseTransform
from batchgeneratorsv2.transforms.nnunet.random_binary_operator import (
    ApplyRandomBinaryOperatorTransform,
)
from batchgeneratorsv2.transforms.nnunet.remove_connected_components import (
    RemoveRandomConnectedComponentFromOneHotEncodingTransform,
)
from batchgeneratorsv2.transforms.noise.gaussian_blur import GaussianBlurTransform
from batchgeneratorsv2.transforms.spatial.low_resolution import (
    SimulateLowResolutionTransform,
)
from batchgeneratorsv2.transforms.spatial.mirroring import MirrorTransform
from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer


def sample_of(rng, shape, labels, blob):
    image = torch.from_numpy(rng.normal(size=(1, *shape)).astype(np.float32))
    coarse = rng.integers(0, labels, [extent // blob + 1 for extent in shape])
    for axis in range(len(shape)):
        coarse = np.repeat(coarse, blob, axis)
    segmentation = coarse[tuple(slice(extent) for extent in shape)].astype(np.int16)
    return image, torch.from_numpy(segmentation)[None].contiguous()


def spatial(patch, rotation, probability):
    return SpatialTransform(
        patch,
        patch_center_dist_from_border=0,
        random_crop=False,
        p_rotation=probability,
        rotation=rotation,
        p_scaling=probability,
        scaling=(0.7, 1.4),
        p_synchronize_scaling_across_axes=1,
        bg_style_seg_sampling=False,
        border_mode_seg="constant",
        padding_value_seg=-1,
    )


def main():
    torch.set_num_threads(1)
    setting = json.loads(sys.stdin.readline())
    patch, initial = setting["patch"], setting["initial"]
    labels, blob = setting["labels"], setting["blob"]
    rotation = (-setting["maxRotation"], setting["maxRotation"])
    axes = tuple(range(len(patch)))
    rng = np.random.default_rng(1)
    large = sample_of(rng, initial, labels, blob)
    small = sample_of(rng, patch, labels, blob)
    one_hot = torch.cat([small[0]] + [(small[1] == label).float() for label in range(1, labels)])
    channels = list(range(1 - labels, 0))
    transforms = {
        "pipeline": (nnUNetTrainer.get_training_transforms(
            np.array(patch), rotation, None, axes, False), large),
        "cropping": (spatial(patch, rotation, 0), large),
        "spatial": (spatial(patch, rotation, 1), large),
        "gaussianNoise": (GaussianNoiseTransform((0, 0.1), 1, True), small),
        "gaussianBlur": (GaussianBlurTransform((0.5, 1.0), False, False, 1, True), small),
        "brightness": (MultiplicativeBrightnessTransform(BGContrast((0.75, 1.25)), False, 1), small),
        "contrast": (ContrastTransform(BGContrast((0.75, 1.25)), True, False, 1), small),
        "lowResolution": (SimulateLowResolutionTransform((0.5, 1), False, True, None, None, 1), small),
        "gammaInverted": (GammaTransform(BGContrast((0.7, 1.5)), 1, False, 1, 1), small),
        "gamma": (GammaTransform(BGContrast((0.7, 1.5)), 0, False, 1, 1), small),
        "mirroring": (MirrorTransform(axes), small),
        "binaryOperators": (
            ApplyRandomBinaryOperatorTransform(channels, strel_size=(1, 8), p_per_label=1),
            (one_hot, small[1])),
        "componentRemoval": (
            RemoveRandomConnectedComponentFromOneHotEncodingTransform(channels, 0, 0.15, 1),
            (one_hot, small[1])),
    }
    # Memory of a batch, to which the data loader copies each sample.
    image_place = torch.empty((1, *patch))
    labels_place = torch.empty((1, *patch), dtype=torch.int16)
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        transform, (image, segmentation) = transforms[request["what"]]
        place = request["what"] in ("pipeline", "cropping")
        seconds = 0
        buffers = image.clone(), segmentation.clone()
        with torch.no_grad():
            for _ in range(request["repeats"]):
                buffers[0].copy_(image)
                buffers[1].copy_(segmentation)
                start = time.perf_counter()
                result = transform(image=buffers[0], segmentation=buffers[1])
                if place:
                    image_place.copy_(result["image"])
                    labels_place.copy_(result["segmentation"])
                seconds += time.perf_counter() - start
        print(json.dumps({"milliseconds": 1000 * seconds}), flush=True)


main()
