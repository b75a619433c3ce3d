"""Writes clinic_images.json: small files of formats from clinics and microscopes, and what Python
reads from them. images.py has the formats that nnU-Net reads.

Made with numpy 2.4.6, SimpleITK 2.5.7, tifffile 2026.3.3 and imagecodecs 2026.3.6:

    python clinic_images.py > clinic_images.json

Entries are those of images.json. The reference is SimpleITK for MetaImage, NRRD, NIfTI and Analyze
with the voxels in other files and for GIPL, and tifffile for TIFF.
"""

import base64
import json
import os
import struct
import sys
import tempfile

import numpy as np
import SimpleITK as sitk
import tifffile

VALUES = np.arange(24).reshape(2, 3, 4)
SIGNED = VALUES - 12
TURN = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]])
LPS = np.diag([-1.0, -1, 1, 1])
LITTLE, BIG = SIGNED.astype("<i2").tobytes(), SIGNED.astype(">i2").tobytes()

cases = []


def add(name, folder, first, values, spacing, affine):
    names = sorted(
        os.path.relpath(os.path.join(root, file), folder)
        for root, _, files in os.walk(folder) for file in files
    )
    names.sort(key=lambda one: one != first)
    files = []
    for one in names:
        with open(os.path.join(folder, one), "rb") as file:
            files.append({"name": one, "file": base64.b64encode(file.read()).decode()})
    values = np.asarray(values, np.float32)
    cases.append({
        "name": name,
        "files": files,
        "shape": list(values.shape[1:]),
        "channels": values.shape[0],
        "spacing": [float(s) for s in spacing],
        "affine": np.asarray(affine).ravel().tolist(),
        "values": values.ravel().tolist(),
    })


def judge_itk(name, folder, file):
    """2D, 3D, 4D with channels along the last axis, or vectors."""
    image = sitk.ReadImage(os.path.join(folder, file))
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
    affine = LPS @ affine
    if axes == 2:
        spacing = [*spacing, 999 * max(spacing)]
        affine[2, 2] = 1
    add(name, folder, file, values, list(spacing)[::-1], affine)


def itk(name, file, values, *, compress=False, vector=False):
    with tempfile.TemporaryDirectory() as folder:
        image = sitk.GetImageFromArray(values, isVector=vector)
        axes = image.GetDimension()
        image.SetSpacing([1.5, 2.0, 3.0, 1.0][:axes])
        image.SetOrigin([10.0, -20.0, 30.0, 0.0][:axes])
        full = np.eye(4)
        full[:3, :3] = TURN
        image.SetDirection(full[:axes, :axes].ravel().tolist())
        sitk.WriteImage(image, os.path.join(folder, file), compress)
        judge_itk(f"{file} {name}", folder, file)


