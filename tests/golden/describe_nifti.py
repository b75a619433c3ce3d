"""Prints, as JSON, what nibabel and SimpleITK read from the NIfTI files given as arguments."""

import json
import sys

import nibabel as nib
import numpy as np
import SimpleITK as sitk


def describe(path):
    image = nib.load(path)
    header = image.header
    itk = sitk.ReadImage(path)
    axes = min(itk.GetDimension(), 3)
    direction = np.array(itk.GetDirection()).reshape(itk.GetDimension(), -1)[:axes, :axes]
    return {
        "shape": list(image.shape),
        "type": str(image.get_data_dtype()),
        "codes": [int(header["sform_code"]), int(header["qform_code"])],
        "sform": image.get_sform().ravel().tolist(),
        "qform": image.get_qform().ravel().tolist(),
        "zooms": [float(zoom) for zoom in header.get_zooms()],
        "units": header.get_xyzt_units()[0],
        "values": np.asarray(image.dataobj).ravel(order="F").tolist(),
        "itk_spacing": itk.GetSpacing(),
        "itk_origin": itk.GetOrigin()[:axes],
        "itk_direction": direction.ravel().tolist(),
        "itk_values": sitk.GetArrayFromImage(itk).ravel().tolist(),
    }


json.dump([describe(path) for path in sys.argv[1:]], sys.stdout)
