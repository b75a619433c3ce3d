"""Writes distances by SciPy, and disks and balls by scikit-image.

Pinned: scipy 1.17.1, scikit-image 0.26.0, numpy 2.4.6.
Run: python tests/golden/morphology.py, which writes morphology.json to this folder.
"""
import json
from pathlib import Path

import numpy as np
from scipy.ndimage import distance_transform_edt
from skimage.morphology import ball, disk


def main():
    rng = np.random.default_rng(5)
    distances = []
    for shape, spacing, count in [((4, 7, 19), (3.0, 0.7, 0.7), 5), ((1, 9, 8), (1, 1, 1), 3),
                                  ((6, 5, 1), (0.5, 2, 1), 1), ((5, 6, 35), (1, 1.2, 5), 40)]:
        mask = np.zeros(shape, np.uint8)
        mask.ravel()[rng.choice(mask.size, count, replace=False)] = 1
        edt = distance_transform_edt(mask == 0, sampling=spacing)
        distances.append(dict(shape=shape, spacing=spacing, sources=np.flatnonzero(mask).tolist(),
                              distances=[float(f"{each:.9g}") for each in edt.ravel()]))
    elements = [dict(radius=radius, axes=axes, shape=element.shape,
                     data="".join(map(str, element.ravel())))
                for radius in (1, 2, 3, 1.5, 2.37, 4.8)
                for axes, element in ((2, disk(radius)), (3, ball(radius)))]
    Path(__file__).with_name("morphology.json").write_text(
        json.dumps(dict(distances=distances, elements=elements)) + "\n")


if __name__ == "__main__":
    main()
