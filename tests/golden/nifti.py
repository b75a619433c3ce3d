"""Writes nifti.json: small NIfTI files, and what nibabel and nnU-Net's reader read from them.

Made with nibabel 5.4.2, numpy 2.4.6 and SimpleITK 2.5.7:

    python nifti.py > nifti.json

Every entry has the file itself (base64), its values in file order after nibabel's scaling, its affine
and its spacing as in nnU-Net. The affine is nibabel's if a sform or qform is set. If none is, or the
unit is not the millimetre, nibabel and ITK disagree, and ITK's affine is used.
"""

import base64
import json
import os
import sys
import tempfile

import nibabel as nib
import numpy as np
import SimpleITK as sitk

SPACING = (1.5, 2.0, 3.0)
SFORM = np.eye(4)
SFORM[:3, :3] = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]]) @ np.diag(SPACING)
SFORM[:3, 3] = [10, -20, 30]
QFORM = np.eye(4)
QFORM[:3, :3] = np.array([[0, 0, 1.0], [1, 0, 0], [0, 1, 0]]) @ np.diag([1.5, 2, -3])
QFORM[:3, 3] = [-1, -2, -3]
SHEARED = SFORM.copy()
SHEARED[0, 1] += 0.7

VALUES = np.arange(24).reshape(2, 3, 4).transpose(2, 1, 0)  # (x, y, z), x fastest


def itk_affine(image):
    """RAS affine of an ITK image, whose axes are left, posterior, superior."""
    affine = np.eye(4)
    direction = np.array(image.GetDirection()).reshape(3, 3)
    affine[:3, :3] = direction @ np.diag(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    return np.diag([-1, -1, 1, 1]) @ affine


def case(
    name,
    values,
    dtype,
    *,
    sform=(SFORM, 1),
    qform=(None, 0),
    slope=None,
    inter=None,
    big_endian=False,
    nifti2=False,
    units="mm",
    pixdim=SPACING,
    judge="nibabel",
    ending=".nii",
):
    data = values.astype(dtype)
    kind = nib.Nifti2Image if nifti2 else nib.Nifti1Image
    header = kind.header_class(endianness=">" if big_endian else "<")
    header.set_data_dtype(np.dtype(dtype).newbyteorder(">" if big_endian else "<"))
    header.set_data_shape(data.shape)
    header.set_sform(*sform)
    header.set_qform(*qform)
    header.set_zooms(list(pixdim[: data.ndim]) + [1] * (data.ndim - 3))
    header.set_xyzt_units(units)
    header["vox_offset"] = header.single_vox_offset
    if slope is not None:
        header["scl_slope"], header["scl_inter"] = slope, inter
    content = header.binaryblock + bytes(4)
    content += data.astype(data.dtype.newbyteorder(">" if big_endian else "<")).tobytes(order="F")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name + ending)
        with nib.openers.Opener(path, "wb") as file:
            file.write(content)
        image = nib.load(path)
        itk = sitk.ReadImage(path) if judge == "itk" or data.ndim == 2 else None
        with open(path, "rb") as file:
            stored = file.read()
        scaled = np.asarray(image.get_fdata(dtype=np.float64), np.float32)
        affine = itk_affine(itk) if judge == "itk" else image.affine
        spacing = [float(s) for s in (itk.GetSpacing() if itk else image.header.get_zooms())][:3][::-1]
        if data.ndim == 2:
            spacing = [999 * max(spacing), *spacing]
    shape = list(data.shape[:3][::-1])
    return {
        "name": name,
        "ending": ending,
        "file": base64.b64encode(stored).decode(),
        "shape": [1] * (3 - len(shape)) + shape,
        "channels": int(np.prod(data.shape[3:])),
        "spacing": spacing,
        "affine": np.asarray(affine).ravel().tolist(),
        "values": [v if np.isfinite(v) else str(v) for v in scaled.ravel(order="F").tolist()],
    }


signed = VALUES - 12
cases = [case(d, signed, d) for d in ("int8", "int16", "int32", "int64", "float32", "float64")]
cases += [case(d, VALUES, d) for d in ("uint8", "uint16", "uint32", "uint64")]
cases += [
    case(f"{d} big endian", signed, d, big_endian=True)
    for d in ("int16", "int32", "int64", "float32", "float64")
]
large = VALUES.astype(np.int64) * 2**33 - 5 * 2**33 + 7
cases += [
    case("int64 beyond 32 bits", large, "int64"),
    case("int64 beyond 32 bits big endian", large, "int64", big_endian=True),
    case("float32 with NaN", np.where(VALUES == 5, np.nan, VALUES), "float32"),
    case("slope and intercept", signed, "int16", slope=0.1, inter=-1024.5),
    case("slope zero is no scaling", signed, "int16", slope=0, inter=3),
    case("slope NaN is no scaling", signed, "int16", slope=np.nan, inter=np.nan),
    case("sform and qform equal", signed, "int16", qform=(SFORM, 1)),
    case("sform before qform", signed, "int16", qform=(QFORM, 1)),
    case("sform before qform of higher code", signed, "int16", qform=(QFORM, 2)),
    case("qform alone", signed, "int16", sform=(None, 0), qform=(QFORM, 1)),
    case("qform half turn", signed, "int16", sform=(None, 0), qform=(np.diag([-1.5, -2, 3, 1]), 1)),
    case("sform code 0 is ignored", signed, "int16", sform=(SHEARED, 0), qform=(QFORM, 1)),
    case("sheared sform", signed, "int16", sform=(SHEARED, 1)),
    case("pixdim against sform", signed, "int16", pixdim=(1, 1, 1)),
    case("neither form", signed, "int16", sform=(None, 0), judge="itk"),
    case("micrometres", signed, "int16", units="micron", judge="itk"),
    case("metres", signed, "int16", sform=(None, 0), qform=(QFORM, 1), units="meter", judge="itk"),
    case("NIfTI-2", signed, "int16", nifti2=True, qform=(QFORM, 1)),
    case("NIfTI-2 qform", signed, "int16", nifti2=True, sform=(None, 0), qform=(QFORM, 1)),
    case("NIfTI-2 big endian", signed, "float64", nifti2=True, big_endian=True),
    case("compressed", signed, "float32", ending=".nii.gz"),
    case("two dimensions", signed[:, :, 0], "int16", pixdim=(1.5, 2.0)),
    case("one slice of three dimensions", signed[:, :, :1], "int16"),
    case("four dimensions", np.stack([signed, signed * 3], -1), "int16"),
    case("vector in the fifth dimension", np.stack([signed, signed * 3], -1)[..., None, :], "int16"),
]
json.dump({"cases": cases}, sys.stdout, indent=1)
sys.stdout.write("\n")
