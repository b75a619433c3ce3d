"""Writes plans.json: the plans of nnU-Net's planners for given fingerprints.

Made with nnunetv2 2.8.1 and numpy 2.4.6. With a number, as in `python plans.py 300`, it instead
prints that many random fingerprints and their plans, one per line as JSON, in the format of `cases`
in plans.json but without shared constants. All of nnU-Net's planners are used in turn.
"""

import contextlib
import copy
import io
import json
import os
import random
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")  # The residual planners warn about other memory targets.

ROOT = Path(tempfile.mkdtemp())
for variable in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ[variable] = str(ROOT / variable)
os.environ["nnUNet_n_proc_DA"] = "1"

import torch  # noqa: E402
from nnunetv2.experiment_planning.experiment_planners.default_experiment_planner import (  # noqa: E402
    ExperimentPlanner,
)
from nnunetv2.experiment_planning.experiment_planners.resampling import (  # noqa: E402
    planners_no_resampling,
    resample_with_torch,
)
from nnunetv2.experiment_planning.experiment_planners.residual_unets import (  # noqa: E402
    residual_encoder_unet_planners,
)
from nnunetv2.imageio.reader_writer_registry import (  # noqa: E402
    determine_reader_writer_from_dataset_json,
)


def determine_reader_writer(planner):
    # There are no images for choosing a reader.
    return determine_reader_writer_from_dataset_json(planner.dataset_json, None, verbose=False)


ExperimentPlanner.determine_reader_writer = determine_reader_writer

NAME = "Dataset001_Golden"


def planner_class(name: str):
    """A planner of nnU-Net by name."""
    for module in (residual_encoder_unet_planners, resample_with_torch, planners_no_resampling):
        if hasattr(module, name):
            return getattr(module, name)
    assert name == "ExperimentPlanner", name
    return ExperimentPlanner


def plan_text(case: dict) -> str:
    """The text of the plans file for a case."""
    raw, preprocessed = ROOT / "nnUNet_raw" / NAME, ROOT / "nnUNet_preprocessed" / NAME
    for folder in (raw / "imagesTr", preprocessed):
        folder.mkdir(parents=True, exist_ok=True)
    dataset = {
        "channel_names": {str(i): name for i, name in enumerate(case["channels"])},
        "labels": {f"label {i}": i for i in range(case["labels"])},
        "numTraining": case["training"],
        "file_ending": ".nii.gz",
    }
    fingerprint = {
        "spacings": case["spacings"],
        "shapes_after_crop": case["shapes"],
        "median_relative_size_after_cropping": case["relativeSize"],
        "foreground_intensity_properties_per_channel": {
            str(i): dict.fromkeys(
                ("max", "mean", "median", "min", "percentile_00_5", "percentile_99_5", "std"),
                float(i),
            )
            for i in range(len(case["channels"]))
        },
    }
    (raw / "dataset.json").write_text(json.dumps(dataset))
    (preprocessed / "dataset_fingerprint.json").write_text(json.dumps(fingerprint))
    plans = preprocessed / f"{case['plansName']}.json"
    plans.unlink(missing_ok=True)  # The planner would keep the previous case's configurations.
    # Networks are only measured: on the meta device, they take no memory and no time.
    with contextlib.redirect_stdout(io.StringIO()), torch.device("meta"):
        make = planner_class(case.get("planner", "ExperimentPlanner"))
        planner = make(
            NAME,
            case["memory"],
            plans_name=case["plansName"],
            overwrite_target_spacing=case.get("targetSpacing"),
        )
        planner.UNet_base_num_features = case["baseFeatures"]
        planner.plan_experiment()
    return plans.read_text()


def case(spacings, shapes, **options):
    return {
        "spacings": spacings,
        "shapes": shapes,
        "channels": ["MRI"],
        "labels": 3,
        "training": len(shapes),
        "relativeSize": 1.0,
        "memory": 8,
        "baseFeatures": 32,
        "plansName": "nnUNetPlans",
        **options,
    }


