"""Writes readers.json: how nnU-Net's readers read scans of all orientations and write label maps.

Made with nnunetv2 2.8.1, nibabel 5.4.2, SimpleITK 2.5.7 and numpy 2.4.6:

    python readers.py  (writes readers.json to this folder)

Each case is one volume, stored with its axes permuted and mirrored in one of 48 ways, upright or
oblique. A case has what a reader returns, and what the file that it writes holds. Voxels are lists in
file order (x fastest); equal ones are stored once and given by their index.
"""

import itertools
import json
import os
import pickle
import base64
import tempfile

import nibabel as nib
import numpy as np
import SimpleITK as sitk
from nnunetv2.imageio.nibabel_reader_writer import NibabelIO, NibabelIOWithReorient
from nnunetv2.imageio.simpleitk_reader_writer import SimpleITKIO, SimpleITKIOWithReorient

READERS = [NibabelIO, NibabelIOWithReorient, SimpleITKIO, SimpleITKIOWithReorient]
SHAPE = (4, 3, 2)
SPACING = (1.5, 2.0, 3.0)
VALUES = np.arange(24, dtype=np.uint8).reshape(SHAPE, order="F")


def rotation(axis, degrees):
    a, b = [i for i in range(3) if i != axis]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(3)
    matrix[[a, a, b, b], [a, b, a, b]] = c, -s, s, c
    return matrix


TURNS = {
    "upright": np.eye(3),
    "oblique": rotation(0, 20) @ rotation(1, -15) @ rotation(2, 35),
    "nearly a tie": rotation(2, 44.9),
    "strongly oblique": rotation(0, 50) @ rotation(1, 40) @ rotation(2, 48),
}


def stored(turn, permutation, signs):
    affine = np.eye(4)
    affine[:3, :3] = TURNS[turn] @ np.diag(SPACING)
    affine[:3, 3] = [-10, 20, 30.5]
    image = nib.Nifti1Image(VALUES, affine)
    return image.as_reoriented(np.array([permutation, signs]).T)


def orientations():
    """The letters that SimpleITK gives directions in LPS, exact ties between axes among them."""
    half = np.sqrt(0.5)
    plane = np.array([[half, -half, 0], [half, half, 0], [0, 0, 1]])
    third = np.array([[2, -1, 2], [2, 2, -1], [-1, 2, 2]]) / 3
    for base in (plane, plane[[1, 2, 0]], plane[:, [2, 0, 1]], third):
        for order in itertools.permutations(range(3)):
            for signs in ((1, 1, 1), (-1, 1, 1), (1, -1, -1), (-1, -1, -1)):
                direction = base[:, order] * signs
                codes = sitk.DICOMOrientImageFilter.GetOrientationFromDirectionCosines(
                    direction.flatten().tolist()
                )
                yield {"direction": direction.flatten().tolist(), "codes": codes}


def main():
    volumes = []

    def index(values):
        values = [int(value) for value in values]
        if values not in volumes:
            volumes.append(values)
        return volumes.index(values)

    def rounded(values):
        return [float(f"{value:.7g}") + 0 for value in np.ravel(values)]

    cases = []
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "a.nii.gz"), os.path.join(folder, "b.nii.gz")
        for turn in TURNS:
            for permutation in itertools.permutations(range(3)):
                for signs in itertools.product((1, -1), repeat=3):
                    image = stored(turn, permutation, signs)
                    nib.save(image, source)
                    case = {
                        "turn": turn,
                        "permutation": permutation,
                        "signs": signs,
                        "shape": image.shape,
                        "values": index(np.asarray(image.dataobj).flatten(order="F")),
                        "affine": rounded(image.affine[:3]),
                        "readers": {},
                    }
                    for reader in READERS:
                        data, properties = reader().read_images((source,))
                        reader().write_seg(data[0].astype(np.uint8), target, properties)
                        written = nib.load(target)
                        found = {
                            "shape": data.shape[1:],
                            "values": index(data.flatten()),
                            "spacing": rounded(properties["spacing"]),
                            "written": index(np.asarray(written.dataobj).flatten(order="F")),
                            "writtenAffine": rounded(written.affine[:3]),
                        }
                        if turn == "oblique" and reader.__name__.endswith("Reorient"):
                            found["properties"] = base64.b64encode(pickle.dumps(properties)).decode()
                        case["readers"][reader.__name__] = found
                    cases.append(case)
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "readers.json")
    with open(out, "w") as file:
        lines = ",\n ".join(json.dumps(case) for case in cases)
        file.write(f'{{"volumes": {json.dumps(volumes)},\n"cases": [\n {lines}\n],\n')
        lines = ",\n ".join(json.dumps(each) for each in orientations())
        file.write(f'"orientations": [\n {lines}\n]}}\n')
    print(len(cases), "cases,", len(volumes), "volumes")


main()
