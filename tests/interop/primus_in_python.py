"""Opens a model of nnUNet_Primus_S_Trainer as nnU-Net does, trains it for a step, and prints, as JSON,
what arrived.

    python primus_in_python.py nnUNet_results MODEL_FOLDER

Writes the result as fold 1 of the same model.
"""

import json
import os
import sys

results, model = sys.argv[1:]
os.environ.update(nnUNet_raw=results, nnUNet_preprocessed=results, nnUNet_results=results)

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import without_torchvision  # noqa: F401, first: nnU-Net imports timm
import numpy as np
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer import nnUNetTrainer as trainer_module
from nnunetv2.training.nnUNetTrainer.primus.primus_trainers import nnUNet_Primus_S_Trainer

# Cases that were preprocessed here are in files of another kind, and none is loaded.
trainer_module.infer_dataset_class = lambda folder: None

torch.set_num_threads(1)
device = torch.device("cpu")
image = torch.from_numpy(np.sin(np.arange(16**3)).reshape(1, 1, 16, 16, 16)).float()


def logits_of(network):
    with torch.no_grad():
        return network.eval()(image).flatten()[::97].tolist()


predictor = nnUNetPredictor(device=device, allow_tqdm=False)
predictor.initialize_from_trained_model_folder(model, (0,))
predicted = logits_of(predictor.network)

with open(f"{model}/plans.json") as plans, open(f"{model}/dataset.json") as dataset:
    # The trainer removes the key that the command line adds.
    made = {**json.load(plans), "continue_training": False}
    trainer = nnUNet_Primus_S_Trainer(made, "3d_fullres", 1, json.load(dataset), device)
stdout = sys.stdout
sys.stdout = sys.stderr
trainer.initialize()
trainer.load_checkpoint(f"{model}/fold_0/checkpoint_final.pth")
first = next(iter(trainer.optimizer.state.values()))
steps = float(first["step"])
group = trainer.optimizer.param_groups[0]
trainer.optimizer.param_groups[0]["lr"] = 3e-4
torch.manual_seed(0)
trainer.network.train()
labels = (image > 0).float()
trained = trainer.train_step({"data": image.repeat(2, 1, 1, 1, 1), "target": labels.repeat(2, 1, 1, 1, 1)})
trainer.logger.log("ema_fg_dice", 0.5, 0)
trainer.save_checkpoint(f"{model}/fold_1/checkpoint_final.pth")
sys.stdout = stdout

print(json.dumps({
    "predicted": predicted,
    "retrained": logits_of(trainer.network),
    "loss": float(trained["loss"]),
    "steps": steps,
    "betas": group["betas"],
    "weightDecay": group["weight_decay"],
    "epoch": trainer.current_epoch,
}))
