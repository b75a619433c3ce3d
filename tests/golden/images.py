"""Writes images.json: small files of every format but NIfTI, and what Python reads from them.

Made with numpy 2.4.6, SimpleITK 2.5.7, scikit-image 0.26.0, tifffile 2026.3.3,
imagecodecs 2026.3.6, pillow 13.0.0 and pydicom 3.0.2:

    python images.py > images.json

Every entry has the files (base64) of an image, the first of which is the image itself or, for DICOM,
one of its slices; its values, (channel, z, y, x); its spacing, (z, y, x), as in nnU-Net; and its RAS
affine. The reference is SimpleITK for NRRD, MetaImage and DICOM, scikit-image as called by nnU-Net's
NaturalImage2DIO for pictures, and tifffile for stacks, or the written array if tifffile lacks the
codec.
"""

import base64
import json
import os
import struct
import sys
import tempfile
import zlib

import numpy as np
import pydicom
import SimpleITK as sitk
import tifffile
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from skimage import io

VALUES = np.arange(24).reshape(2, 3, 4)
SIGNED = VALUES - 12
TURN = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]])
OBLIQUE = TURN @ np.array([[1, 0, 0], [0, 0.6, -0.8], [0, 0.8, 0.6]])
LPS = np.diag([-1.0, -1, 1, 1])

folder = tempfile.mkdtemp()
cases = []


def read_files(names):
    files = []
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            files.append({"name": name, "file": base64.b64encode(file.read()).decode()})
    return files


def add(name, files, values, spacing, affine):
    values = np.asarray(values, np.float32)
    cases.append({
        "name": name,
        "files": read_files(files),
        "shape": list(values.shape[1:]),
        "channels": values.shape[0],
        "spacing": [float(s) for s in spacing],
        "affine": np.asarray(affine).ravel().tolist(),
        "values": values.ravel().tolist(),
    })


def judge_itk(name, files, image):
    """Adds an image read by SimpleITK: 2D, 3D, 4D with channels along the last axis, or vectors."""
    axes = image.GetDimension()
    values = sitk.GetArrayFromImage(image)
    if image.GetNumberOfComponentsPerPixel() > 1:
        values = np.moveaxis(values, -1, 0)
    elif axes < 4:
        values = values[None]
    if axes == 2:
        values = values[:, None]
    space = min(axes, 3)
    spacing = np.array(image.GetSpacing())[:space]
    affine = np.eye(4)
    direction = np.array(image.GetDirection()).reshape(axes, axes)[:space, :space]
    affine[:space, :space] = direction @ np.diag(spacing)
    affine[:space, 3] = image.GetOrigin()[:space]
    if axes == 2:
        spacing = [*spacing, 999 * max(spacing)]
        affine = LPS @ affine
        affine[2, 2] = 1
    else:
        affine = LPS @ affine
    add(name, files, values, list(spacing)[::-1], affine)


def itk(name, ending, values, *, compress=False, direction=TURN, vector=False):
    image = sitk.GetImageFromArray(values, isVector=vector)
    axes = image.GetDimension()
    image.SetSpacing([1.5, 2.0, 3.0, 1.0][:axes])
    image.SetOrigin([10.0, -20.0, 30.0, 0.0][:axes])
    full = np.eye(4)
    full[:3, :3] = direction
    if axes == 2:
        full[:2, :2] = TURN[:2, :2]
    image.SetDirection(full[:axes, :axes].ravel().tolist())
    file = f"scan{ending}"
    sitk.WriteImage(image, os.path.join(folder, file), compress)
    judge_itk(f"{ending} {name}", [file], sitk.ReadImage(os.path.join(folder, file)))


def by_hand(name, ending, content):
    file = f"scan{ending}"
    with open(os.path.join(folder, file), "wb") as target:
        target.write(content)
    judge_itk(f"{ending} {name}", [file], sitk.ReadImage(os.path.join(folder, file)))


