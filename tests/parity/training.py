"""nnU-Net's side of training.ts: nnU-Net's trainer and predictor on the CPU.

Reads one job per line as JSON and answers each with a line. The first job has the folders, which
nnU-Net reads from the environment.
"""

import json
import os
import sys
import time
from pathlib import Path

answers = sys.stdout
sys.stdout = sys.stderr  # nnU-Net prints


def new_trainer(job, name="nnUNetTrainer", fold=0):
    import nnunetv2
    import torch
    from nnunetv2.utilities.find_class_by_name import recursive_find_python_class
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    torch.manual_seed(job.get("seed", 0))
    # Called for the format of preprocessed cases, which a job with batches does not need.
    identifier = PlansManager(job["plans"]).get_configuration(job["configuration"]).data_identifier
    folder = Path(os.environ["nnUNet_preprocessed"], job["plans"]["dataset_name"], identifier)
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "none.b2nd").touch()
    folder = str(Path(nnunetv2.__path__[0], "training", "nnUNetTrainer"))
    trainer_class = recursive_find_python_class(folder, name, "nnunetv2.training.nnUNetTrainer")
    trainer = trainer_class({**job["plans"], "continue_training": False}, job["configuration"], fold,
                            job["dataset"], torch.device("cpu"))
    trainer.initialize()
    return trainer


class Doubled:
    """Replaces PyTorch in a module that uses float32 by name."""

    def __getattr__(self, name):
        import torch

        return getattr(torch, "float64" if name == "float32" else name)


def steps(job):
    """Trains on given batches from given weights or resumes a checkpoint; writes a checkpoint.

    With "double", everything is computed in float64.
    """
    import numpy as np
    import torch
    from nnunetv2.training.loss import dice

    trainer = new_trainer(job)
    trainer.configure_rotation_dummyDA_mirroring_and_inital_patch_size()
    if "resume" in job:
        trainer.load_checkpoint(job["resume"])
    else:
        state = torch.load(job["weights"], weights_only=False)["network_weights"]
        trainer.network.load_state_dict(state, strict=True)
    torch.backends.mkldnn.enabled = not job.get("otherKernels", False)
    double = job.get("double", False)
    dice.torch = Doubled() if double else torch
    if double:
        trainer.network.double()
    manager = trainer.label_manager
    transforms = trainer.get_validation_transforms(
        trainer._get_deep_supervision_scales(), is_cascaded=False,
        regions=manager.foreground_regions if manager.has_regions else None,
        ignore_label=manager.ignore_label)
    n, _, *patch = job["shape"]
    losses = []
    with open(job["batches"], "rb") as file:
        file.seek(job.get("skip", 0) * n * (4 * job["shape"][1] + 1) * int(np.prod(patch)))
        for _ in range(job["steps"]):
            data = np.fromfile(file, "<f4", int(np.prod(job["shape"]))).reshape(job["shape"])
            labels = np.fromfile(file, "u1", n * int(np.prod(patch))).reshape(n, 1, *patch)
            samples = [
                transforms(image=torch.from_numpy(image), segmentation=torch.from_numpy(seg.astype("i2")))
                for image, seg in zip(data, labels)
            ]
            targets = [torch.stack(level) for level in zip(*[s["segmentation"] for s in samples])]
            images = torch.stack([s["image"] for s in samples])
            batch = {"data": images.double() if double else images, "target": targets}
            losses.append(float(trainer.train_step(batch)["loss"]))
    trainer.network.float()
    trainer.optimizer.load_state_dict(trainer.optimizer.state_dict())  # momentum, too
    for key in ["train_losses", "val_losses", "mean_fg_dice", "lrs", "epoch_start_timestamps",
                "epoch_end_timestamps"]:
        trainer.logger.log(key, 0.5, trainer.current_epoch)
    trainer.logger.log("dice_per_class_or_region", [0.5] * job["classes"], trainer.current_epoch)
    trainer.save_checkpoint(job["output"])
    return {"losses": losses}


def predict(job):
    """Segments files with a model's folder."""
    import torch
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    predictor = nnUNetPredictor(device=torch.device("cpu"),
                                perform_everything_on_device=False, allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(job["model"], (0,), job["checkpoint"])
    predictor.predict_from_files_sequential(job["images"], job["outputs"],
                                            folder_with_segs_from_prev_stage=job.get("previous"))
    return {}


def preprocess(job):
    from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor

    DefaultPreprocessor(verbose=False).run(job["id"], job["configuration"], job["plans"]["plans_name"], 1)
    return {}


def train(job):
    """Trains a fold as nnU-Net does, data loading and augmentation included, and validates it.

    Everything runs in one thread, so that the random numbers depend only on the seed.
    """
    import numpy as np
    import torch

    torch.set_num_threads(1)
    np.random.seed(job["seed"])
    trainer = new_trainer(job)
    trainer.num_epochs = job["epochs"]
    trainer.num_iterations_per_epoch = job["iterations"]
    trainer.num_val_iterations_per_epoch = 1
    trainer.initial_lr = job["learningRate"]
    trainer.optimizer, trainer.lr_scheduler = trainer.configure_optimizers()
    for group in trainer.optimizer.param_groups:
        group["momentum"] = job["momentum"]
    trainer.run_training()
    trainer.perform_actual_validation()
    summary = json.loads(Path(trainer.output_folder, "validation", "summary.json").read_text())
    return {"dice": summary["foreground_mean"]["Dice"]}


def inputs(job):
    """Initial weights and samples of trainings."""
    import training_inputs

    trainers = [new_trainer({**job, "seed": seed}) for seed in range(job["networks"])]
    return {"weights": training_inputs.weights(trainers),
            "samples": training_inputs.batches(trainers[0], job["batches"])}


under_way = None


def begin(job):
    """Starts a training, whose loaders then prepare batches."""
    global under_way
    under_way = new_trainer(job)
    under_way.on_train_start()
    return {"processes": int(os.environ["nnUNet_n_proc_DA"])}


def go_on(job):
    """Runs part of an epoch of the current training; returns milliseconds in total and waited."""
    import torch

    waited = 0

    def waiting(loader):
        nonlocal waited
        start = time.perf_counter()
        batch = next(loader)
        waited += time.perf_counter() - start
        return batch

    start = time.perf_counter()
    under_way.on_train_epoch_start()
    for _ in range(job["iterations"]):
        under_way.train_step(waiting(under_way.dataloader_train))
    trained, waited_training = time.perf_counter() - start, waited
    with torch.no_grad():
        under_way.on_validation_epoch_start()
        for _ in range(job["validationIterations"]):
            under_way.validation_step(waiting(under_way.dataloader_val))
    return {"milliseconds": 1000 * trained, "waited": 1000 * waited_training,
            "validation": 1000 * (time.perf_counter() - start - trained)}


jobs = {"hello": lambda job: {}, "steps": steps, "predict": predict, "train": train, "preprocess": preprocess,
        "inputs": inputs, "begin": begin, "go on": go_on}

if __name__ == "__main__":
    for line in sys.stdin:
        job = json.loads(line)
        os.environ.update(job.get("environment", {}))
        print(json.dumps(jobs[job["command"]](job)), file=answers, flush=True)
