"""Prints files that nnU-Net's planners and people made, and what nnunetv2 reads in them.

One line of JSON each, of one of these kinds:

- `planned`: fingerprint, data set and plans that a planner wrote, with the planner's settings;
- `plans`: plans changed by hand, and for each configuration what nnunetv2 resolves it to, or null if
  nnunetv2 cannot use it: it cannot be resolved, lacks a key, names an unknown class, builds no
  network, or resamples a scan, its labels and logits to grids that do not fit each other;
- `dataset`: a dataset.json and its heads, or null;
- `splits`: a splits_final.json and the cases of its folds.
"""

import contextlib
import copy
import io
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
sys.path.insert(0, str(Path(__file__).parent.parent / "golden"))

import numpy as np  # noqa: E402
import nnunetv2  # noqa: E402
import plans as golden  # noqa: E402
import torch  # noqa: E402
from batchgenerators.utilities.file_and_folder_operations import join  # noqa: E402
from nnunetv2.preprocessing.resampling.default_resampling import compute_new_shape  # noqa: E402
from nnunetv2.utilities.find_class_by_name import recursive_find_python_class  # noqa: E402
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans  # noqa: E402
from nnunetv2.utilities.label_handling.label_handling import LabelManager  # noqa: E402
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager  # noqa: E402

DATA_SETS = {
    "isotropic": dict(spacings=[[1.0, 1.0, 1.0]], shapes=[[90, 100, 80]], channels=["T1", "noNorm"]),
    "thick slices": dict(
        spacings=[[5.0, 0.8, 0.8]], shapes=[[20, 256, 250]], channels=["CT"], relativeSize=0.5
    ),
    "cascade": dict(
        spacings=[[1.0, 0.75, 0.75]] * 3, shapes=[[330, 400, 410]] * 3, channels=["zScore"],
        relativeSize=0.6, training=30,
    ),
    "pictures": dict(
        spacings=[[999.0, 1.0, 1.0]], shapes=[[1, 320, 256]], channels=["rgb_to_0_1"] * 3, training=50
    ),
}


def inputs():
    """All planners, with and without each option."""
    for planner, name in golden.PLANS_NAMES.items():
        for kind, data in DATA_SETS.items():
            memory = 8 if planner in ("ExperimentPlanner", "nnUNetPlanner_torchres") else 24
            options = [dict(memory=memory)]
            if kind == "isotropic":
                options.append(dict(memory=5, plansName=f"{name}_5G"))
            if kind == "thick slices":
                options.append(dict(memory=memory, targetSpacing=[3.0, 1.0, 1.5]))
            if kind == "pictures":
                options.append(dict(memory=2.5, baseFeatures=16, plansName=f"{name}_small"))
            for one in options:
                yield f"{planner}, {kind}, {one}", golden.case(
                    **{**dict(planner=planner, plansName=name, labels=4), **data, **one}
                )


def resolved(plans: dict, name: str):
    """The configuration as nnunetv2 uses it; raises if it cannot."""
    manager = PlansManager(copy.deepcopy(plans))
    configuration = manager.get_configuration(name)
    for key in ("data_identifier", "batch_size", "patch_size", "spacing", "use_mask_for_norm",
                "batch_dice", "previous_stage_name", "next_stage_names"):
        getattr(configuration, key)
    assert configuration.preprocessor_class is not None
    for scheme in configuration.normalization_schemes:
        folder = join(nnunetv2.__path__[0], "preprocessing", "normalization")
        assert recursive_find_python_class(folder, scheme, "nnunetv2.preprocessing.normalization")
    assert manager.image_reader_writer_class and manager.label_manager_class
    manager.foreground_intensity_properties_per_channel, manager.transpose_forward
    with torch.device("meta"):
        get_network_from_plans(
            configuration.network_arch_class_name, configuration.network_arch_init_kwargs,
            configuration.network_arch_init_kwargs_req_import, 1, 2, allow_init=False,
        )
    shape, spacing = [6, 9, 8], [3.5, 1.1, 0.9]
    target = [spacing[0], *configuration.spacing][-3:]
    new_shape = compute_new_shape(shape, spacing, target)
    image = np.random.default_rng(1).normal(size=(1, *shape)).astype(np.float32)
    labels = (image > 0).astype(np.int16)
    data = configuration.resampling_fn_data(image, new_shape, spacing, target)
    seg = configuration.resampling_fn_seg(labels, new_shape, spacing, target)
    assert data.shape == seg.shape, (data.shape, seg.shape)
    assert np.all(np.asarray(seg) == np.round(seg))
    logits = torch.from_numpy(np.asarray(data))
    back = configuration.resampling_fn_probabilities(logits, shape, target, spacing)
    assert list(back.shape[1:]) == shape, back.shape
    result = {k: v for k, v in configuration.configuration.items() if k != "inherits_from"}
    return json.loads(json.dumps(result))