for ending in (".nrrd", ".mha"):
    for dtype in ("int8", "int16", "int32", "int64", "float32", "float64"):
        itk(dtype, ending, SIGNED.astype(dtype))
    for dtype in ("uint8", "uint16", "uint32", "uint64"):
        itk(dtype, ending, VALUES.astype(dtype))
    itk("compressed", ending, SIGNED.astype("int16"), compress=True)
    itk("oblique", ending, SIGNED.astype("int16"), direction=OBLIQUE)
    itk("left-handed", ending, SIGNED.astype("int16"), direction=TURN @ np.diag([1, 1, -1]))
    itk("two dimensions", ending, SIGNED[0].astype("int16"))
    itk("one slice of three dimensions", ending, SIGNED[:1].astype("int16"))
    itk("four dimensions", ending, np.stack([SIGNED, SIGNED * 3]).astype("int16"))
    itk("vectors", ending, np.stack([SIGNED, SIGNED * 3], -1).astype("int16"), vector=True)

SPACE = "space: {}\nspace directions: (0,2,0) (-1.5,0,0) (0,0,3)\nspace origin: (1,2,3)\n"
NRRD = "NRRD0004\n# A remark\ntype: short\ndimension: 3\n{}sizes: 4 3 2\nencoding: raw\nendian: {}\n"
LITTLE, BIG = SIGNED.astype("<i2").tobytes(), SIGNED.astype(">i2").tobytes()
for space in ("right-anterior-superior", "RAS", "left-anterior-superior", "left-posterior-superior"):
    by_hand(space, ".nrrd", (NRRD.format(SPACE.format(space), "little") + "\n").encode() + LITTLE)
plain = SPACE.format("left-posterior-superior")
by_hand("big endian", ".nrrd", (NRRD.format(plain, "big") + "\n").encode() + BIG)
by_hand("key and value", ".nrrd", (NRRD.format(plain, "little") + "a:=b\n\n").encode() + LITTLE)
by_hand("lines ended by two", ".nrrd",
        (NRRD.format(plain, "little") + "\n").replace("\n", "\r\n").encode() + LITTLE)
by_hand("bytes to skip", ".nrrd",
        (NRRD.format(plain, "little") + "byte skip: 5\n\n").encode() + b"12345" + LITTLE)
by_hand("voxels at the end", ".nrrd",
        (NRRD.format(plain, "little") + "byte skip: -1\n\n").encode() + b"12345" + LITTLE)
by_hand("lines to skip", ".nrrd",
        (NRRD.format(plain, "little") + "line skip: 1\n\n").encode() + b"12345\n" + LITTLE)
by_hand("spacings alone", ".nrrd",
        (NRRD.format("spacings: 1.5 2 3\n", "little") + "\n").encode() + LITTLE)
TEXT = "NRRD0004\ntype: {}\ndimension: 3\n" + plain + "sizes: 4 3 2\nencoding: {}\n{}\n{}"
for kind, encoding, values in (("short", "ascii", SIGNED), ("longlong", "text", SIGNED * 2**40),
                               ("float", "txt", SIGNED / 7), ("double", "ascii", SIGNED * 1e-7)):
    lines = "\n".join(" ".join(map(str, row)) for row in values.reshape(6, 4).tolist())
    by_hand(f"text of {kind}", ".nrrd", TEXT.format(kind, encoding, "", lines).encode())
by_hand("text after bytes to skip, more than needed", ".nrrd",
        TEXT.format("uchar", "ascii", "byte skip: 3\n", "99 " + "300\t7 " * 13).encode())
CHANNELS = """NRRD0004
type: short
dimension: 4
space: left-posterior-superior
sizes: {}
space directions: {}
kinds: {}
encoding: raw
endian: little

"""
AXES = "(1.5,0,0) (0,2,0) (0,0,3)"
TWO = np.stack([SIGNED, SIGNED * 3])
by_hand("list first", ".nrrd",
        CHANNELS.format("2 4 3 2", "none " + AXES, "list domain domain domain").encode()
        + np.moveaxis(TWO, 0, -1).astype("<i2").tobytes())
