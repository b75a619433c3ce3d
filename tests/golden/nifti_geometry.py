"""Writes nifti_geometry.json: how SimpleITK and nibabel resolve the geometry of NIfTI headers.

Made with nibabel 5.4.2, numpy 2.4.6 and SimpleITK 2.5.7:

    python nifti_geometry.py  (writes nifti_geometry.json to this folder)

Headers are a grid over the codes of sform and qform, their matrices and quaternions, voxel sizes and
units: plain, zero, singular, sheared, not finite. A case names the parts that its header is made of.
Results are indices into the list of results; null means that the library cannot read the file, and
"hangs" that ITK 5.4 never returns from it. Numbers that JSON does not have are strings.
"""

import itertools
import json
import multiprocessing
import os
import struct
import tempfile
import warnings

import nibabel as nib
import numpy as np
import SimpleITK as sitk
from nibabel.orientations import io_orientation

warnings.simplefilter("ignore")
sitk.ProcessObject.SetGlobalWarningDisplay(False)
nib.imageglobals.logger.setLevel(100)

SHAPE = (4, 3, 2)
OFFSET = (-11.5, 7.25, 30.0)
f32 = np.float32
nan, inf = float("nan"), float("inf")

QUATERNIONS = {
    "identity": (0, 0, 0),
    "turned": (0.1, -0.2, 0.3),
    "half": (0, 1, 0),
    "half, rounded": (f32(np.sqrt(0.5)), f32(np.sqrt(0.5)) * f32(1 + 2e-7), 0),
    "long": (0.8, 0.7, 0.1),
    "slightly long": (0.6, 0.8, 0.001),
    "quarter": (0, 0, np.sqrt(0.5)),
    "nan": (nan, 0, 0),
    "infinite": (0, inf, 0),
}
# qfac, then the spacing.
PIXDIMS = {
    "plain": (1, 1.5, 2, 3),
    "mirrored": (-1, 1.5, 2, 3),
    "no qfac": (0, 1.5, 2, 3),
    "odd qfac": (0.5, 1.5, 2, 3),
    "zero": (1, 1.5, 2, 0),
    "all zero": (1, 0, 0, 0),
    "negative": (1, 1.5, -2, 3),
    "nan": (1, 1.5, nan, 3),
    "infinite": (1, inf, 2, 3),
    "nan qfac": (nan, 1.5, 2, 3),
}


def rotation(b, c, d):
    a = np.sqrt(max(0, 1 - b * b - c * c - d * d))
    a, b, c, d = np.array([a, b, c, d]) / np.linalg.norm([a, b, c, d])
    return np.array([
        [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
    ])


def rows(matrix, offset=OFFSET):
    return np.hstack([matrix, np.array(offset)[:, None]]).astype(f32)


TURNED = rotation(0.1, -0.2, 0.3) @ np.diag([1.5, 2, 3])
OTHER = rotation(-0.3, 0.6, 0.2) @ np.diag([1.5, 2, 3])
SHEAR = np.eye(3)
SHEAR[0, 1] = 0.2
SMALL_SHEAR = np.eye(3)
SMALL_SHEAR[0, 1] = 2e-5
LARGER_SHEAR = np.eye(3)
LARGER_SHEAR[0, 1] = 1e-3


def changed(matrix, row, column, value):
    result = matrix.copy()
    result[row, column] = value
    return result


SFORMS = {
    "turned": rows(TURNED),
    "turned, elsewhere": rows(TURNED, (1, 2, 3)),
    "turned, moved a little": rows(TURNED, np.array(OFFSET) + [2e-5, 0, 0]),
    "turned, rounded": rows(TURNED * (1 + 2e-6)),
    "turned, other size": rows(TURNED * 1.25),
    "turned, a little sheared": rows(TURNED @ SMALL_SHEAR),
    "turned, more sheared": rows(TURNED @ LARGER_SHEAR),
    "other": rows(OTHER),
    "identity": rows(np.diag([1.5, 2, 3])),
    "mirrored": rows(np.diag([-1.5, 2, 3])),
    "permuted": rows(np.array([[0, 0, 3], [-1.5, 0, 0], [0, 2, 0]])),
    "sheared": rows(OTHER @ SHEAR),
    "strongly sheared": rows(np.array([[1.5, 1.9, 0.4], [0, 0.3, 2.5], [0.1, 0.2, 1.6]])),
    "zero": rows(np.zeros((3, 3)), (0, 0, 0)),
    "zero column": rows(changed(changed(changed(TURNED, 0, 2, 0), 1, 2, 0), 2, 2, 0)),
    "zero row": rows(changed(changed(changed(TURNED, 2, 0, 0), 2, 1, 0), 2, 2, 0)),
    "same columns": rows(np.stack([TURNED[:, 0], TURNED[:, 0], TURNED[:, 2]], 1)),
    "dependent columns": rows(np.stack([TURNED[:, 0], TURNED[:, 1], TURNED[:, 0] - TURNED[:, 1]], 1)),
    "flat": rows(np.array([[1, 0, 1], [0, 1, 1], [0, 0, 1e-9]])),
    "one column": rows(np.outer([1, 2, 3], [1, 1, 1])),
    "nan": rows(changed(TURNED, 1, 1, nan)),
    "nan offset": rows(TURNED, (0, nan, 0)),
    "infinite": rows(changed(TURNED, 1, 1, inf)),
    "ties": rows(np.array([[1, 1, 0], [1, -1, 0], [0, 0, 1]])),
    "many ties": rows(np.array([[1, 1, -2], [1, -2, 1], [-2, 1, 1]])),
    "large": rows(TURNED * 1e4),
    "tiny": rows(TURNED * 1e-4),
}


def header(case):
    h = bytearray(352)
    struct.pack_into("<i", h, 0, 348)
    struct.pack_into("<8h", h, 40, len(SHAPE), *SHAPE, 1, 1, 1, 1)
    struct.pack_into("<hh", h, 70, 2, 8)
    struct.pack_into("<8f", h, 76, *PIXDIMS[case["pixdim"]], 1, 1, 1, 1)
    struct.pack_into("<f", h, 108, 352)
    h[123] = case["units"]
    struct.pack_into("<hh", h, 252, case["qform"], case["sform"])
    struct.pack_into("<6f", h, 256, *QUATERNIONS[case["quaternion"]], *OFFSET)
    struct.pack_into("<12f", h, 280, *SFORMS[case["matrix"]].flatten())
    h[344:348] = b"n+1\0"
    return bytes(h)


def grid():
    codes = (0, 1, 2, 3, 4)
    plain = {"units": 2, "pixdim": "plain", "quaternion": "turned"}
    for s, q, matrix in itertools.product(codes, codes, ["turned", "other", "sheared", "zero"]):
        yield {**plain, "sform": s, "qform": q, "matrix": matrix}
    for s, q, matrix in itertools.product((1, 2, 4), (0, 1, 3), SFORMS):
        yield {**plain, "sform": s, "qform": q, "matrix": matrix}
    for s, q, quaternion, matrix in itertools.product(
        (0, 1, 2), (0, 1, 2), QUATERNIONS, ["turned", "identity", "sheared"]
    ):
        yield {**plain, "sform": s, "qform": q, "quaternion": quaternion, "matrix": matrix}
    for (s, q), pixdim, matrix in itertools.product(
        ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1)), PIXDIMS, ["turned", "permuted"]
    ):
        yield {**plain, "sform": s, "qform": q, "pixdim": pixdim, "matrix": matrix}
    for (s, q), units in itertools.product(
        ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1)), (0, 1, 2, 3, 4, 7, 9, 10, 19, 26)
    ):
        yield {**plain, "sform": s, "qform": q, "units": units, "matrix": "other"}
    for s, q in itertools.product((-1, 0, 1, 5, 6, 300), (-1, 0, 1, 5, 6, 300)):
        yield {**plain, "sform": s, "qform": q, "matrix": "other"}


