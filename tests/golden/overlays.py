"""Writes overlays.json: slices that nnU-Net chooses to plot, and its pixels with our class colours.

Made with nnunetv2 2.8.1 and numpy 2.4.6.
"""

import json
import os
from pathlib import Path
from tempfile import gettempdir

for name in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ[name] = gettempdir()

import numpy as np
from nnunetv2.utilities.overlay_plots import generate_overlay, select_slice_to_plot2

# classColor(0), classColor(1), classColor(2); the first entry is for the background.
COLORS = ("000000", "e69f00", "56b4e9", "009e73")


def case(name: str, seed: int, shape: tuple, labels: list, intensity: float) -> dict:
    random = np.random.default_rng(seed)
    image = (random.random(shape) * 400 - 100).round(1).astype(np.float32)
    segmentation = random.choice(labels, shape).astype(np.int16)
    chosen = select_slice_to_plot2(image, segmentation)
    # -1, outside of the cropped scan, is drawn as the background is.
    mapping = {label: max(label, 0) for label in labels}
    pixels = generate_overlay(image[chosen], segmentation[chosen], mapping, COLORS, intensity)
    return {
        "name": name,
        "shape": shape,
        "image": image.ravel().tolist(),
        "segmentation": segmentation.ravel().tolist(),
        "intensity": intensity,
        "slice": chosen,
        "pixels": pixels.ravel().tolist(),
    }


golden = [
    case("two classes", 1, (4, 5, 6), [0, 0, 0, 1, 2], 0.6),
    case("rare class decides", 2, (6, 3, 4), [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3], 0.6),
    case("cropped", 3, (3, 5, 5), [-1, 0, 1, 2, 3], 0.3),
    case("one slice, strong colours", 4, (1, 4, 7), [0, 1], 2.0),
]
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