by_hand("list last", ".nrrd",
        CHANNELS.format("4 3 2 2", AXES + " none", "domain domain domain list").encode()
        + TWO.astype("<i2").tobytes())

MHA = """ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = {}
DimSize = 4 3 2
{}ElementType = MET_SHORT
ElementDataFile = LOCAL
"""
by_hand("big endian", ".mha", MHA.format("True", "ElementSpacing = 1.5 2 3\n").encode() + BIG)
by_hand("no place", ".mha", MHA.format("False", "").encode() + LITTLE)
by_hand("other names", ".mha",
        MHA.format("False", "ElementSize = 1.5 2 3\nPosition = 1 2 3\n"
                   "Orientation = 0 1 0 1 0 0 0 0 1\n").encode() + LITTLE)

random = np.random.RandomState(0)
PICTURE = np.diag([-1.0, -1, 1, 1])


def picture(name, ending, write):
    file = f"scan{ending}"
    write(os.path.join(folder, file))
    values = io.imread(os.path.join(folder, file))
    values = values[None] if values.ndim == 2 else np.moveaxis(values, -1, 0)
    add(f"{ending} {name}", [file], values[:, None], (999, 1, 1), PICTURE)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def small_png(width, height, depth, rows, color=0):
    def write(path):
        header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
        with open(path, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header))
            file.write(png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))))
            file.write(png_chunk(b"IEND", b""))
    return write


def small_bmp(bits, palette, row):
    """One row of five pixels."""
    def write(path):
        colors = b"".join(bytes([*color[::-1], 0]) for color in palette)
        header = struct.pack("<IiiHHIIiiII", 40, 5, 1, 1, bits, 0, 4, 0, 0, len(palette), 0)
        start = 14 + len(header) + len(colors)
        with open(path, "wb") as file:
            file.write(b"BM" + struct.pack("<IHHI", start + 4, 0, 0, start) + header + colors)
            file.write(row.ljust(4, b"\0"))
    return write


GREY = random.randint(0, 256, (3, 5)).astype(np.uint8)
WIDE = random.randint(0, 65536, (3, 5)).astype(np.uint16)
COLORS = random.randint(0, 256, (3, 5, 3)).astype(np.uint8)
ALPHA = random.randint(0, 256, (3, 5, 4)).astype(np.uint8)


def pil(array, mode=None, **options):
    image = Image.fromarray(array)
    if mode == "P":
        image = image.quantize(4)
    return lambda path: image.save(path, **options)


picture("1 bit", ".png", small_png(3, 2, 1, [b"\xa0", b"\x40"]))
picture("2 bits", ".png", small_png(3, 2, 2, [b"\x6c", b"\x1b"]))
picture("4 bits", ".png", small_png(3, 2, 4, [b"\x12\x30", b"\xf0\x50"]))
picture("8 bits", ".png", pil(GREY))
picture("16 bits", ".png", pil(WIDE))
picture("colours", ".png", pil(COLORS))
picture("colours of 16 bits", ".png", small_png(2, 1, 16, [bytes(range(12))], color=2))
picture("colours and transparency", ".png", pil(ALPHA))
picture("palette", ".png", pil(COLORS, "P"))
picture("palette with transparency", ".png", pil(COLORS, "P", transparency=1))
picture("1 bit", ".bmp", pil(np.tile(GREY > 100, (1, 8))))
picture("1 bit, white first", ".bmp", small_bmp(1, [(255,) * 3, (0,) * 3], b"\xa8"))
picture("1 bit, colours", ".bmp", small_bmp(1, [(9, 0, 0), (0, 200, 7)], b"\xa8"))
picture("4 bits", ".bmp", small_bmp(4, [(9 * i, 5, 255 - i) for i in range(16)], b"\x1f\x80\xc0"))
picture("4 bits, few colours", ".bmp", small_bmp(4, [(1, 2, 3), (4, 5, 6), (7, 8, 9)], b"\x12\x01\x20"))
picture("8 bits", ".bmp", pil(GREY))
picture("colours", ".bmp", pil(COLORS))
picture("colours and transparency", ".bmp", pil(ALPHA))
picture("palette", ".bmp", pil(COLORS, "P"))
picture("8 bits", ".tif", lambda path: tifffile.imwrite(path, GREY))
picture("16 bits", ".tif", lambda path: tifffile.imwrite(path, WIDE))
picture("float32", ".tif", lambda path: tifffile.imwrite(path, GREY.astype(np.float32) / 7))
picture("colours", ".tif", lambda path: tifffile.imwrite(path, COLORS, photometric="rgb"))
picture("colours and transparency", ".tif",
        lambda path: tifffile.imwrite(path, ALPHA, photometric="rgb", extrasamples=["unassalpha"]))
