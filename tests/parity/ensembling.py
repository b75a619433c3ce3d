"""Makes the validation of three models, lets nnU-Net choose among them, and prints its time.

    GOLDEN_ROOT=folder python ensembling.py labels
"""
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "golden"))
import find_best
import numpy as np

find_best.SHAPE = (24, 48, 40)


def truth():
    labels = np.zeros(find_best.SHAPE, np.uint8)
    labels[4:18, 8:36, 6:20] = 1
    labels[8:20, 10:30, 20:34] = 2
    return labels


if __name__ == "__main__":
    find_best.truth = truth
    find_best.make_tree(**find_best.RUNS[sys.argv[1]])
    from nnunetv2.evaluation.find_best_configuration import (
        dumb_trainer_config_plans_to_trained_models_dict, find_best_configuration)
    models = dumb_trainer_config_plans_to_trained_models_dict(
        ["nnUNetTrainer"], find_best.CONFIGURATIONS, ["nnUNetPlans"])
    begin = time.perf_counter()
    find_best_configuration(find_best.DATASET, models, num_processes=2, folds=[0, 1, 2, 3, 4])
    print(json.dumps(dict(seconds=time.perf_counter() - begin)))
