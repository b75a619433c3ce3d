"""
Writes dicom_packed.json: a DICOM slice packed in every way, and an enhanced file of two.

    pip install pydicom==3.0.2 highdicom==0.28.2 pylibjpeg==2.1.0 pylibjpeg-libjpeg==2.5.0 \\
        pylibjpeg-openjpeg==2.6.0 pyjpegls==1.5.1 SimpleITK==2.5.7 pillow==13.0.0
    python dicom_packed.py

Every entry has the file (base64) and its values, (z, y, x), as pydicom unpacks them, with the slope and
intercept applied.
"""

import base64
import copy
import io
import json
import os
import tempfile

import highdicom
import numpy as np
import pydicom
import SimpleITK as sitk
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import generate_uid

source = pydicom.dcmread(
    os.path.join(os.path.dirname(pydicom.__file__), "data", "test_files", "CT_small.dcm"))
for element in list(source):
    if element.tag.is_private or element.keyword == "PixelPaddingValue":
        del source[element.tag]
random = np.random.default_rng(5)
cases = []


def slice_of(bits=12, position=0.0):
    dataset = copy.deepcopy(source)
    array = np.add.outer(np.arange(32), np.arange(36)) * 2 + random.integers(0, 5, (32, 36))
    array = array.astype("uint8" if bits == 8 else "uint16")
    dataset.Rows, dataset.Columns = array.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = array.itemsize * 8, bits, bits - 1
    dataset.PixelRepresentation = 0
    dataset.PixelData = array.tobytes()
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
    dataset.ImagePositionPatient = [0, 0, position]
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid(
        entropy_srcs=["packed", f"{position}"])
    return dataset


def add(name, dataset):
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    again = pydicom.dcmread(io.BytesIO(stream.getvalue()))
    slope, intercept = float(again.get("RescaleSlope", 1)), float(again.get("RescaleIntercept", -1024))
    values = again.pixel_array.astype(float) * slope + intercept
    if values.ndim == 3:
        values = values[::-1]  # highdicom begins with the last position.
    cases.append({
        "name": name,
        "shape": [1, *values.shape][-3:],
        "values": [int(value) for value in values.ravel()],
        "file": base64.b64encode(stream.getvalue()).decode(),
    })


for name, syntax in (
    ("RLE", pydicom.uid.RLELossless),
    ("JPEG-LS", pydicom.uid.JPEGLSLossless),
    ("JPEG 2000", pydicom.uid.JPEG2000Lossless),
):
    dataset = slice_of()
    dataset.compress(syntax, generate_instance_uid=False)
    add(name, dataset)

dataset = slice_of(bits=8)
stream = io.BytesIO()
Image.fromarray(dataset.pixel_array).save(stream, "JPEG", quality=90)
dataset.PixelData = encapsulate([stream.getvalue()])
dataset["PixelData"].VR = "OB"
dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEGBaseline8Bit
add("JPEG", dataset)

dataset = slice_of()
with tempfile.TemporaryDirectory() as folder:
    plain, packed = os.path.join(folder, "plain.dcm"), os.path.join(folder, "packed.dcm")
    dataset.save_as(plain)
    writer = sitk.ImageFileWriter()
    writer.SetImageIO("GDCMImageIO")
    writer.SetUseCompression(True)
    writer.SetCompressor("JPEG")
    writer.SetFileName(packed)
    writer.Execute(sitk.Cast(sitk.GetImageFromArray(dataset.pixel_array[None]), sitk.sitkUInt16))
    lossless = pydicom.dcmread(packed)
    assert lossless.file_meta.TransferSyntaxUID == pydicom.uid.JPEGLosslessSV1
    dataset.PixelData = lossless.PixelData
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEGLosslessSV1
    dataset.BitsStored, dataset.HighBit = 16, 15
add("lossless JPEG", dataset)

enhanced = highdicom.legacy.LegacyConvertedEnhancedCTImage(
    [slice_of(position=0.0), slice_of(position=2.0)], generate_uid(), 1, generate_uid(), 1)
enhanced.compress(pydicom.uid.RLELossless)
add("RLE, enhanced", enhanced)

with open(os.path.join(os.path.dirname(__file__), "dicom_packed.json"), "w") as file:
    json.dump({"cases": cases}, file)