def uniform(spacing, shape, **options):
    """A data set whose cases are all equal."""
    return case([[float(s) for s in spacing]], [list(shape)], **options)


CASES = {
    "hippocampus": uniform([1, 1, 1], [36, 50, 35], training=260),
    "isotropic, filling the memory": uniform([1, 1, 1], [138, 169, 138], labels=4, training=484),
    "anisotropic": uniform([3.6, 0.625, 0.625], [20, 320, 319], training=32),
    "thick slices": uniform([5, 1.5625, 1.5625], [18, 237, 208], labels=4, training=200),
    "coarsest axis last": uniform([0.7, 0.8, 5], [512, 512, 30], training=40),
    "coarsest axis in the middle": uniform([1, 4, 1.2], [200, 24, 180], training=40),
    "abdominal CT with a cascade": case(
        [[2.5, 0.8, 0.8], [1.25, 0.7, 0.7], [5.0, 0.9, 0.9], [1.0, 0.75, 0.75]],
        [[120, 512, 512], [300, 512, 512], [60, 512, 500], [430, 512, 512]],
        training=131,
        channels=["CT"],
    ),
    "huge isotropic volume": uniform([0.5, 0.5, 0.5], [700, 800, 900], training=20),
    "10th percentile of the coarse axis": case(
        [[10.0, 1.5, 1.5], [5.0, 1.5, 1.5], [10.0, 1.6, 1.6], [6.5, 1.4, 1.4], [10.0, 1.5, 1.5]],
        [[10, 216, 256], [18, 216, 256], [9, 200, 240], [14, 232, 288], [10, 216, 256]],
    ),
    "10th percentile finer than the other axes": case(
        [[10.0, 1.5, 1.4], [0.5, 1.5, 1.4], [0.6, 1.5, 1.4], [10.0, 1.5, 1.4], [10.0, 1.5, 1.4]],
        [[10, 216, 256], [10, 216, 256], [9, 200, 240], [14, 232, 288], [10, 216, 256]],
    ),
    "coarse axis with many slices": uniform([4, 1, 1], [100, 200, 200]),
    "even number of cases, medians ending in a half": case(
        [[1.0, 1.1, 1.3], [1.0, 0.9, 0.7]], [[35, 50, 37], [40, 55, 36]], training=50
    ),
    "uneven medians of floats": case(
        [[0.1, 0.3, 0.7], [0.2, 0.6, 0.9], [0.3, 0.1, 0.8], [0.7, 0.9, 0.35]],
        [[101, 203, 77], [90, 180, 66], [77, 165, 99], [111, 201, 76]],
    ),
    "2D": uniform([999, 1, 1], [1, 320, 256], channels=["rgb_to_0_1"] * 3, training=80),
    "2D, not square": uniform([999, 0.3, 0.9], [1, 1000, 3000], training=800),
    "tiny": uniform([1, 1, 1], [9, 11, 12], training=10),
    "too small to halve": uniform([1, 1, 1], [5, 7, 6], training=10),
    "one long axis": uniform([1, 1, 1], [6, 7, 90], training=10),
    "two slices": uniform([8, 1, 1], [2, 128, 128], training=30),
    "many labels": uniform([1, 1, 1], [160, 200, 160], labels=107, training=100),
    "two cases only": case([[1.0, 1.0, 1.0]] * 2, [[64, 80, 64], [60, 70, 66]]),
    "masked normalisation": uniform(
        [1, 1, 1],
        [60, 70, 60],
        channels=["T1", "zScore", "CT", "noNorm", "rescale_to_0_1", "rgb_to_0_1"],
        relativeSize=0.5,
    ),
    "small memory": uniform([1, 1, 1], [36, 50, 35], training=260, memory=0.05, baseFeatures=8),
    "fractional memory": uniform([3.6, 0.625, 0.625], [20, 320, 319], memory=0.3, baseFeatures=16),
    "large memory, other name": uniform(
        [1, 1, 1], [300, 400, 350], memory=40, training=300, plansName="nnUNetPlans_40G"
    ),
    "residual encoder": uniform(
        [1, 1, 1],
        [138, 169, 138],
        training=40,
        planner="ResEncUNetPlanner",
        plansName="nnUNetResEncUNetPlans",
    ),
    "residual encoder M": uniform(
        [3.6, 0.625, 0.625],
        [20, 320, 319],
        training=32,
        planner="nnUNetPlannerResEncM",
        plansName="nnUNetResEncUNetMPlans",
    ),
    "residual encoder L with a cascade": uniform(
        [1.0, 0.75, 0.75],
        [430, 512, 512],
        channels=["CT"],
        memory=24,
        planner="nnUNetPlannerResEncL",
        plansName="nnUNetResEncUNetLPlans",
    ),
    "residual encoder XL": uniform(
        [1, 1, 1],
        [300, 400, 350],
        memory=40,
        planner="nnUNetPlannerResEncXL",
        plansName="nnUNetResEncUNetXLPlans",
    ),
    "torch resampling, 2D": uniform(
        [999, 1, 1], [1, 320, 256], planner="nnUNetPlanner_torchres", plansName="nnUNetPlans_torchres"
    ),
    "torch resampling of residual encoder L, 2D": uniform(
        [999, 1, 1],
        [1, 320, 256],
        memory=24,
        planner="nnUNetPlannerResEncL_torchres",
        plansName="nnUNetResEncUNetLPlans_torchres",
    ),
    "torch resampling of separate slices": uniform(
        [5, 1, 1],
        [9, 64, 64],
        memory=24,
        planner="nnUNetPlannerResEncL_torchres_sepz",
        plansName="nnUNetResEncUNetLPlans_torchres_sepz",
    ),
    "no resampling": uniform(
        [1, 1, 1],
        [36, 50, 35],
        memory=24,
        planner="nnUNetPlannerResEncL_noResampling",
        plansName="nnUNetResEncUNetLPlans_noResampling",
    ),
    "target spacing of one's own": uniform(
        [1, 1, 1], [100, 200, 200], targetSpacing=[1.5, 2.5, 0.9]
    ),
    "odd base features": uniform([2, 1, 1], [80, 160, 160], baseFeatures=20, memory=3.7),
    "slices exactly three times as thick as the voxels": case(
        [[z, 1.0, 1.0] for z in (3.0, 3.0, 3.0, 1.5, 2.0)], [[20, 180, 180]] * 5
    ),
    "slices hardly more than three times as thick": case(
        [[z, 1.0, 1.0] for z in (3.2, 3.2, 3.2, 1.5, 2.0)], [[55, 180, 180]] * 5
    ),
    "cascade with slices exactly twice as thick as the voxels": uniform(
        [2, 1, 1], [300, 500, 500], training=20
    ),
    "memory that a patch fills exactly": uniform(
        [1, 1, 1], [128, 128, 128], training=40, memory=452796416 / 560e6 * 8
    ),
}