def by_hand(name, **contents):
    """Files by name, the header first; two underscores stand for a period, three for a slash."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [one.replace("___", "/").replace("__", ".") for one in contents]
        for path, content in zip(paths, contents.values()):
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        judge_itk(f"{paths[0]} {name}", folder, paths[0])


for file in ("scan.mhd", "scan.nhdr", "scan.hdr"):
    itk("voxels", file, SIGNED.astype("int16"))
    itk("two dimensions", file, SIGNED[0].astype("int16"))
    itk("four dimensions", file, np.stack([SIGNED, SIGNED * 3]).astype("int16"))
for file in ("scan.mhd", "scan.nhdr"):
    itk("compressed", file, SIGNED.astype("int16"), compress=True)
    itk("vectors", file, np.stack([SIGNED, SIGNED * 3], -1).astype("int16"), vector=True)
for dtype in ("uint8", "int8", "int16", "uint16", "float32", "float64"):
    itk(dtype, "scan.gipl", (VALUES if dtype[0] == "u" else SIGNED).astype(dtype))
itk("compressed", "scan.gipl.gz", SIGNED.astype("int16"))

MHD = """ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = {}
{}DimSize = 4 3 2
ElementSpacing = 1.5 2 3
ElementType = MET_SHORT
ElementDataFile = {}"""
ONE, TWO = LITTLE[:24], LITTLE[24:]
by_hand("big endian, without a last line end", a__mhd=MHD.format("True", "", "b.raw"), b__raw=BIG)
by_hand("bytes to skip", a__mhd=MHD.format("False", "HeaderSize = 5\n", "b.raw"),
        b__raw=b"12345" + LITTLE)
by_hand("voxels at the end", a__mhd=MHD.format("False", "HeaderSize = -1\n", "b.raw"),
        b__raw=b"12345" + LITTLE)
by_hand("a list", a__mhd=MHD.format("False", "", "LIST\nz.raw\ny.raw\n"), z__raw=ONE, y__raw=TWO)
by_hand("a list with its axes", a__mhd=MHD.format("False", "", "LIST 2D\nz.raw\ny.raw\n"),
        z__raw=ONE, y__raw=TWO)
by_hand("a series", a__mhd=MHD.format("False", "", "b%03d.raw 8 10 2\n"), b008__raw=ONE,
        b010__raw=TWO)
by_hand("a file below", a__mhd=MHD.format("False", "", "below/b.raw\n"), below___b__raw=LITTLE)
by_hand("an .mha with its voxels elsewhere", a__mha=MHD.format("False", "", "b.raw\n"),
        b__raw=LITTLE)

NHDR = """NRRD0004
type: short
dimension: 3
space: left-posterior-superior
space directions: (0,2,0) (-1.5,0,0) (0,0,3)
space origin: (1,2,3)
sizes: 4 3 2
encoding: {}
endian: {}
{}data file: {}"""
by_hand("big endian, ended by the file", a__nhdr=NHDR.format("raw", "big", "", "b.raw\n"),
        b__raw=BIG)
by_hand("lines and bytes to skip",
        a__nhdr=NHDR.format("raw", "little", "line skip: 1\nbyte skip: 2\n", "b.raw\n"),
        b__raw=b"abc\n12" + LITTLE)
by_hand("a list", a__nhdr=NHDR.format("raw", "little", "", "LIST\nz.raw\ny.raw\n"), z__raw=ONE,
        y__raw=TWO)
by_hand("a list with its axes", a__nhdr=NHDR.format("raw", "little", "", "LIST 2\nz.raw\ny.raw\n"),
        z__raw=ONE, y__raw=TWO)
by_hand("a series", a__nhdr=NHDR.format("raw", "little", "", "b%03d.raw 8 10 2\n"), b008__raw=ONE,
        b010__raw=TWO)
by_hand("a file below", a__nhdr=NHDR.format("raw", "little", "", "./below/b.raw\n\n"),
        below___b__raw=LITTLE)
by_hand("text", a__nhdr=NHDR.format("ascii", "little", "", "b.txt\n"),
        b__txt=" ".join(map(str, SIGNED.ravel())))


def analyze(order="<", dims=(3, 4, 3, 2, 1), spacing=(0, 1.5, 2, 3), slope=0.0, orient=0, origin=0):
    header = bytearray(348)
    struct.pack_into(order + "i", header, 0, 348)
    header[38:39] = b"r"
    struct.pack_into(order + "8h", header, 40, *[*dims, 1, 1, 1, 1, 1][:8])
    struct.pack_into(order + "2h", header, 70, 4, 16)
    struct.pack_into(order + "8f", header, 76, *[*spacing, 0, 0, 0, 0, 0][:8])
    struct.pack_into(order + "2f", header, 108, 0.0, slope)
    header[252] = orient
    struct.pack_into(order + "3h", header, 253, origin, origin, origin)
    return bytes(header)


by_hand("Analyze", a__hdr=analyze(), a__img=LITTLE)
by_hand("Analyze, big endian", a__hdr=analyze(">"), a__img=BIG)
by_hand("Analyze with SPM's scale and origin", a__hdr=analyze(slope=2.0, origin=2), a__img=LITTLE)
by_hand("Analyze with an orientation", a__hdr=analyze(orient=2), a__img=LITTLE)
by_hand("Analyze, four dimensions", a__hdr=analyze(dims=(4, 4, 3, 1, 2)), a__img=LITTLE)
by_hand("Analyze, two dimensions", a__hdr=analyze(dims=(2, 4, 6)), a__img=LITTLE)
by_hand("Analyze, a mirrored axis", a__hdr=analyze(spacing=(0, -1.5, 2, 3)), a__img=LITTLE)


def gipl(dims=(4, 3, 2, 1), kind=15, magic=4026526128, spacing=(1.5, 2, 3, 1)):
    header = bytearray(256)
    struct.pack_into(">4HH4f", header, 0, *dims, kind, *spacing)
    struct.pack_into(">16f", header, 106, *range(16))  # A matrix, which ITK ignores.
    struct.pack_into(">2d4d", header, 188, -12, 11, 10, -20, 30, 0)
    struct.pack_into(">4fI", header, 236, 100, 2, 9, 0, magic)
    return bytes(header)


by_hand("with an older magic and a scale", a__gipl=gipl(magic=719555000) + BIG)
by_hand("two dimensions", a__gipl=gipl(dims=(4, 6, 0, 0)) + BIG)
by_hand("one slice", a__gipl=gipl(dims=(4, 6, 1, 1)) + BIG)
by_hand("four dimensions", a__gipl=gipl(dims=(4, 3, 1, 2)) + BIG)
by_hand("a mask", a__gipl=gipl(kind=1) + (VALUES % 2).astype("uint8").tobytes())
by_hand("a mirrored axis", a__gipl=gipl(spacing=(-1.5, 2, 3, 1)) + BIG)


def microscope(name, file, values, axes, *, spacing=None, unit="µm", scale=1e-3, **options):
    """Values (T, C, Z, Y, X) as tifffile reads and writes them; spacing, (z, y, x), in the unit."""
    metadata = {"axes": axes}
    if spacing:
        for axis, length in zip("ZYX", spacing):
            if length is not None:
                metadata |= {f"PhysicalSize{axis}": length, f"PhysicalSize{axis}Unit": unit}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, file)
        options.setdefault("photometric", "minisblack")
        tifffile.imwrite(path, values, ome=True, metadata=metadata, **options)
        read = tifffile.imread(path)
        found = tifffile.TiffFile(path).series[0].axes
        assert (read == values).all(), name
        order = [found.index(axis) for axis in "CSZTYX" if axis in found]
        moved = read.transpose(order)
        planar = "Z" not in found and "T" not in found
        plane = moved.shape[-2:]
        depth = 1 if planar else moved.shape[-3]
        moved = moved.reshape(-1, depth, *plane)
        mm = [length and length * scale for length in spacing or (None, None, None)]
        y, x = mm[1] or 1, mm[2] or 1
        z = 999 * max(y, x) if planar and not mm[0] else mm[0] or 1
        affine = LPS @ np.diag([x, y, 1 if planar and not mm[0] else z, 1])
        add(f"{file} {name}", folder, file, moved, (z, y, x), affine)


random = np.random.RandomState(0)
FIVE = random.randint(0, 60000, (2, 2, 2, 3, 4)).astype("uint16")  # (Z, C, ...) or (C, Z, ...)
microscope("slices", "a.ome.tif", FIVE[0, 0], "ZYX", spacing=(2, 0.5, 0.25))
microscope("slices in nanometres", "a.ome.tiff", FIVE[0, 0], "ZYX", spacing=(900, 250, 250),
           unit="nm", scale=1e-6)
microscope("channels", "a.ome.tif", FIVE[0], "CZYX", spacing=(2, 0.5, 0.25))
microscope("channels before slices", "a.ome.tif", FIVE[0], "ZCYX", spacing=(2, 0.5, 0.25))
microscope("points in time", "a.ome.tif", FIVE[0, 0], "TYX")
microscope("a picture", "a.ome.tif", FIVE[0, 0, 0], "YX", spacing=(None, 0.5, 0.25))
microscope("channels of a picture", "a.ome.tif", FIVE[0, :, 0], "CYX")
COLOURS = random.randint(0, 256, (2, 3, 4, 3)).astype("uint8")
microscope("a picture in colours", "a.ome.tif", COLOURS[0], "YXS", photometric="rgb")
microscope("slices in colours", "a.ome.tif", COLOURS, "ZYXS", photometric="rgb")
microscope("big endian, floats, in tiles", "a.ome.tif", FIVE[0].astype("float32") / 8, "CZYX",
           spacing=(2, 0.5, 0.25), byteorder=">", tile=(16, 16))


def stack(name, values, lossless=True, photometric="minisblack", **options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.tif")
        tifffile.imwrite(path, values, photometric=photometric, **options)
        read = tifffile.imread(path)
        assert not lossless or (read == values).all(), name
        values = read[None] if read.ndim == 3 and photometric == "minisblack" else (
            np.moveaxis(read, -1, 0)[:, None] if read.ndim == 3 else
            read[None, None] if read.ndim == 2 else np.moveaxis(read, -1, 0))
        planar = values.shape[1] == 1
        add(f"a.tif {name}", folder, "a.tif", values, (999 if planar else 1, 1, 1),
            LPS @ np.eye(4))


LARGE = random.randint(0, 50, (2, 6, 19)).astype("uint8")
stack("Zstandard", LARGE, compression="zstd")
stack("Zstandard in tiles, of differences", LARGE.astype("uint16") * 999, compression="zstd",
      tile=(16, 16), predictor=2)
stack("Zstandard of floats", LARGE.astype("float32") / 8, compression="zstd", predictor=3)
stack("LZW", LARGE, compression="lzw", predictor=2)
stack("LZW of float64, big endian", LARGE / 8, compression="lzw", byteorder=">")
SMOOTH = np.add.outer(np.arange(16) * 5, np.arange(16) * 3).astype("uint8")
THREE = np.stack([SMOOTH, SMOOTH[::-1], 255 - SMOOTH], -1)
stack("JPEG", np.stack([SMOOTH, SMOOTH[::-1]]), False, compression="jpeg")
stack("JPEG of colours", THREE, False, "rgb", compression="jpeg")
stack("JPEG of colours as luminance and differences", THREE, False, "ycbcr", compression="jpeg")
stack("JPEG with fewer differences, in tiles", np.tile(THREE, (2, 1, 1)), False, "ycbcr",
      compression="jpeg", tile=(16, 16), subsampling=(2, 2))

sys.stdout.write('{"cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]}\n")