picture("1 bit", ".tif", lambda path: tifffile.imwrite(path, GREY > 100))


def stack(name, values, *, spacing=None, pages=None, ending=".tif", **options):
    file = f"scan_0000{ending}"
    path = os.path.join(folder, file)
    if pages:
        images = [Image.fromarray(page) for page in values]
        images[0].save(path, save_all=True, append_images=images[1:], **pages)
    else:
        # Otherwise four columns would be read as colours.
        tifffile.imwrite(path, values, photometric="minisblack", **options)
        if options.get("compression") in (None, "zlib"):
            assert (tifffile.imread(path) == values).all()
    files = [file]
    if spacing:
        files.append("scan.json")
        with open(os.path.join(folder, "scan.json"), "w") as target:
            json.dump({"spacing": spacing}, target)
    spacing = spacing or [1, 1, 1]
    add(f"{ending} {name}", files, values[None], spacing, LPS @ np.diag([*spacing[::-1], 1]))


for dtype in ("int8", "int16", "int32", "int64", "float16", "float32", "float64"):
    stack(f"stack of {dtype}", SIGNED.astype(dtype))
for dtype in ("uint8", "uint16", "uint32", "uint64"):
    stack(f"stack of {dtype}", VALUES.astype(dtype))
LARGE = random.randint(0, 50, (2, 20, 33)).astype(np.uint8)
stack("stack with spacing", SIGNED.astype("int16"), spacing=[3, 2, 1.5])
stack("stack with spacing", SIGNED.astype("int16"), spacing=[3, 2, 1.5], ending=".tiff")
stack("stack of one slice", SIGNED[:1].astype("int16"), metadata={"axes": "ZYX"})
stack("stack, big endian", SIGNED.astype("int16"), byteorder=">")
stack("stack, BigTIFF", SIGNED.astype("int16"), bigtiff=True)
stack("stack, ImageJ", VALUES.astype("uint16"), imagej=True)
stack("stack, deflated", LARGE, compression="zlib", rowsperstrip=16)
stack("stack in tiles", LARGE, tile=(16, 32))
stack("stack in deflated tiles", LARGE.astype("int32"), tile=(16, 16), compression="zlib")
stack("stack, LZW", LARGE, pages={"compression": "tiff_lzw"})
stack("stack, PackBits", np.repeat(LARGE[:, :9], 3, axis=2), pages={"compression": "packbits"})
# Enough noise to fill LZW's table, so that it is cleared.
NOISE = random.randint(0, 65536, (1, 50, 45)).astype(np.uint16)
stack("stack, LZW of noise", np.stack([NOISE[0], NOISE[0, ::-1] & 7]), pages={"compression": "tiff_lzw"})
stack("stack of differences, LZW", LARGE, pages={"compression": "tiff_lzw", "tiffinfo": {317: 2}})
stack("stack of differences of 16 bits", LARGE.astype("uint16") * 999,
      pages={"compression": "tiff_adobe_deflate", "tiffinfo": {317: 2}})
