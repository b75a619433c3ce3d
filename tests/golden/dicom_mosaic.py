"""Writes dicom_mosaic.json: small Siemens mosaics, and the volumes that nibabel finds in them.

Made with nibabel 5.4.2, pydicom 3.0.2 and numpy 2.4.6:

    python dicom_mosaic.py  (writes dicom_mosaic.json to this folder)

Every case has the file (base64), the volume's values with x fastest and its affine in RAS.
"""

import base64
import io
import json
import os
import struct

import numpy as np
from nibabel.nicom.dicomwrappers import wrapper_from_data
from pydicom import dcmread
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian


KINDS = {"SliceNormalVector": b"FD\0\0", "AcquisitionMatrixText": b"SH\0\0"}


def csa(tags, second=True):
    """A CSA header of the second type, or of the first, whose lengths are too large by a constant."""
    out = b"SV10\4\3\2\1" if second else b""
    out += struct.pack("<II", len(tags), 77)
    for index, (name, values) in enumerate(tags):
        items = 6 if values else 0
        if index == 1:  # Nor does nibabel find the constant if the first tag has items.
            first_items = items
        out += name.encode().ljust(64, b"\0")
        kind = KINDS.get(name, b"IS\0\0")
        out += struct.pack("<i4siii", len(values), kind, 6, items, 77)
        for item in range(items):
            value = values[item].encode() + b"\0" if item < len(values) else b""
            length = len(value)
            if second:
                out += struct.pack("<4i", length, length, 77, length)
            else:
                out += struct.pack("<4i", length + first_items, length, 77, length)
            out += value.ljust((length + 3) // 4 * 4, b"\0")
    return out + b"\0" * 4


def mosaic(count, rows, columns, orientation, normal, second=True, block=0x10, spacing=True):
    across = int(np.ceil(np.sqrt(count)))
    volume = np.random.default_rng(count).integers(0, 1000, (across * across, rows, columns))
    volume[count:] = 0
    picture = volume.reshape(across, across, rows, columns).transpose(0, 2, 1, 3)
    picture = picture.reshape(across * rows, across * columns)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = "1.2.3.4.5"
    d = FileDataset("mosaic", {}, file_meta=meta, preamble=b"\0" * 128)
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3.4.5"
    d.SeriesInstanceUID, d.Modality, d.Manufacturer = "1.2.3.4", "MR", "SIEMENS"
    d.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    d.Rows, d.Columns = picture.shape
    d.PixelSpacing, d.SliceThickness = [1.5, 2.0], 3.0
    if spacing:
        d.SpacingBetweenSlices = 3.6
    d.ImagePositionPatient = [-20.5, 11.25, 7.0]
    d.ImageOrientationPatient = [float(f"{value:.9f}") for value in orientation]
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
    d.PixelData = picture.astype("<u2").tobytes()
    header = csa([
        ("EchoLinePosition", []),
        ("NumberOfImagesInMosaic", [str(count)]),
        ("AcquisitionMatrixText", [f"{rows}*{columns}"]),
        ("SliceNormalVector", [f"{value:.8f}" for value in normal]),
    ], second)
    d.add_new((0x0029, block), "LO", "SIEMENS CSA HEADER")
    d.add_new((0x0029, block * 256 + 0x10), "OB", header + b"\0" * (len(header) % 2))
    buffer = io.BytesIO()
    d.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def turned(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([1, 0, 0, 0, c, s])


def main():
    cases = []
    upright = np.array([1, 0, 0, 0, 1, 0])
    for name, count, shape, orientation, sign, options in [
        ("upright", 5, (4, 3), upright, 1, {}),
        ("full", 4, (3, 4), upright, 1, {}),
        ("oblique", 7, (4, 5), turned(25), 1, {}),
        ("normal the other way", 5, (4, 3), turned(-40), -1, {}),
        ("sagittal", 3, (2, 3), np.array([0, 1, 0, 0, 0, -1]), 1, {}),
        ("first type of header", 6, (4, 3), turned(10), 1, {"second": False}),
        ("thickness only", 5, (4, 3), upright, 1, {"spacing": False}),
        ("one slice", 1, (4, 3), upright, 1, {}),
    ]:
        normal = sign * np.cross(orientation[:3], orientation[3:])
        content = mosaic(count, *shape, orientation, normal, **options)
        wrapper = wrapper_from_data(dcmread(io.BytesIO(content)))
        data = wrapper.get_data()  # (x, y, z), with DICOM's rows second
        affine = np.diag([-1, -1, 1, 1]) @ wrapper.affine
        cases.append({
            "name": name,
            "file": base64.b64encode(content).decode(),
            "rows": shape[0],
            "columns": shape[1],
            "slices": count,
            # nibabel's arrays have rows before columns.
            "values": [int(v) for v in np.asarray(data).reshape(*shape, count).transpose(2, 0, 1).flatten()],
            "affine": [float(f"{v:.9g}") + 0 for v in affine[:3].flatten()],
        })
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dicom_mosaic.json")
    with open(out, "w") as file:
        file.write('{"cases": [\n ' + ",\n ".join(json.dumps(case) for case in cases) + "\n]}\n")
    print(len(cases), "cases", [(c["name"], c["affine"]) for c in cases][:3])


main()
