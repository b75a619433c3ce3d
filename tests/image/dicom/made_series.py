"""Makes series of CT slices for the scripts beside this file."""

import copy
import os

import numpy as np
import pydicom
from pydicom.uid import generate_uid

data = os.path.join(os.path.dirname(pydicom.__file__), "data", "test_files")
random = np.random.default_rng(1)


def slices(signed, bits=16, tilt=0, slopes=(1, 1, 1, 1), direction=None):
    """Four slices of noise over a slope, 36 rows of 40 pixels, 2.5 mm apart."""
    source = pydicom.dcmread(os.path.join(data, "CT_small.dcm"))
    series, study, frame = generate_uid(), generate_uid(), generate_uid()
    direction = np.eye(3) if direction is None else direction
    datasets = []
    for i in range(4):
        dataset = copy.deepcopy(source)
        kind = ("int" if signed else "uint") + ("8" if bits == 8 else "16")
        array = np.add.outer(np.arange(36), np.arange(40)) * 2 + random.integers(0, 9, (36, 40))
        array = (array + 11 * i - (60 if signed else 0)).astype(kind)
        dataset.Rows, dataset.Columns = array.shape
        dataset.BitsAllocated = array.itemsize * 8
        dataset.BitsStored = bits
        dataset.HighBit = bits - 1
        dataset.PixelRepresentation = int(signed)
        for tag in ("PixelPaddingValue", "SmallestImagePixelValue", "LargestImagePixelValue"):
            if tag in dataset:
                del dataset[tag]
        dataset.PixelData = array.tobytes()
        dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
        dataset.SeriesInstanceUID, dataset.StudyInstanceUID = series, study
        dataset.FrameOfReferenceUID = frame
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber = i + 1
        dataset.RescaleSlope, dataset.RescaleIntercept = slopes[i], -1000
        dataset.PixelSpacing = [0.5, 0.75]
        dataset.SliceThickness = 2.5
        step = direction[:, 2] * 2.5 + direction[:, 1] * np.tan(np.deg2rad(tilt)) * 2.5
        dataset.ImagePositionPatient = [f"{v:.6f}" for v in np.array([-7.5, 3, 40]) + step * i]
        dataset.ImageOrientationPatient = [f"{v:.6f}" for v in [*direction[:, 0], *direction[:, 1]]]
        datasets.append(dataset)
    return datasets