FLOATS = random.standard_normal((2, 20, 33))
for dtype in ("float16", "float32", "float64"):
    stack(f"stack of differences of {dtype}", FLOATS.astype(dtype), predictor=3, compression="zlib")
stack("stack of differences of float32, big endian, in tiles", FLOATS.astype("float32"),
      predictor=3, compression="zlib", byteorder=">", tile=(16, 16))
picture("colours of float32, differences", ".tif", lambda path: tifffile.imwrite(
    path, COLORS.astype("float32") / 7, photometric="rgb", predictor=3, compression="zlib"))


def dicom(name, *, syntax="1.2.840.10008.1.2.1", direction=OBLIQUE, stored=16, dtype="int16",
          slopes=(1, 1, 1), step=2.5, slices=3):
    """A series whose file names and instance numbers do not follow the order of its slices."""
    names = []
    target = os.path.join(folder, name)
    os.makedirs(target)
    for z in range(slices):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{z}"
        meta.TransferSyntaxUID = syntax
        file = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
        file.SOPClassUID = meta.MediaStorageSOPClassUID
        file.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
        file.Modality = "CT"
        file.StudyInstanceUID, file.SeriesInstanceUID = "1.2.3", "1.2.3.4"
        position = np.array([10, -20, 30]) + direction[:, 2] * step * z
        file.ImagePositionPatient = [float(f"{v:.6f}") for v in position]
        file.ImageOrientationPatient = [float(v) for v in direction[:, :2].T.ravel()]
        file.PixelSpacing = [2.0, 1.5]
        file.SliceThickness = 2.0
        file.InstanceNumber = 7
        file.Rows, file.Columns = 3, 4
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated = np.dtype(dtype).itemsize * 8
        file.BitsStored = min(stored, file.BitsAllocated)
        file.HighBit = file.BitsStored - 1
        file.PixelRepresentation = int(dtype.startswith("int"))
        file.RescaleSlope, file.RescaleIntercept = slopes[z], -1024
        pixels = (np.arange(12).reshape(3, 4) + 20 * z - 25 * file.PixelRepresentation).astype(dtype)
        if stored < 16:
            used = pixels.astype(np.int32) & ((1 << stored) - 1)
            pixels = (used | 1 << 15).astype(np.uint16).view(dtype)  # An overlay in the highest bit.
        order = ">" if syntax == "1.2.840.10008.1.2.2" else "<"
        file.PixelData = pixels.astype(np.dtype(dtype).newbyteorder(order)).tobytes()
        # A sequence of unknown length precedes the required elements.
        item = pydicom.Dataset()
        item.CodeValue = "x"
        file.ProcedureCodeSequence = pydicom.Sequence([item])
        file["ProcedureCodeSequence"].is_undefined_length = True
        names.append(f"{name}/{'cab'[z]}.dcm")
        pydicom.dcmwrite(os.path.join(folder, names[-1]), file, enforce_file_format=True)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(target))
    judge_itk(f"DICOM {name}", names, reader.Execute())


dicom("explicit")
dicom("implicit", syntax="1.2.840.10008.1.2")
dicom("deflated", syntax="1.2.840.10008.1.2.1.99")
dicom("big endian", syntax="1.2.840.10008.1.2.2")
dicom("upright", direction=np.eye(3))
dicom("feet first", direction=np.diag([1.0, -1, -1]))
dicom("bytes", dtype="uint8")
dicom("unsigned", dtype="uint16", slopes=(2, 2, 2))
dicom("a slope for each slice", slopes=(1, 2, 3))
dicom("overlay above twelve bits", stored=12, dtype="uint16")
dicom("signed below an overlay", stored=12)

sys.stdout.write('{"cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n")
