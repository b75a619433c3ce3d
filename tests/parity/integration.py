"""Runs a script of nnunetv2 unchanged, but with its networks on the CPU, as ours are.

Arguments: the script's path, and its own. The script's last step predicts cascades without their
first stage, which nnunetv2 2.8.1 refuses; here the first stage is predicted with the same folds, as
the script's comment says. nnunetv2 sums the logits of overlapping patches in half precision, which
decides voxels whose classes nearly tie; here it sums in single precision, as ours does.
"""

import runpy
import sys
from functools import wraps
from os.path import abspath, dirname, join


def prepare() -> None:
    sys.path.insert(0, dirname(dirname(abspath(__file__))))
    # First: nnunetv2 imports torchvision when it looks for a trainer, and PyPI's does not fit torch.
    import without_torchvision  # noqa: F401
    import torch
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor as Predictor

    torch.half = torch.float32
    on_cpu = lambda value: torch.device("cpu") if isinstance(value, torch.device) else value
    Predictor.__init__.__defaults__ = tuple(map(on_cpu, Predictor.__init__.__defaults__))
    initialize = Predictor.initialize_from_trained_model_folder
    predict = Predictor.predict_from_files

    def initialize_and_note(self, folder, folds, *args, **options):
        self.opened = folder, folds
        return initialize(self, folder, folds, *args, **options)

    @wraps(predict)  # It writes its arguments, by the names of its signature, to a file.
    def predict_with_first_stage(self, source, output, save_probabilities=False, **options):
        first = self.configuration_manager.previous_stage_name
        if first is not None and options.get("folder_with_segs_from_prev_stage") is None:
            folder, folds = self.opened
            stage = Predictor(verbose=False, allow_tqdm=False)
            name = "__".join([*folder.rstrip("/").split("/")[-1].split("__")[:2], first])
            stage.initialize_from_trained_model_folder(join(dirname(folder.rstrip("/")), name), folds)
            labels = join(output, f"{first}_predictions")
            predict(stage, source, labels, False, overwrite=True)
            options["folder_with_segs_from_prev_stage"] = labels
        return predict(self, source, output, save_probabilities, **options)

    Predictor.initialize_from_trained_model_folder = initialize_and_note
    Predictor.predict_from_files = predict_with_first_stage


if __name__ == "__main__":
    script, *arguments = sys.argv[1:]
    sys.argv = [script, *arguments]
    prepare()
    runpy.run_path(script, run_name="__main__")
