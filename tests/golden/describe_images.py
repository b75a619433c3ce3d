"""Prints, as JSON, what Python's libraries read from the image files given as arguments.

NRRD, MetaImage, pairs of files and GIPL are read with SimpleITK, pictures with scikit-image and TIFF stacks with tifffile,
as in nnU-Net.
"""

import json
import sys

import numpy as np
import SimpleITK as sitk
import tifffile
from skimage import io


def describe(path):
    if path.endswith((".nrrd", ".mha", ".mhd", ".nhdr", ".hdr", ".gipl", ".gipl.gz")):
        image = sitk.ReadImage(path)
        values = sitk.GetArrayFromImage(image)
        spacing = image.GetSpacing()
        place = [image.GetOrigin(), image.GetDirection()]
    else:
        values = tifffile.imread(path) if path.endswith((".tif", ".tiff")) else io.imread(path)
        spacing, place = [], [[], []]
    return {
        "shape": list(values.shape),
        "type": str(values.dtype),
        "spacing": list(spacing),
        "origin": list(place[0]),
        "direction": list(place[1]),
        "values": np.asarray(values, np.float64).ravel().tolist(),
    }


json.dump([describe(path) for path in sys.argv[1:]], sys.stdout)
