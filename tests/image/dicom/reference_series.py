"""
Writes DICOM series and what SimpleITK and pydicom read from them.

    python reference_series.py OUT [LOSSLESS_JPEG_FOLDER]

Every folder OUT/NAME has a series: grey files of pydicom's own test data, given a position where they
have none; the same slices packed in every way; and enhanced files made of them. OUT/NAME.json says what
was read: shape (z, y, x), spacing, origin and direction as SimpleITK gives them, and OUT/NAME.itk and
OUT/NAME.pydicom hold the values as float32.
"""

import copy
import glob
import json
import os
import sys
import warnings

import highdicom
import numpy as np
import pydicom
import SimpleITK as sitk
from made_series import slices
from pydicom.uid import generate_uid

warnings.filterwarnings("ignore")
pydicom.config.settings.reading_validation_mode = 0
sitk.ProcessObject.SetGlobalWarningDisplay(False)
out, *more = sys.argv[1:]
data = os.path.join(os.path.dirname(pydicom.__file__), "data", "test_files")


def describe(name, folder, arrays, read_itk=None):
    """Writes what SimpleITK reads, and values as pydicom unpacked them."""
    facts = {}
    values = np.stack(arrays).astype(np.float32)
    values.tofile(os.path.join(out, f"{name}.pydicom"))
    try:
        image = read_itk(folder) if read_itk else None
    except RuntimeError:  # GDCM does not decode every file of pydicom's.
        image = None
    if image:
        facts = {
            "spacing": image.GetSpacing(),
            "origin": image.GetOrigin(),
            "direction": image.GetDirection(),
        }
        sitk.GetArrayFromImage(image).astype(np.float32).tofile(os.path.join(out, f"{name}.itk"))
    with open(os.path.join(out, f"{name}.json"), "w") as file:
        json.dump({"shape": values.shape, **facts}, file)


def series_of_itk(folder):
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))
    return reader.Execute()


def file_of_itk(folder):
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(os.path.join(folder, os.listdir(folder)[0]))
    return reader.Execute()


def scaled(dataset):
    array = dataset.pixel_array.astype(np.float64)
    slope = float(dataset.get("RescaleSlope", dataset.get("DoseGridScaling", 1)))
    return array * slope + float(dataset.get("RescaleIntercept", 0))


def single(path, name, itk=True):
    """A file as a series of one slice, with a position if it has none."""
    dataset = pydicom.dcmread(path)
    if "ImagePositionPatient" not in dataset:
        # GDCM looks for positions where the kind of file has them.
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
        dataset.Modality = "CT"
        dataset.ImagePositionPatient = [10, -20, 30]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    if "PixelSpacing" not in dataset:
        dataset.PixelSpacing = [0.5, 0.75]
    if "SliceThickness" not in dataset:
        dataset.SliceThickness = 2
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1 and "GridFrameOffsetVector" not in dataset:
        dataset.GridFrameOffsetVector, itk = list(range(frames)), False
    folder = os.path.join(out, name)
    os.makedirs(folder)
    dataset.save_as(os.path.join(folder, "IM0"))
    try:
        frames = scaled(dataset)
    except RuntimeError:  # libjpeg refuses a scan's header that others ignore.
        frames = sitk.GetArrayFromImage(file_of_itk(folder))
    describe(name, folder, frames if frames.ndim == 3 else [frames], file_of_itk if itk else None)


for path in sorted(glob.glob(os.path.join(data, "*.dcm"))):
    name = os.path.basename(path)[:-4]
    dataset = pydicom.dcmread(path, force=True)
    grey = dataset.get("SamplesPerPixel") == 1 and dataset.get("PhotometricInterpretation") != "PALETTE COLOR"
    broken = name in ("badVR", "MR_truncated", "JPEG2000-embedded-sequence-delimiter") or dataset.get("BitsAllocated") == 1
    if not grey or broken:
        continue
    # GDCM does not know what a frame of a dose measures between frames; it reads the header's sign.
    single(path, name, itk=not name.startswith("rtdose") and name != "J2K_pixelrep_mismatch")
for path in sorted(glob.glob(os.path.join(more[0], "*.dcm"))) if more else []:
    dataset = pydicom.dcmread(path)
    if dataset.SamplesPerPixel == 1:
        single(path, os.path.basename(path)[:-4])


# A series of four slices of noise over a slope, unevenly scaled, and enhanced files of it.
syntaxes = {
    "RLE": pydicom.uid.RLELossless,
    "JPEG-LS": pydicom.uid.JPEGLSLossless,
    "JPEG-2000": pydicom.uid.JPEG2000Lossless,
}


def write(name, datasets, packing=None, itk=True):
    folder = os.path.join(out, name)
    os.makedirs(folder)
    arrays = [scaled(dataset) for dataset in datasets]
    for i, dataset in enumerate(reversed(datasets)):
        dataset = copy.deepcopy(dataset)
        if packing:
            dataset.compress(syntaxes[packing], generate_instance_uid=False)
        dataset.save_as(os.path.join(folder, f"IM{i}"))
    describe(name, folder, arrays, series_of_itk if itk else None)


def write_enhanced(name, datasets, packing=None, change=lambda enhanced: None):
    folder = os.path.join(out, name)
    os.makedirs(folder)
    enhanced = highdicom.legacy.LegacyConvertedEnhancedCTImage(
        datasets, generate_uid(), 1, generate_uid(), 1)
    change(enhanced)
    if packing:
        enhanced.compress(syntaxes[packing])
    enhanced.save_as(os.path.join(folder, "IM0"))
    # The geometry is that of the classic files.
    classic = folder + "-classic"
    os.makedirs(classic)
    for i, dataset in enumerate(datasets):
        dataset.save_as(os.path.join(classic, f"{i}"))
    describe(name, folder, [scaled(dataset) for dataset in datasets], lambda _: series_of_itk(classic))


for packing in syntaxes:
    for signed in (False, True):
        write(f"{packing}-{'signed' if signed else 'unsigned'}", slices(signed), packing)
    write(f"{packing}-bytes", slices(False, bits=8), packing)
    write(f"{packing}-12-bits", slices(False, bits=12), packing)
write("tilted", slices(True, tilt=17))
turned = np.array([[0.8, -0.6, 0], [0.36, 0.48, -0.8], [0.48, 0.64, 0.6]])
write("oblique", slices(True, direction=turned))
write_enhanced("enhanced", slices(True))
write_enhanced("enhanced-slopes", slices(True, slopes=(1, 2, 3, 4)))
write_enhanced("enhanced-oblique", slices(False, direction=turned))
for packing in syntaxes:
    write_enhanced(f"enhanced-{packing}", slices(True), packing)


def shared_measures(enhanced):
    """Moves what is equal for all frames into the shared groups, and reverses the frames."""
    shared = enhanced.SharedFunctionalGroupsSequence[0]
    groups = enhanced.PerFrameFunctionalGroupsSequence
    for keyword in ("PixelMeasuresSequence", "PlaneOrientationSequence"):
        if keyword in groups[0]:
            setattr(shared, keyword, getattr(groups[0], keyword))
            for group in groups:
                delattr(group, keyword)
    frames = enhanced.pixel_array[::-1]
    enhanced.PixelData = frames.tobytes()
    enhanced.PerFrameFunctionalGroupsSequence = pydicom.Sequence(list(groups)[::-1])


write_enhanced("enhanced-shared", slices(True, slopes=(1, 2, 3, 4)), change=shared_measures)
