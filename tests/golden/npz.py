"""Writes archives by NumPy, and pickles of the properties that nnU-Net's readers store.

Pinned: nnunetv2 2.8.1 (MIC-DKFZ/nnUNet@0e495086), numpy 2.4.6, SimpleITK 2.5.7, nibabel 5.4.2.
Run: python tests/golden/npz.py, which writes npz.json to this folder.
"""
import base64
import io
import json
import pickle
import tempfile
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK as sitk
from nnunetv2.imageio.nibabel_reader_writer import NibabelIO, NibabelIOWithReorient
from nnunetv2.imageio.simpleitk_reader_writer import SimpleITKIO


def encode(content):
    return base64.b64encode(content).decode()


def main():
    values = (np.arange(24) / 32).reshape(2, 1, 3, 4)  # Exact in half precision.
    archives = []
    for key, dtype, save in [("probabilities", np.float32, np.savez_compressed),
                             ("softmax", np.float16, np.savez_compressed),
                             ("probabilities", np.float64, np.savez),
                             ("probabilities", np.int32, np.savez),
                             ("probabilities", ">f4", np.savez)]:
        stream = io.BytesIO()
        save(stream, **{key: (values if np.dtype(dtype).kind == "f" else values * 32).astype(dtype)})
        archives.append(dict(key=key, dtype=np.dtype(dtype).str, content=encode(stream.getvalue())))

    properties = []
    with tempfile.TemporaryDirectory() as folder:
        image = sitk.GetImageFromArray(np.zeros((2, 3, 4), np.float32))
        image.SetSpacing((0.5, 0.75, 3.0))
        image.SetOrigin((10.0, -20.0, 30.5))
        image.SetDirection((0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0))
        volume = f"{folder}/volume.nii.gz"
        sitk.WriteImage(image, volume)
        picture = sitk.GetImageFromArray(np.zeros((3, 4), np.float32))
        picture.SetSpacing((0.5, 0.75))
        plane = f"{folder}/plane.mha"
        sitk.WriteImage(picture, plane)
        for name, reader, path in [("SimpleITK", SimpleITKIO, volume), ("SimpleITK 2D", SimpleITKIO, plane),
                                   ("nibabel", NibabelIO, volume),
                                   ("nibabel, reoriented", NibabelIOWithReorient, volume)]:
            data, found = reader().read_images([path])
            found["bbox_used_for_cropping"] = [[0, extent] for extent in data.shape[1:]]
            found["shape_before_cropping"] = data.shape[1:]
            properties.append(dict(
                name=name, shape=data.shape[1:], content=encode(pickle.dumps(found)),
                affine=nibabel.load(path).affine.ravel().tolist() if path == volume else None,
                spacing=[float(each) for each in found["spacing"]],
            ))
    Path(__file__).with_name("npz.json").write_text(json.dumps(dict(
        values=values.ravel().tolist(), shape=values.shape, archives=archives, properties=properties), indent=1) + "\n")


if __name__ == "__main__":
    main()
