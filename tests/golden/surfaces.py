"""Writes distances between surfaces by MONAI, or by SciPy alone if voxels are ignored.

Pinned: monai 1.5.2, torch 2.13.0, scipy 1.17.1, numpy 2.4.6.
Run: python tests/golden/surfaces.py, which writes surfaces.json to this folder. It fails if MONAI and
the definition implemented here in NumPy differ.
"""
import json
from pathlib import Path

import numpy as np
import torch
from monai.metrics import (compute_average_surface_distance, compute_hausdorff_distance,
                           compute_surface_dice)
from scipy.ndimage import binary_erosion, distance_transform_edt, gaussian_filter

TOLERANCE = 1.5


def by_definition(reference, prediction, spacing, ignored):
    surfaces = []
    for mask in (reference, prediction):
        # Ignored voxels count as inside when the surface is computed, and are excluded afterwards.
        inside = binary_erosion(mask | ignored, border_value=0)
        surfaces.append(mask & ~inside & ~ignored)
    a, b = surfaces
    if not a.any() or not b.any():
        return None
    there = distance_transform_edt(~a, sampling=spacing)[b]
    back = distance_transform_edt(~b, sampling=spacing)[a]
    both = np.concatenate([there, back])
    return dict(hausdorff95=max(np.percentile(there, 95), np.percentile(back, 95)),
                averageSurfaceDistance=both.mean(),
                surfaceDice=(both <= TOLERANCE).mean())


def by_monai(reference, prediction, spacing):
    pred, ref = (torch.from_numpy(mask[None, None].astype(np.float32)) for mask in (prediction, reference))
    options = dict(include_background=True, spacing=spacing)
    return dict(
        hausdorff95=compute_hausdorff_distance(pred, ref, percentile=95, **options).item(),
        averageSurfaceDistance=compute_average_surface_distance(pred, ref, symmetric=True, **options).item(),
        surfaceDice=compute_surface_dice(pred, ref, class_thresholds=[TOLERANCE], **options).item(),
    )


def main():
    rng = np.random.default_rng(3)
    cases = []
    for name, shape, spacing, sigma, ignore in [
            ("isotropic", (12, 14, 13), (1.0, 1.0, 1.0), 2, False),
            ("anisotropic", (7, 20, 18), (3.0, 0.7, 0.8), 1.5, False),
            ("plane", (24, 22), (0.5, 0.75), 2, False),
            ("ignored", (9, 14, 13), (2.0, 1.0, 1.0), 2, True)]:
        def blob(seed):
            noise = gaussian_filter(np.random.default_rng(seed).normal(size=shape), sigma)
            return noise > np.quantile(noise, 0.75)
        base = blob(rng.integers(1 << 30))
        reference = base | blob(rng.integers(1 << 30))
        prediction = base
        ignored = blob(rng.integers(1 << 30)) & ~base[::-1] if ignore else np.zeros(shape, bool)
        reference &= ~ignored
        prediction = prediction & ~ignored
        result = by_definition(reference, prediction, spacing, ignored)
        if not ignore:
            monai = by_monai(reference, prediction, spacing)
            for measure, value in monai.items():
                assert abs(value - result[measure]) < 1e-6, (name, measure, value, result[measure])
        encode = lambda mask: "".join(map(str, mask.astype(int).ravel()))
        cases.append(dict(name=name, shape=shape, spacing=spacing, reference=encode(reference),
                          prediction=encode(prediction), ignored=encode(ignored), **result))
    Path(__file__).with_name("surfaces.json").write_text(
        json.dumps(dict(tolerance=TOLERANCE, cases=cases), indent=1) + "\n")


if __name__ == "__main__":
    main()
