"""nnU-Net's side of inference.ts.

The first line is a folder for nnU-Net's files. Each following line requests a model, which nnU-Net's
trainer trains for a few steps, and predictions of scans by nnU-Net's predictor.
"""

import contextlib
import json
import os
import sys

root = json.loads(sys.stdin.readline())["folder"]
for name in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ[name] = os.path.join(root, name)
os.environ["nnUNet_compile"] = "false"

import numpy as np
import torch
from batchgenerators.utilities.file_and_folder_operations import save_json
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.label_handling.label_handling import convert_labelmap_to_one_hot

device = torch.device("cpu")


def batch_of(trainer, job, generator):
    """Patches of a case around random voxels, and their labels at every resolution."""
    configuration = trainer.configuration_manager
    data, labels, _ = configuration.preprocessor_class(verbose=False).run_case(
        job["images"][0], job["labels"][0], trainer.plans_manager, configuration,
        trainer.dataset_json)
    if configuration.previous_stage_name is not None:
        foreground = trainer.label_manager.foreground_labels
        data = np.vstack((data, convert_labelmap_to_one_hot(labels[0], foreground, data.dtype)))
    patch = configuration.patch_size
    inner = [1] * (3 - len(patch)) + list(patch)
    missing = [max(0, p - s) for p, s in zip(inner, data.shape[1:])]
    pads = [(0, 0)] + [(0, m) for m in missing]
    data, labels = np.pad(data, pads), np.pad(np.maximum(labels, 0), pads)
    images, targets = [], []
    for _ in range(configuration.batch_size):
        start = [generator.integers(s - p + 1) for s, p in zip(data.shape[1:], inner)]
        box = (slice(None), *(slice(b, b + p) for b, p in zip(start, inner)))
        shape = (-1, *patch)
        images.append(data[box].reshape(shape))
        targets.append(labels[box].reshape(shape))
    target = torch.from_numpy(np.stack(targets)).float()
    if trainer.label_manager.has_regions:
        regions = [r if isinstance(r, (tuple, list)) else (r,)
                   for r in trainer.label_manager.foreground_regions]
        target = torch.cat([sum((target == l).float() for l in r) for r in regions], 1)
    scales = trainer._get_deep_supervision_scales()
    return {
        "data": torch.from_numpy(np.stack(images)).float(),
        "target": [target[(..., *(slice(None, None, round(1 / f)) for f in scale))]
                   for scale in scales],
    }


def train(job):
    torch.manual_seed(0)
    preprocessed = os.path.join(os.environ["nnUNet_preprocessed"], job["plans"]["dataset_name"])
    for configuration in job["plans"]["configurations"].values():
        if "data_identifier" in configuration:
            folder = os.path.join(preprocessed, configuration["data_identifier"])
            os.makedirs(folder, exist_ok=True)
            open(os.path.join(folder, "case.b2nd"), "w").close()  # The trainer only checks endings.
    plans = {**job["plans"], "continue_training": False}  # The trainer removes it.
    trainer = nnUNetTrainer(plans, job["configuration"], job["fold"], job["dataset"], device)
    trainer.initialize()
    for group in trainer.optimizer.param_groups:
        group.update(lr=job["learningRate"], momentum=job["momentum"])
    generator = np.random.default_rng(job["fold"])
    for _ in range(job["steps"]):
        trainer.train_step(batch_of(trainer, job, generator))
    trainer.inference_allowed_mirroring_axes = tuple(range(len(
        trainer.configuration_manager.patch_size)))
    save_json(job["plans"], os.path.join(trainer.output_folder_base, "plans.json"), sort_keys=False)
    save_json(job["dataset"], os.path.join(trainer.output_folder_base, "dataset.json"),
              sort_keys=False)
    trainer.save_checkpoint(os.path.join(trainer.output_folder, "checkpoint_final.pth"))
    return trainer.output_folder_base


def predict(job, model):
    predictor = nnUNetPredictor(device=device, allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(model, job["folds"])
    # nnU-Net sums logits in half precision; the second run uses single precision.
    for precision, name in ((torch.float16, "half"), (torch.float32, "single")):
        torch.half = precision
        folder = os.path.join(job["output"], name)
        os.makedirs(folder, exist_ok=True)
        predictor.predict_from_files_sequential(
            job["images"], [os.path.join(folder, name) for name in job["names"]],
            save_probabilities=name == "single",
            folder_with_segs_from_prev_stage=job.get("previous"))
    patch = torch.from_numpy(np.fromfile(job["patch"], "<f4").reshape(job["patch_shape"]))
    logits = 0
    with torch.no_grad():
        for weights in predictor.list_of_parameters:
            predictor.network.load_state_dict(weights)
            logits = logits + predictor._internal_maybe_mirror_and_predict(patch)
    logits = logits / len(predictor.list_of_parameters)
    logits.numpy().astype("<f4").tofile(job["patch"] + ".logits")


for line in sys.stdin:
    job = json.loads(line)
    with contextlib.redirect_stdout(sys.stderr if job.get("loud") else open(os.devnull, "w")):
        models = {train({**job, "fold": fold}) for fold in job["folds"]}
        predict(job, next(iter(models)))
    print(json.dumps({"model": next(iter(models))}), flush=True)