def set_in(target: dict, path: str, value):
    *parents, last = path.split("/")
    for key in parents:
        target = target[key]
    if value is DELETE:
        del target[last]
    else:
        target[last] = value


DELETE = object()
FULL = "configurations/3d_fullres/"
KWARGS = FULL + "architecture/arch_kwargs/"
SPLINES = "resample_data_or_seg_to_shape"


def resampling(kind, function, **keywords):
    return {FULL + f"resampling_fn_{kind}": function, FULL + f"resampling_fn_{kind}_kwargs": keywords}


def everywhere(function, **keywords):
    flags = {} if function == "no_resampling_hack" else {"is_seg": False}
    return {
        **resampling("data", function, **keywords, **flags),
        **resampling("seg", function, **keywords, **{key: True for key in flags}),
        **resampling("probabilities", function, **keywords, **flags),
    }


def child(**keys):
    return {"configurations/child": {"inherits_from": "3d_fullres", **keys}}


EDITS = {
    "batch size": {FULL + "batch_size": 3},
    "patch size": {FULL + "patch_size": [64, 64, 64]},
    "spacing": {FULL + "spacing": [2, 1, 1.5]},
    "data identifier": {FULL + "data_identifier": "mine"},
    "batch Dice": {FULL + "batch_dice": True},
    **{
        f"scheme {scheme}": {FULL + "normalization_schemes": [scheme]}
        for scheme in ("CTNormalization", "NoNormalization", "RescaleTo01Normalization",
                       "RGBTo01Normalization", "ZScoreNormalization", "MyNormalization")
    },
    "no schemes": {FULL + "normalization_schemes": DELETE},
    "mask": {FULL + "use_mask_for_norm": [True]},
    "features": {KWARGS + "features_per_stage": [8, 16, 32, 64, 64]},
    "convolutions": {KWARGS + "n_conv_per_stage": [1, 2, 3, 1, 2],
                     KWARGS + "n_conv_per_stage_decoder": [1, 1, 2, 1]},
    "lists of other lengths": {KWARGS + "features_per_stage": [8, 16]},
    "unknown argument": {KWARGS + "n_heads": 3},
    "unknown network": {FULL + "architecture/network_class_name": "somebody.Network"},
    "preprocessor": {FULL + "preprocessor_name": "MyPreprocessor"},
    "comment": {FULL + "comment": {"by": "me"}, "comment": [1, "two"]},
    "no median size": {FULL + "median_image_size_in_voxels": DELETE},
    "no batch size": {FULL + "batch_size": DELETE},
    "no label manager": {"label_manager": DELETE},
    "no facts about planning": {"experiment_planner_used": DELETE,
                                "original_median_spacing_after_transp": DELETE,
                                "original_median_shape_after_transp": DELETE},
    "no intensities": {"foreground_intensity_properties_per_channel": DELETE},
    **{
        f"splines of order {order}": everywhere(SPLINES, order=order, order_z=order_z,
                                                force_separate_z=separate)
        for order, order_z, separate in ((0, 0, None), (1, 1, None), (2, 0, False), (3, 1, True),
                                         (4, 0, 1), (5, 3, None), (6, 0, None))
    },
    "splines by default": everywhere(SPLINES),
    "threshold of slices": everywhere(SPLINES, order=1, separate_z_anisotropy_threshold=2,
                                      force_separate_z=None),
    "cubic probabilities": resampling("probabilities", SPLINES, is_seg=False, order=3,
                                      force_separate_z=None),
    "torch": everywhere("resample_torch_fornnunet"),
    "torch, nearest": everywhere("resample_torch_fornnunet", mode="nearest",
                                 aniso_axis_mode="linear", force_separate_z=True),
    "torch, bicubic": everywhere("resample_torch_fornnunet", mode="bicubic", force_separate_z=True),
    "torch, bicubic slices": everywhere("resample_torch_fornnunet", aniso_axis_mode="bicubic",
                                        force_separate_z=True),
    "torch, memory-efficient": everywhere("resample_torch_fornnunet",
                                          memefficient_seg_resampling=True, num_threads=2),
    "torch, unknown argument": everywhere("resample_torch_fornnunet", order=3),
    "torch, simple": resampling("data", "resample_torch_simple", is_seg=False),
    "no resampling": everywhere("no_resampling_hack"),
    "no resampling of scans": resampling("data", "no_resampling_hack"),
    "no resampling of predictions": resampling("probabilities", "no_resampling_hack"),
    "no resampling, with an argument": everywhere("no_resampling_hack", order=1),
    "unknown resampling": everywhere("my_resampling"),
    "no arguments of resampling": {FULL + "resampling_fn_data_kwargs": DELETE},
    "child": child(batch_size=5),
    "grandchild": {**child(batch_size=5),
                   "configurations/grandchild": {"inherits_from": "child", "patch_size": [32, 32, 32]}},
    "great-grandchild": {**child(spacing=[2.0, 2.0, 2.0], data_identifier="coarse"),
                         "configurations/a b": {"inherits_from": "child", "batch_dice": True},
                         "configurations/c": {"inherits_from": "a b", "batch_size": 4}},
    "child first": {"configurations": "child first"},
    "unknown parent": {"configurations/child": {"inherits_from": "nobody"}},
    "no parent": {"configurations/child": {"inherits_from": None}},
    "its own parent": {"configurations/child": {"inherits_from": "child"}},
    "parents in a circle": {"configurations/a": {"inherits_from": "b"},
                            "configurations/b": {"inherits_from": "c"},
                            "configurations/c": {"inherits_from": "a"}},
    "child of one that fails": {FULL + "preprocessor_name": "Mine",
                                "configurations/child": {"inherits_from": "3d_fullres"},
                                "configurations/mended": {"inherits_from": "3d_fullres",
                                                          "preprocessor_name": "DefaultPreprocessor"}},
    "next stage": {FULL + "next_stage": "child", **child(previous_stage="3d_fullres")},
    "next stages": {FULL + "next_stage": ["child", "other"],
                    **child(previous_stage="3d_fullres"),
                    "configurations/other": {"inherits_from": "child"}},
    "no next stage": {FULL + "next_stage": None, FULL + "previous_stage": None},
    "early networks": {"configurations": "early networks"},
    "early intensities": {"foreground_intensity_properties_per_channel": "renamed"},
}


