"""Writes connected components as nnU-Net finds them, and the largest one.

Pinned: acvl-utils (as nnunetv2 2.8.1 installs it), scikit-image 0.26.0, numpy 2.4.6.
Run: python tests/golden/components.py, which writes components.json to this folder.
"""
import json
from pathlib import Path

import numpy as np
from nnunetv2.postprocessing.remove_connected_components import \
    remove_all_but_largest_component_from_segmentation
from skimage.measure import label

CASES = [((9, 11), 2, 0.45), ((1, 9, 12), 3, 0.5), ((5, 6, 7), 2, 0.3), ((4, 7, 9), 3, 0.55), ((17,), 2, 0.5)]


def main():
    rng = np.random.default_rng(11)
    cases = []
    for shape, labels, share in CASES:
        data = np.where(rng.random(shape) < share, rng.integers(1, labels + 1, shape), 0).astype(np.uint8)
        kept = remove_all_but_largest_component_from_segmentation(data, [1, 2])
        cases.append(dict(
            shape=shape,
            data=data.ravel().tolist(),
            sizes={connectivity: {
                str(each): np.bincount(label(data == each, connectivity=hops).ravel())[1:].tolist()
                for each in range(1, labels + 1)
            } for connectivity, hops in (("faces", 1), ("corners", None))},
            largestOf12=kept.ravel().tolist(),
        ))
    Path(__file__).with_name("components.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
