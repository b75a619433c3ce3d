"""Writes the choice of nnU-Net's find_best_configuration among small models, and its files.

The models' validation comes from a generator that tests/ensembling/crossval_tree.ts reproduces.

Pinned: nnunetv2 2.8.1 (MIC-DKFZ/nnUNet@0e495086), numpy 2.4.6, SimpleITK 2.5.7.
Run: python tests/golden/find_best.py, which writes find_best.json to this folder.
"""
import json
import os
import pickle
import sys
import tempfile
from pathlib import Path

# The workers of a pool import this file again.
ROOT = Path(os.environ.setdefault("GOLDEN_ROOT", tempfile.mkdtemp()))
os.environ.update(nnUNet_raw=f"{ROOT}/raw", nnUNet_preprocessed=f"{ROOT}/preprocessed",
                  nnUNet_results=f"{ROOT}/results")

import numpy as np
import SimpleITK as sitk

sys.path.insert(0, str(Path(__file__).parent))
from lcg import Lcg

DATASET = "Dataset007_Golden"
CONFIGURATIONS = ["2d", "3d_fullres", "3d_lowres"]
SHAPE = (3, 7, 9)
FOLDS = 5
RUNS = {
    "labels": dict(labels={"background": 0, "left": 1, "right": 2}, order=None, bonus=[0.42, 0.45, 0.4]),
    "one model does best": dict(labels={"background": 0, "left": 1, "right": 2}, order=None,
                                bonus=[0.3, 0.9, 0.1]),
    "regions": dict(labels={"background": 0, "whole": [1, 2], "right": 2}, order=[1, 2],
                    bonus=[0.4, 0.4, 0.45]),
}
PROPERTIES = dict(spacing=[1.0, 1.0, 1.0],
                  sitk_stuff=dict(spacing=(1.0, 1.0, 1.0), origin=(0.0, 0.0, 0.0),
                                  direction=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)))


def truth():
    labels = np.zeros(SHAPE, np.uint8)
    labels[:, 1:5, 1:4] = 1
    labels[:, 1:5, 4:7] = 2
    return labels


def probabilities(model, case, bonus, regions):
    """Noise, with a bonus for the true label."""
    draw = Lcg(1000 * (model + 1) + case)
    labels = truth().ravel()
    heads = [np.isin(labels, head) for head in ([(1, 2), (2,)] if regions else [(0,), (1,), (2,)])]
    values = np.array([draw.uniform(labels.size) for _ in heads])
    if regions:
        return ((values + 2 * bonus * np.array(heads)) / (1 + 2 * bonus)).astype(np.float32)
    values = values + bonus * np.array(heads)
    total = values[0] + values[1] + values[2]
    return (values / total).astype(np.float32)


def make_tree(labels, order, bonus):
    from nnunetv2.utilities.label_handling.label_handling import LabelManager
    dataset = dict(labels=labels, file_ending=".nii.gz", channel_names={"0": "CT"}, numTraining=FOLDS,
                   **({"regions_class_order": order} if order else {}))
    plans = dict(plans_name="nnUNetPlans", dataset_name=DATASET, image_reader_writer="SimpleITKIO",
                 label_manager="LabelManager",
                 configurations={name: dict(architecture={}) for name in CONFIGURATIONS})
    write = lambda values, path: sitk.WriteImage(sitk.GetImageFromArray(values.astype(np.uint8)), str(path))
    preprocessed = ROOT / "preprocessed" / DATASET
    (preprocessed / "gt_segmentations").mkdir(parents=True)
    (preprocessed / "nnUNetPlans.json").write_text(json.dumps(plans))
    for case in range(FOLDS):
        write(truth(), preprocessed / "gt_segmentations" / f"c{case}.nii.gz")
    manager = LabelManager(labels, order)
    for model, configuration in enumerate(CONFIGURATIONS):
        folder = ROOT / "results" / DATASET / f"nnUNetTrainer__nnUNetPlans__{configuration}"
        for fold in range(FOLDS):
            validation = folder / f"fold_{fold}" / "validation"
            validation.mkdir(parents=True)
            values = probabilities(model, fold, bonus[model], bool(order)).reshape(-1, *SHAPE)
            np.savez_compressed(validation / f"c{fold}.npz", probabilities=values)
            (validation / f"c{fold}.pkl").write_bytes(pickle.dumps(PROPERTIES))
            write(manager.convert_probabilities_to_segmentation(values), validation / f"c{fold}.nii.gz")
        (folder / "plans.json").write_text(json.dumps(plans))
        (folder / "dataset.json").write_text(json.dumps(dataset))


def main():
    from nnunetv2.evaluation.find_best_configuration import (
        dumb_trainer_config_plans_to_trained_models_dict, find_best_configuration)
    import shutil
    runs = []
    for name, run in RUNS.items():
        shutil.rmtree(ROOT)
        make_tree(**run)
        models = dumb_trainer_config_plans_to_trained_models_dict(["nnUNetTrainer"], CONFIGURATIONS, ["nnUNetPlans"])
        found = find_best_configuration(DATASET, models, num_processes=2, folds=[0, 1, 2, 3, 4])
        best = Path(found["best_model_or_ensemble"]["postprocessing_file"]).parent
        read = lambda path: path.read_text().replace(f"{ROOT}/", "")
        # Upstream's workers finish in any order, so cases are sorted.
        summary = json.loads(read(best / "summary.json"))
        summary["metric_per_case"].sort(key=lambda case: case["prediction_file"])
        runs.append(dict(name=name, **run, best=str(best.relative_to(ROOT)),
                         information=read(ROOT / "results" / DATASET / "inference_information.json"),
                         summary=json.dumps(summary, indent=4, sort_keys=True),
                         postprocessing=read(best / "postprocessing.json")))
    Path(__file__).with_name("find_best.json").write_text(json.dumps(runs, indent=1) + "\n")


if __name__ == "__main__":
    main()