def edited(plans: dict, edit: dict) -> dict:
    plans = copy.deepcopy(plans)
    for path, value in edit.items():
        if value == "child first":
            plans["configurations"] = {
                "child": {"inherits_from": "3d_fullres", "batch_size": 3}, **plans["configurations"]
            }
        elif value == "early networks":
            for configuration in plans["configurations"].values():
                keywords = configuration.pop("architecture")["arch_kwargs"]
                configuration.update(
                    UNet_class_name="PlainConvUNet", UNet_base_num_features=32,
                    unet_max_num_features=320, num_pool_per_axis=[1],
                    n_conv_per_stage_encoder=keywords["n_conv_per_stage"],
                    n_conv_per_stage_decoder=keywords["n_conv_per_stage_decoder"],
                    conv_kernel_sizes=keywords["kernel_sizes"],
                    pool_op_kernel_sizes=keywords["strides"],
                )
        elif value == "renamed":
            plans["foreground_intensity_properties_by_modality"] = plans.pop(path)
        else:
            set_in(plans, path, value)
    return plans


LABELS = {"background": 0, "a": 1, "b": 2}
REGIONS = {"background": 0, "whole": [1, 2], "core": [2]}
DATA_SET = {"channel_names": {"0": "MRI"}, "labels": LABELS, "numTraining": 6, "file_ending": ".nii.gz"}
DATA_SET_EDITS = {
    "plain": {},
    "labels as text": {"labels": {"background": "0", "a": "1", "b": "2"}},
    "channels as in file names": {"channel_names": {"0000": "T1", "0001": "T2"}},
    "no count": {"numTraining": DELETE},
    "count as text": {"numTraining": "6"},
    "early key": {"channel_names": DELETE, "modality": {"0": "MRI"}},
    "notes of any kind": {"name": 5, "description": {"text": "x"}, "reference": [["a"], {"b": 1}],
                          "licence": None, "release": True, "tensorImageSize": "4D", "extra": [{}]},
    "regions": {"labels": REGIONS, "regions_class_order": [1, 2]},
    "regions as text": {"labels": {"background": "0", "whole": ["1", "2"], "core": ["2"]},
                        "regions_class_order": [1, 2]},
    "regions without order": {"labels": REGIONS},
    "ignore": {"labels": {**LABELS, "ignore": 3}},
    "ignore in between": {"labels": {"background": 0, "ignore": 1, "b": 2}},
    "no background": {"labels": {"a": 1}},
    "reader": {"overwrite_image_reader_writer": "NibabelIO"},
    "no reader": {"overwrite_image_reader_writer": None},
}