def with_itk(path):
    try:
        image = sitk.ReadImage(path)
    except RuntimeError:
        return None
    direction = np.array(image.GetDirection()).reshape(3, 3)
    affine = np.diag([-1, -1, 1]) @ np.hstack([
        direction @ np.diag(image.GetSpacing()),
        np.array(image.GetOrigin())[:, None],
    ])
    return {"spacing": image.GetSpacing(), "affine": affine.flatten().tolist()}


def with_itk_in_time(path, case):
    """Reads files that ITK may not return from in another process."""
    if case["sform"] <= 0 or np.isfinite(SFORMS[case["matrix"]]).all():
        return with_itk(path)
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=lambda: queue.put(with_itk(path)))
    process.start()
    process.join(2)
    if process.is_alive():
        process.kill()
        return "hangs"
    return queue.get()


def with_nibabel(path):
    try:
        image = nib.load(path)
        return {
            "spacing": [float(zoom) for zoom in image.header.get_zooms()],
            "affine": image.affine[:3].flatten().tolist(),
        }
    except Exception:
        return None


def reoriented(path):
    """As nnU-Net's NibabelIOWithReorient reads the file."""
    try:
        image = nib.load(path)
        orientation = io_orientation(image.affine)
        image = image.as_reoriented(orientation)
        return {
            "spacing": [float(zoom) for zoom in image.header.get_zooms()],
            "affine": image.affine[:3].flatten().tolist(),
            "axes": orientation[:, 0].astype(int).tolist(),
            "flipped": (orientation[:, 1] < 0).tolist(),
        }
    except Exception:
        return None


def plain_json(value):
    if isinstance(value, dict):
        return {key: plain_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(each) for each in value]
    if isinstance(value, np.ndarray):
        return plain_json(value.flatten().tolist())
    if isinstance(value, (float, np.floating)):
        value = float(value)
        if not np.isfinite(value):
            return str(value)
        return float(f"{value:.9g}")
    return value


def main():
    results, indices, cases, seen = [], {}, [], set()

    def index(result):
        if result is None or result == "hangs":
            return result
        text = json.dumps(plain_json(result))
        if text not in indices:
            indices[text] = len(results)
            results.append(json.loads(text))
        return indices[text]

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.nii")
        for case in grid():
            key = json.dumps(case, sort_keys=True)
            if key in seen:
                continue
            seen.add(key)
            with open(path, "wb") as file:
                file.write(header(case) + bytes(range(24)))
            cases.append({
                **case,
                "itk": index(with_itk_in_time(path, case)),
                "nibabel": index(with_nibabel(path)),
                "reoriented": index(reoriented(path)),
            })
    golden = {
        "shape": SHAPE,
        "offset": OFFSET,
        "quaternions": plain_json(QUATERNIONS),
        "pixdims": plain_json(PIXDIMS),
        "sforms": plain_json(SFORMS),
        "results": results,
    }
    parts = [f' "{key}": {json.dumps(value)}' for key, value in golden.items()]
    listed = ",\n  ".join(json.dumps(case) for case in cases)
    parts.append(f' "cases": [\n  {listed}\n ]')
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nifti_geometry.json")
    with open(out, "w") as file:
        file.write("{\n" + ",\n".join(parts) + "\n}\n")
    print(len(cases), "cases,", len(results), "results")


main()