PLANS_NAMES = {
    "ExperimentPlanner": "nnUNetPlans",
    "ResEncUNetPlanner": "nnUNetResEncUNetPlans",
    "nnUNetPlannerResEncM": "nnUNetResEncUNetMPlans",
    "nnUNetPlannerResEncL": "nnUNetResEncUNetLPlans",
    "nnUNetPlannerResEncXL": "nnUNetResEncUNetXLPlans",
    "nnUNetPlanner_torchres": "nnUNetPlans_torchres",
    "nnUNetPlannerResEncL_torchres": "nnUNetResEncUNetLPlans_torchres",
    "nnUNetPlannerResEncL_torchres_sepz": "nnUNetResEncUNetLPlans_torchres_sepz",
    "nnUNetPlannerResEncL_noResampling": "nnUNetResEncUNetLPlans_noResampling",
}


def random_case(generator: random.Random) -> dict:
    """A random data set, from plausible to unusual."""
    count = generator.choice([5, 6, 7, 10, 33, 200, 2000])
    digits = generator.choice([0, 1, 4, 16])
    base = [generator.choice([0.7, 0.8, 1, 1, 2, 5, 7]) * generator.uniform(0.9, 1.1) for _ in "zyx"]
    top = generator.choice([12, 64, 200, 500, 900])
    extents = [generator.randint(top // 4, top) for _ in "zyx"]
    if generator.random() < 0.3:
        extents[1] = extents[2]
        base[1] = base[2]
    if generator.random() < 0.1:
        axis = generator.randrange(3)
        extents[axis], base[axis] = 1, 999.0
    spread = generator.choice([0, 0.1, 0.5])

    def vary(value):
        return value * generator.uniform(1 - spread, 1 + spread)

    def one_case():
        spacing = [round(max(vary(s), 0.1), digits) or 1.0 for s in base]
        return spacing, [1 if n == 1 else max(2, round(vary(n))) for n in extents]

    cases = [one_case() for _ in range(count)]
    planner = generator.choice(list(PLANS_NAMES))
    return case(
        [spacing for spacing, _ in cases],
        [shape for _, shape in cases],
        labels=generator.choice([2, 3, 5, 20, generator.randint(2, 120)]),
        training=generator.choice([count, count, 20, 300]),
        memory=generator.choice([8, 24, 40, generator.uniform(2, 80)]),
        baseFeatures=generator.choice([32, 32, 16, 8, 24]),
        relativeSize=generator.random(),
        planner=planner,
        plansName=PLANS_NAMES[planner],
    )


def split_constants(plans: dict, constants: dict) -> dict:
    """Moves values that all configurations share to `constants`, to keep the file small."""
    plans = copy.deepcopy(plans)
    for name, configuration in plans["configurations"].items():
        if "inherits_from" in configuration:
            continue
        keywords = configuration["architecture"]["arch_kwargs"]
        for key in ("conv_op", "norm_op"):
            keywords[key] = keywords[key].removesuffix("2d" if name == "2d" else "3d")
        fixed = {
            key: configuration.pop(key)
            for key in list(configuration)
            if key.startswith("resampling") or key == "preprocessor_name"
        }
        varying = ("n_stages", "features_per_stage", "kernel_sizes", "strides")
        varying += ("n_conv_per_stage", "n_blocks_per_stage", "n_conv_per_stage_decoder")
        fixed["architecture"] = configuration.pop("architecture")
        configuration["network"] = {key: keywords.pop(key) for key in varying if key in keywords}
        configuration["network"]["class"] = fixed["architecture"].pop("network_class_name")
        for key, value in fixed.items():
            if constants.setdefault(key, value) != value:
                # Only the planners whose names tell resample otherwise.
                assert key.startswith("resampling"), (key, value)
                configuration[key] = value
    return plans


def main():
    if len(sys.argv) > 1:
        for seed in range(int(sys.argv[1])):
            one = random_case(random.Random(seed))
            try:
                plans = json.loads(plan_text(one))
            except Exception as error:  # Reported, so that the other side can compare.
                plans = None
                print(seed, repr(error), file=sys.stderr)
            print(json.dumps({"name": f"random {seed}", "input": one, "plans": plans}))
        return
    texts = {name: plan_text(one) for name, one in CASES.items()}
    constants: dict = {}
    golden = {
        "cases": [
            {
                "name": name,
                "input": one,
                "plans": split_constants(json.loads(texts[name]), constants),
            }
            for name, one in CASES.items()
        ],
        # As text, to test the order of keys and the format of numbers.
        "texts": {name: texts[name] for name in ("2D", "abdominal CT with a cascade")},
        "constants": constants,
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