def heads(dataset: dict):
    labels = LabelManager(dataset["labels"], dataset.get("regions_class_order"))
    names = dataset.get("channel_names", dataset.get("modality"))
    return {
        "heads": labels.num_segmentation_heads, "regions": labels.has_regions,
        "foreground": [int(label) for label in labels.foreground_labels],
        "ignore": labels.ignore_label, "channels": list(names.values()),
        "ending": dataset["file_ending"],
    }


def or_null(function, *arguments):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return function(*arguments)
    except Exception:  # Whatever nnunetv2 raises for files that it cannot use.
        return None


def tell(kind: str, name: str, **values):
    print(json.dumps({"kind": kind, "name": name, **values}), flush=True)


def main():
    base = None
    for name, one in inputs():
        text = golden.plan_text(one)
        folder = golden.ROOT / "nnUNet_preprocessed" / golden.NAME
        base = base or text
        plans = json.loads(text)
        tell("planned", name, input=one, plans=text,
             fingerprint=(folder / "dataset_fingerprint.json").read_text(),
             dataset=(golden.ROOT / "nnUNet_raw" / golden.NAME / "dataset.json").read_text())
        tell("plans", f"as planned: {name}", plans=text, configurations={
            each: or_null(resolved, plans, each) for each in plans["configurations"]})
    base = json.loads(golden.plan_text(golden.case(
        [[1.0, 1.0, 1.0]], [[90, 100, 80]], channels=["T1"], plansName="nnUNetPlans")))
    for name, edit in EDITS.items():
        plans = edited(base, edit)
        tell("plans", name, plans=json.dumps(plans, indent=4), configurations={
            each: or_null(resolved, plans, each) for each in plans["configurations"]})
    for name, edit in DATA_SET_EDITS.items():
        dataset = copy.deepcopy(DATA_SET)
        for path, value in edit.items():
            set_in(dataset, path, value)
        tell("dataset", name, dataset=json.dumps(dataset), heads=or_null(heads, dataset))
    for name, splits in {
        "usual": [{"train": ["a", "b"], "val": ["c"]}, {"train": ["b", "c"], "val": ["a"]}],
        "one fold": [{"train": ["a", "b", "c"], "val": []}],
        "more keys": [{"train": ["a"], "val": ["b"], "test": ["c"], "seed": 3}],
    }.items():
        tell("splits", name, splits=json.dumps(splits), folds=[[f["train"], f["val"]] for f in splits])


main()
