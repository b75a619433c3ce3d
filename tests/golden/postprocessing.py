"""Writes the decisions of nnU-Net's determine_postprocessing for small label maps, and its files.

Pinned: nnunetv2 2.8.1 (MIC-DKFZ/nnUNet@0e495086), numpy 2.4.6, SimpleITK 2.5.7.
Run: python tests/golden/postprocessing.py, which writes postprocessing.json to this folder.
"""
import base64
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from nnunetv2.postprocessing.remove_connected_components import determine_postprocessing
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

SHAPE = (4, 10, 14)
PLANS = dict(plans_name="nnUNetPlans", dataset_name="Dataset001_Golden", configurations={},
             image_reader_writer="SimpleITKIO", label_manager="LabelManager")
LABELS = {"background": 0, "one": 1, "two": 2, "three": 3}
REGIONS = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "centre": 3}


def box(volume, label, z, y, x):
    volume[slice(*z), slice(*y), slice(*x)] = label


def draw(rng, count, organs):
    """Cubes as labels, and a prediction of the cubes with a rim of errors and some islands."""
    cases = []
    for _ in range(count):
        reference = np.zeros(SHAPE, np.uint8)
        for label, *ranges in organs:
            box(reference, label, *ranges)
        prediction = reference.copy()
        prediction[rng.random(SHAPE) < 0.04] = 0
        cases.append((reference, prediction))
    return cases


def islands(rng, prediction, labels, count):
    for label in labels:
        for _ in range(count):
            z, y, x = (rng.integers(0, extent) for extent in SHAPE)
            if prediction[max(0, z - 1):z + 2, max(0, y - 1):y + 2, max(0, x - 1):x + 2].any():
                continue
            prediction[z, y, x] = label


def runs():
    rng = np.random.default_rng(21)
    together = [(1, (0, 3), (1, 5), (1, 6)), (2, (0, 3), (5, 8), (1, 6)), (3, (1, 4), (1, 8), (6, 8))]
    apart = [(1, (0, 3), (0, 4), (0, 5)), (2, (0, 3), (0, 5), (8, 13)), (3, (1, 4), (7, 10), (2, 9))]

    cases = draw(rng, 3, together)
    for _, prediction in cases:
        islands(rng, prediction, [1, 2, 3], 6)
    yield "foreground helps", LABELS, None, cases

    cases = draw(rng, 3, apart)
    for _, prediction in cases:
        islands(rng, prediction, [1, 3], 6)
    yield "single labels help", LABELS, None, cases

    yield "nothing helps", LABELS, None, draw(rng, 2, apart)

    cases = draw(rng, 3, together)
    for reference, prediction in cases:
        islands(rng, prediction, [1, 3], 5)
        reference[rng.random(SHAPE) < 0.1] = 4
    yield "ignore label", {**LABELS, "ignore": 4}, None, cases

    cases = draw(rng, 3, [(1, (0, 4), (1, 9), (1, 10)), (2, (1, 3), (3, 7), (3, 9)), (3, (1, 3), (4, 6), (4, 7))])
    for _, prediction in cases:
        islands(rng, prediction, [1, 2], 2)
        prediction[2, 1:3, 1:3] = 3  # Islands of an inner region inside an outer one.
        prediction[1, 8, 8:10] = 2
    yield "regions", REGIONS, [1, 2, 3], cases

    cases = draw(rng, 2, [(1, (0, 3), (0, 4), (0, 5))])
    for _, prediction in cases:
        islands(rng, prediction, [1], 4)
    yield "one label", {"background": 0, "one": 1}, None, cases

    # Only label 1's largest component would be left: it gains more than label 2 loses.
    cases = draw(rng, 1, [(1, (0, 3), (0, 4), (0, 5)), (2, (0, 2), (6, 10), (9, 13))])
    for reference, prediction in cases:
        prediction[:] = np.where(reference == 1, 1, 0)
        for x in (7, 9, 11):
            box(prediction, 1, (0, 4), (0, 4), (x, x + 1))
        box(prediction, 2, (0, 1), (6, 7), (8, 10))
    yield "the mean rises but a label falls", {"background": 0, "one": 1, "two": 2}, None, cases

    cases = draw(rng, 1, apart)
    yield "nothing to remove", LABELS, None, [(reference, reference.copy()) for reference, _ in cases]


def main():
    golden = []
    for name, labels, order, cases in runs():
        dataset = dict(labels=labels, file_ending=".nii.gz", channel_names={"0": "CT"},
                       numTraining=len(cases), **({"regions_class_order": order} if order else {}))
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            for position, kind in enumerate(("reference", "prediction")):
                os.mkdir(kind)
                for index, maps in enumerate(cases):
                    sitk.WriteImage(sitk.GetImageFromArray(maps[position]), f"{kind}/c{index}.nii.gz")
            determine_postprocessing("prediction", "reference", PLANS, dataset, num_processes=1)
            after = [sitk.GetArrayFromImage(sitk.ReadImage(f"prediction/postprocessed/c{index}.nii.gz"))
                     for index in range(len(cases))]
            golden.append(dict(
                name=name, labels=labels, regionsClassOrder=order,
                cases=[dict(zip(("reference", "prediction", "after"),
                                ("".join(map(str, each.ravel())) for each in (*maps, post))))
                       for maps, post in zip(cases, after)],
                json=Path("prediction/postprocessing.json").read_text(),
                pickle=base64.b64encode(Path("prediction/postprocessing.pkl").read_bytes()).decode(),
            ))
            os.chdir("/")
    Path(__file__).with_name("postprocessing.json").write_text(
        json.dumps(dict(shape=SHAPE, runs=golden), indent=1) + "\n")


if __name__ == "__main__":
    main()
