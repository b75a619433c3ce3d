"""Writes resampling.json: results of every kind of resampling that plans may name.

Made with Python 3, nnunetv2 2.8.1, torch 2.13.0, batchgenerators 0.25.5, scikit-image 0.26.0, scipy
1.17.1 and numpy 2.4.6. Run from any folder: python tests/golden/resampling.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from nnunetv2.preprocessing.resampling.utils import recursive_find_resampling_fn_by_name
from skimage.transform import resize

rng = np.random.default_rng(11)
DIGITS = 4


def array(values):
    values = np.asarray(values)
    flat = values.ravel().tolist()
    if values.dtype.kind == "f":
        flat = [round(value, DIGITS) for value in flat]
    return {"shape": list(values.shape), "data": flat}


def blobs(shape, labels):
    """A label map with a few thick regions, in which three or more labels meet."""
    coarse = rng.integers(0, labels, size=[-(-n // 2) for n in shape])
    return np.kron(coarse, np.ones((2,) * len(shape), int))[tuple(map(slice, shape))]


GRIDS = {
    "isotropic": ((5, 7, 6), (7, 5, 9), (1, 1, 1), (0.7, 1.4, 0.7)),
    "separate z": ((4, 6, 7), (9, 8, 5), (5, 1, 1), (2, 0.8, 1.2)),
    "separate x": ((6, 7, 3), (8, 5, 5), (1, 1, 4), (0.8, 1.4, 2.5)),
    "barely coarse": ((4, 6, 7), (7, 8, 5), (2.5, 1, 1), (1.4, 0.8, 1.4)),
    "five slices": ((5, 6, 7), (8, 5, 6), (5, 1, 1), (3.1, 1.2, 1.2)),
    "doubled": ((3, 4, 5), (6, 8, 10), (1, 1, 1), (0.5, 0.5, 0.5)),
}
SPLINES = "resample_data_or_seg_to_shape"
TORCH = "resample_torch_fornnunet"

# For each of data, labels: the function, its arguments and the grids to try.
METHODS = [
    *((SPLINES, {"order": order, "order_z": 0, "force_separate_z": None}, ("isotropic", "separate z"))
      for order in (0, 2, 4, 5)),
    (SPLINES, {"order": 3, "order_z": 1, "force_separate_z": None}, ("separate z", "separate x")),
    (SPLINES, {"order": 1, "order_z": 3, "force_separate_z": None}, ("five slices",)),
    (SPLINES, {"order": 1, "order_z": 1, "force_separate_z": True}, ("barely coarse", "separate x")),
    (SPLINES, {"order": 3, "force_separate_z": 1}, ("barely coarse", "isotropic")),
    (SPLINES, {"order": 3, "order_z": 0, "force_separate_z": False}, ("separate z", "doubled")),
    (SPLINES, {}, ("separate z",)),
    (SPLINES, {"order": 1, "force_separate_z": None, "separate_z_anisotropy_threshold": 2},
     ("barely coarse",)),
    (TORCH, {"force_separate_z": False, "memefficient_seg_resampling": False},
     ("isotropic", "separate z", "doubled")),
    (TORCH, {"force_separate_z": None, "memefficient_seg_resampling": False,
             "separate_z_anisotropy_threshold": 3}, ("isotropic", "separate z", "separate x")),
    (TORCH, {"memefficient_seg_resampling": True}, ("isotropic", "separate x")),
    (TORCH, {"mode": "nearest", "aniso_axis_mode": "linear"}, ("isotropic", "separate z")),
    (TORCH, {"mode": "nearest-exact", "aniso_axis_mode": "nearest"}, ("separate z",)),
    (TORCH, {"mode": "bicubic", "aniso_axis_mode": "area"}, ("separate z", "separate x")),
    (TORCH, {"mode": "area", "aniso_axis_mode": "trilinear"}, ("separate z",)),
    (TORCH, {"mode": "area", "aniso_axis_mode": "nearest", "memefficient_seg_resampling": True},
     ("separate z", "separate x")),
    (TORCH, {"mode": "bilinear", "force_separate_z": True, "num_threads": 1, "device": "cpu"},
     ("barely coarse",)),
    ("no_resampling_hack", {}, ("isotropic",)),
]


INPUTS = {
    name: (rng.normal(size=old).astype(np.float32).round(DIGITS), (blobs(old, 4) - 1).astype(np.int16))
    for name, (old, *_) in GRIDS.items()
}


def inputs():
    for name, (_, new, spacing, new_spacing) in GRIDS.items():
        image, labels = INPUTS[name]
        yield name, {"image": array(image), "labels": array(labels), "newShape": new,
                     "spacing": spacing, "newSpacing": new_spacing}


def cases():
    for name, keywords, grids in METHODS:
        for grid in grids:
            _, new, spacing, new_spacing = GRIDS[grid]
            image, labels = INPUTS[grid]
            function = recursive_find_resampling_fn_by_name(name)
            kind = [] if name == "no_resampling_hack" else ["is_seg"]
            data = function(image[None], new, spacing, new_spacing, **keywords, **dict.fromkeys(kind, False))
            seg = function(labels[None], new, spacing, new_spacing, **keywords,
                           **dict.fromkeys(kind, True))
            yield {"function": name, "keywords": keywords, "grid": grid,
                   "image": array(np.asarray(data, np.float32)[0])["data"],
                   "labels": array(np.asarray(seg)[0])["data"]}


def axes():
    """Columns are the responses to unit impulses."""
    for order in (2, 4, 5):
        for old, new in ((1, 3), (2, 5), (5, 1), (9, 7), (3, 6)):
            columns = [resize(column, (new,), order=order, mode="edge", clip=False,
                              anti_aliasing=False) for column in np.eye(old)]
            yield {"method": {"kind": "spline", "order": order}, "from": old, "to": new,
                   "matrix": [round(v, 12) for v in np.stack(columns, 1).ravel().tolist()]}
    for mode in ("linear", "nearest", "nearest-exact", "area", "bicubic"):
        for old, new in ((1, 3), (2, 5), (5, 1), (9, 7), (3, 6), (41, 17), (7, 20)):
            impulses = torch.eye(old)[:, None, :, None].repeat(1, 1, 1, 3)
            torch_mode = {"linear": "bilinear"}.get(mode, mode)
            result = torch.nn.functional.interpolate(impulses, (new, 3), mode=torch_mode)
            yield {"method": {"kind": "torch", "mode": mode}, "from": old, "to": new,
                   "matrix": [round(v, 7) for v in result[:, 0, :, 1].T.ravel().tolist()]}


path = Path(__file__).with_suffix(".json")
golden = {"axes": list(axes()), "grids": dict(inputs()), "cases": list(cases())}
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
