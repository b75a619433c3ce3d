"""Writes nnU-Net's summaries for small random label maps.

Pinned: nnunetv2 2.8.1 (MIC-DKFZ/nnUNet@0e495086), numpy 2.4.6, SimpleITK 2.5.7.
Run: python tests/golden/evaluation.py, which writes evaluation.json to this folder.
"""
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from nnunetv2.evaluation.evaluate_predictions import compute_metrics_on_folder
from nnunetv2.imageio.simpleitk_reader_writer import SimpleITKIO

SHAPE = (3, 4, 5)
RUNS = {
    "labels": dict(regions_or_labels=[1, 2, 3], ignore_label=None),
    "with background": dict(regions_or_labels=[0, 1, 10], ignore_label=None),
    "regions": dict(regions_or_labels=[(1, 2, 3), (2,), 3], ignore_label=None),
    "ignored": dict(regions_or_labels=[1, 2, 3], ignore_label=4),
}


def draw(rng, labels):
    return rng.choice(labels, SHAPE).astype(np.uint8)


def main():
    target = Path(__file__).with_name("evaluation.json")
    rng = np.random.default_rng(7)
    # A plain case, one without class 2 in either map, and one with class 3 in the prediction only.
    pairs = {
        "a": (draw(rng, [0, 1, 2, 3, 4]), draw(rng, [0, 1, 2, 3])),
        "b": (draw(rng, [0, 1, 3]), draw(rng, [0, 1, 3])),
        "ü": (draw(rng, [0, 0, 1, 2]), draw(rng, [0, 1, 2, 3])),
    }
    summaries = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for position, name in enumerate(("reference", "prediction")):
            os.mkdir(name)
            for case, maps in pairs.items():
                sitk.WriteImage(sitk.GetImageFromArray(maps[position]), f"{name}/{case}.nii.gz")
        for run, options in RUNS.items():
            compute_metrics_on_folder("reference", "prediction", "summary.json", SimpleITKIO(),
                                      ".nii.gz", num_processes=1, **options)
            summaries[run] = dict(
                labels=options["regions_or_labels"],
                ignoreLabel=options["ignore_label"],
                text=Path("summary.json").read_text(),
            )
        os.chdir("/")
    cases = [dict(name=case, reference=maps[0].ravel().tolist(), prediction=maps[1].ravel().tolist())
             for case, maps in pairs.items()]
    target.write_text(json.dumps(dict(shape=SHAPE, cases=cases, summaries=summaries)) + "\n")


if __name__ == "__main__":
    main()
