"""Writes preprocessing.json: results of nnU-Net's preprocessing for small arrays.

Made with Python 3, nnunetv2 2.8.1, batchgenerators 0.25.5, scikit-image 0.26.0, scipy 1.17.1 and
numpy 2.4.6. Run from any folder: python tests/golden/preprocessing.py
"""

import json
from pathlib import Path

import numpy as np
from nnunetv2.preprocessing.normalization import default_normalization_schemes as schemes
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from skimage.transform import resize

rng = np.random.default_rng(7)
DIGITS = 6


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


def axis_matrices():
    """Columns are the responses to unit impulses."""
    for old, new, order in [(1, 3, 3), (2, 5, 3), (5, 1, 3), (9, 7, 3), (30, 32, 3),
                            (4, 7, 1), (7, 4, 1), (5, 8, 0), (8, 3, 0), (3, 6, 0)]:
        columns = [resize(column, (new,), order=order, mode="edge", clip=False,
                          anti_aliasing=False) for column in np.eye(old)]
        yield {"from": old, "to": new, "order": order,
               "matrix": [round(value, 12) for value in np.stack(columns, 1).ravel().tolist()]}


GRIDS = {
    "isotropic": ((5, 7, 6), (7, 5, 9), (1, 1, 1), (0.7, 1.4, 0.7)),
    "separate z, coarse before": ((4, 6, 7), (9, 8, 5), (5, 1, 1), (2, 0.8, 1.2)),
    "separate z, coarse after": ((8, 6, 7), (3, 8, 5), (1, 1, 1), (3.5, 0.8, 1)),
    "separate y": ((6, 3, 7), (8, 5, 5), (1, 4, 1), (0.8, 2.5, 1.4)),
    "separate x": ((6, 7, 3), (8, 5, 5), (1, 1, 4), (0.8, 1.4, 2.5)),
    "separate z, same slices": ((3, 6, 5), (3, 8, 9), (5, 1, 1), (5, 0.75, 0.6)),
    "separate z, same plane": ((3, 6, 5), (7, 6, 5), (5, 1, 1), (2, 1, 1)),
    "two coarse axes": ((6, 4, 4), (5, 6, 7), (1, 4, 4), (1.2, 2.7, 2.3)),
    "doubled": ((4, 4, 5), (8, 8, 10), (1, 1, 1), (0.5, 0.5, 0.5)),
    "one slice": ((1, 6, 5), (1, 8, 3), (1, 1, 1), (1, 0.75, 1.6)),
}


def resampling():
    for name, (old, new, spacing, new_spacing) in GRIDS.items():
        image = rng.normal(size=old).astype(np.float32)
        labels = (blobs(old, 5) - 1).astype(np.int16)
        logits = rng.normal(size=(2, *old)).astype(np.float32)

        def resample(data, **options):
            return resample_data_or_seg_to_shape(data, new, spacing, new_spacing,
                                                 force_separate_z=None, order_z=0, **options)

        yield {"name": name, "spacing": spacing, "newSpacing": new_spacing,
               "image": array(image), "resampledImage": array(resample(image[None], order=3)[0]),
               "labels": array(labels),
               "resampledLabels": array(resample(labels[None], is_seg=True, order=1)[0]),
               "logits": array(logits), "resampledLogits": array(resample(logits, order=1))}


def normalization():
    values = np.abs(rng.normal(90, 40, size=(3, 4, 5))).clip(0, 255).astype(np.float32)
    labels = rng.integers(-1, 2, size=values.shape).astype(np.int8)
    intensity = {"mean": 80.0, "std": 30.0, "percentile_00_5": 40.0, "percentile_99_5": 130.0}
    results = []
    for scheme in ("ZScoreNormalization", "CTNormalization", "NoNormalization",
                   "RescaleTo01Normalization", "RGBTo01Normalization"):
        for mask in ((False, True) if scheme == "ZScoreNormalization" else (False,)):
            normalized = getattr(schemes, scheme)(mask, intensity).run(values.copy(), labels)
            results.append({"scheme": scheme, "mask": mask, "values": array(normalized)})
    return {"values": array(values), "labels": array(labels), "results": results}


