"""Writes the result of nnU-Net's ensemble_folders for random probabilities.

Pinned: nnunetv2 2.8.1 (MIC-DKFZ/nnUNet@0e495086), numpy 2.4.6, SimpleITK 2.5.7.
Run: python tests/golden/ensemble.py, which writes ensemble.json to this folder.
"""
import base64
import json
import pickle
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from nnunetv2.ensembling.ensemble import ensemble_folders

SHAPE = (3, 4, 5)
PLANS = dict(plans_name="nnUNetPlans", dataset_name="Dataset001_Golden", configurations={},
             image_reader_writer="SimpleITKIO", label_manager="LabelManager")
PROPERTIES = dict(spacing=[3.0, 1.0, 0.5],
                  sitk_stuff=dict(spacing=(0.5, 1.0, 3.0), origin=(1.0, 2.0, 3.0),
                                  direction=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)))


def encode(values):
    return base64.b64encode(values.tobytes()).decode()


def main():
    rng = np.random.default_rng(13)
    runs = []
    for name, labels, order, members, dtype in [
            ("three labels, two members", {"background": 0, "a": 1, "b": 2}, None, 2, np.float32),
            ("three members", {"background": 0, "a": 1, "b": 2, "ignore": 3}, None, 3, np.float32),
            ("regions", {"background": 0, "whole": [1, 2], "core": 2}, [1, 2], 3, np.float32),
            ("half precision", {"background": 0, "a": 1, "b": 2}, None, 2, np.float16)]:
        heads = 2 if order else 3
        probabilities = rng.random((members, heads, *SHAPE)).astype(np.float32)
        if not order:
            probabilities /= probabilities.sum(1, keepdims=True)
            probabilities[:, :, 0, 0] = np.float32([0.25, 0.375, 0.375]).reshape(3, 1)  # Ties.
        probabilities = probabilities.astype(dtype)
        dataset = dict(labels=labels, file_ending=".nii.gz", channel_names={"0": "CT"}, numTraining=1,
                       **({"regions_class_order": order} if order else {}))
        with tempfile.TemporaryDirectory() as folder:
            folders = []
            for member, values in enumerate(probabilities):
                path = Path(folder, str(member))
                path.mkdir()
                np.savez_compressed(path / "case.npz", probabilities=values)
                (path / "case.pkl").write_bytes(pickle.dumps(PROPERTIES))
                (path / "dataset.json").write_text(json.dumps(dataset))
                (path / "plans.json").write_text(json.dumps(PLANS))
                folders.append(str(path))
            ensemble_folders(folders, f"{folder}/out", save_merged_probabilities=True, num_processes=1)
            merged = np.load(f"{folder}/out/case.npz")["probabilities"]
            labelled = sitk.GetArrayFromImage(sitk.ReadImage(f"{folder}/out/case.nii.gz"))
        runs.append(dict(name=name, labels=labels, regionsClassOrder=order,
                         members=[encode(values.astype(np.float32)) for values in probabilities],
                         merged=encode(merged), segmentation="".join(map(str, labelled.ravel()))))
    Path(__file__).with_name("ensemble.json").write_text(
        json.dumps(dict(shape=SHAPE, runs=runs), indent=1) + "\n")


if __name__ == "__main__":
    main()
