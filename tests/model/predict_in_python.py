"""Trains a model's fold 0 for three steps with PyTorch, saves its checkpoint, and segments scans with nnU-Net.

python predict_in_python.py MODEL OUTPUT IMAGE...
"""

import sys
from pathlib import Path

import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

model, output, images = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
checkpoint = model / "fold_0" / "checkpoint_final.pth"


def opened():
    predictor = nnUNetPredictor(device=torch.device("cpu"), perform_everything_on_device=False, allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(str(model), (0,), checkpoint.name)
    return predictor


torch.manual_seed(0)
torch.set_num_threads(1)
predictor = opened()
network, configuration = predictor.network, predictor.configuration_manager
network.load_state_dict(predictor.list_of_parameters[0])
network.train()
optimizer = torch.optim.SGD(network.parameters(), 0.05, momentum=0.99, nesterov=True)
for _ in range(3):
    optimizer.zero_grad()
    x = torch.randn(configuration.batch_size, 1, *configuration.patch_size)
    # The brightest voxels are of the second label.
    torch.nn.functional.cross_entropy(network(x), (x[:, 0] > 0.5).long() * 2).backward()
    optimizer.step()
saved = torch.load(checkpoint, weights_only=False)
saved["network_weights"] = network.state_dict()
torch.save(saved, checkpoint)

predictor = opened()
torch.half = torch.float32  # nnU-Net sums logits in half precision
predictor.predict_from_files_sequential(
    [[image] for image in images], [str(output / Path(image).name[: -len("_0000.nii.gz")]) for image in images],
    save_probabilities=True)