def configuration(spacing, patch):
    resampling = "resample_data_or_seg_to_shape"
    common = {"order_z": 0, "force_separate_z": None}
    return {
        "data_identifier": "d", "preprocessor_name": "DefaultPreprocessor", "batch_size": 2,
        "patch_size": patch, "spacing": spacing,
        "normalization_schemes": ["ZScoreNormalization", "CTNormalization"],
        "use_mask_for_norm": [True, False],
        "resampling_fn_data": resampling,
        "resampling_fn_data_kwargs": {"is_seg": False, "order": 3, **common},
        "resampling_fn_seg": resampling,
        "resampling_fn_seg_kwargs": {"is_seg": True, "order": 1, **common},
        "resampling_fn_probabilities": resampling,
        "resampling_fn_probabilities_kwargs": {"is_seg": False, "order": 1, **common},
        "architecture": {"network_class_name": "x", "arch_kwargs": {}, "_kw_requires_import": []},
    }


def whole_case():
    """Two channels, an empty border, a hole, and a label outside the nonzero region."""
    image = np.zeros((2, 9, 8, 10), np.float32)
    image[0, 2:8, 1:7, 2:9] = rng.normal(100, 20, size=(6, 6, 7)).round(2)
    image[1, 3:8, 1:6, 3:9] = rng.normal(50, 30, size=(5, 5, 6)).round(2)
    image[:, 4:6, 3:5, 5:7] = 0
    image[:, 2, 1:4, 2:5] = 0
    labels = np.zeros((9, 8, 10), np.int16)
    labels[2:8, 1:7, 2:9] = blobs((6, 6, 7), 3)
    labels[2, 1, 2] = 2
    spacing = [1.5, 0.9, 0.8]
    plans = {
        "dataset_name": "Dataset001_Golden", "plans_name": "nnUNetPlans",
        "image_reader_writer": "SimpleITKIO", "label_manager": "LabelManager",
        "transpose_forward": [1, 0, 2], "transpose_backward": [1, 0, 2],
        "foreground_intensity_properties_per_channel": {
            str(channel): {"mean": 55.0, "std": 25.0, "percentile_00_5": 5.0,
                           "percentile_99_5": 105.0, "median": 54.0, "min": 0.0, "max": 120.0}
            for channel in (0, 1)},
        "configurations": {"3d_fullres": configuration([1.0, 1.2, 1.1], [8, 8, 8]),
                           "2d": configuration([1.2, 1.1], [8, 8])},
    }
    dataset = {"labels": {"background": 0, "a": 1, "b": 2},
               "channel_names": {"0": "T1", "1": "CT"}, "file_ending": ".nii.gz", "numTraining": 1}
    results = []
    for name in plans["configurations"]:
        manager = PlansManager(plans)
        data, segmentation, properties = DefaultPreprocessor(verbose=False).run_case_npy(
            image, labels[None], {"spacing": spacing}, manager, manager.get_configuration(name),
            dataset)
        results.append({
            "configuration": name,
            "spacing": plans["configurations"][name]["spacing"],
            "data": array(data), "segmentation": array(segmentation[0]),
            "box": [list(map(int, edge)) for edge in properties["bbox_used_for_cropping"]],
            "shapeBeforeCropping": list(properties["shape_before_cropping"]),
            "shapeAfterCropping": list(properties["shape_after_cropping_and_before_resampling"]),
            "locations": {str(label): found[:, 1:].ravel().tolist()
                          for label, found in properties["class_locations"].items()},
        })
    intensity = plans["foreground_intensity_properties_per_channel"]["0"]
    return {"image": array(image), "labels": array(labels), "spacing": spacing,
            "transposeForward": plans["transpose_forward"], "intensity": intensity,
            "results": results}


golden = {"matrices": list(axis_matrices()), "resampling": list(resampling()),
          "normalization": normalization(), "case": whole_case()}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(path, path.stat().st_size, "bytes")
