"""
Writes scans with DICOM segmentations and structure sets, and reads segmentations.

    python structures.py write OUT
    python structures.py read SEGMENTATION...

`write` makes OUT/images/CASE, four slices each, and OUT/labels/CASE.dcm with the structures "Liver" and
"Spleen" of 36 × 40 × 4 voxels; OUT/CASE.raw has them as labels 1 and 2, (z, y, x). `read` prints, for
each file, the names of its segments, whether they overlap, and for every segment the voxels of each
slice that highdicom finds, by the slice's identifier, as text of 0 and 1.
"""

import json
import os
import sys
import warnings

import highdicom
import numpy as np
import pydicom
from highdicom.sr.coding import CodedConcept
from made_series import slices
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

warnings.filterwarnings("ignore")
pydicom.config.settings.reading_validation_mode = 0
names = ["Liver", "Spleen"]
turned = np.array([[0.8, -0.6, 0], [0.36, 0.48, -0.8], [0.48, 0.64, 0.6]])


def save_scan(out, case, datasets):
    folder = os.path.join(out, "images", case)
    os.makedirs(folder)
    for i, dataset in enumerate(datasets):
        dataset.save_as(os.path.join(folder, f"{i}"))


def masks():
    z, y, x = np.meshgrid(np.arange(4), np.arange(36), np.arange(40), indexing="ij")
    liver = ((y - 12) ** 2 + (x - 10) ** 2 < 90) & (z > 0)
    spleen = ((y - 24) ** 2 + (x - 30) ** 2 < 60) & (z < 3)
    return liver, spleen


def segment(number, name):
    organ = CodedConcept("85756007", "SCT", "Tissue")
    return highdicom.seg.SegmentDescription(
        segment_number=number, segment_label=name, segmented_property_category=organ,
        segmented_property_type=organ, algorithm_type="MANUAL")


def segmentation(datasets, arrays, kind, **more):
    return highdicom.seg.Segmentation(
        source_images=datasets, pixel_array=np.stack(arrays, -1), segmentation_type=kind,
        segment_descriptions=[segment(i + 1, name) for i, name in enumerate(names)],
        series_instance_uid=generate_uid(), series_number=2, sop_instance_uid=generate_uid(),
        instance_number=1, manufacturer="a", manufacturer_model_name="b", software_versions="c",
        device_serial_number="d", **more)


def inside(points, shape):
    """Whether the centres of pixels are in a polygon, by the crossings of a ray to the right."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    odd = np.zeros(shape, bool)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0)):
        crosses = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            odd ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return odd


def structure_set(datasets, rois, extra=()):
    """A structure set of polygons, ROI by ROI: lists of slice and points (x, y) in pixels."""
    structures = Dataset()
    structures.file_meta = FileMetaDataset()
    structures.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    structures.file_meta.MediaStorageSOPClassUID = pydicom.uid.RTStructureSetStorage
    structures.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    structures.SOPClassUID = pydicom.uid.RTStructureSetStorage
    structures.SOPInstanceUID = structures.file_meta.MediaStorageSOPInstanceUID
    structures.Modality = "RTSTRUCT"
    structures.StructureSetROISequence, structures.ROIContourSequence = [], []
    for number, (name, contours) in enumerate([*rois.items(), *extra], 1):
        roi = Dataset()
        roi.ROINumber, roi.ROIName = number, name
        roi.ReferencedFrameOfReferenceUID = datasets[0].FrameOfReferenceUID
        structures.StructureSetROISequence.append(roi)
        item = Dataset()
        item.ReferencedROINumber, item.ContourSequence = number, []
        for z, points in contours:
            source = datasets[z]
            right, down = np.array(source.ImageOrientationPatient).reshape(2, 3)
            rows, columns = source.PixelSpacing
            origin = np.array(source.ImagePositionPatient)
            contour = Dataset()
            contour.ContourGeometricType = "CLOSED_PLANAR" if len(points) > 1 else "POINT"
            world = [origin + x * columns * right + y * rows * down for x, y in points]
            contour.ContourData = [f"{value:.5f}" for value in np.ravel(world)]
            contour.NumberOfContourPoints = len(points)
            item.ContourSequence.append(contour)
        structures.ROIContourSequence.append(item)
    return structures


def circle(x, y, radius, corners=17):
    angles = np.arange(corners) * 2 * np.pi / corners + 0.1234
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], 1)


def write_case(out, case, datasets, file, labels):
    save_scan(out, case, datasets)
    file.save_as(os.path.join(out, "labels", f"{case}.dcm"), enforce_file_format=True)
    np.asarray(labels, np.uint8).tofile(os.path.join(out, f"{case}.raw"))


def write(out):
    os.makedirs(os.path.join(out, "labels"))
    liver, spleen = masks()
    labels = liver + 2 * spleen
    for case, direction in (("seg", None), ("turned", turned)):
        datasets = slices(True, direction=direction)
        file = segmentation(datasets, [liver, spleen], "BINARY")
        write_case(out, case, datasets, file, labels)
    datasets = slices(True)
    fractions = [np.where(mask, 0.7, 0.3) * (mask.max((1, 2), keepdims=True)) for mask in (liver, spleen)]
    file = segmentation(datasets, fractions, "FRACTIONAL")
    write_case(out, "fractional", datasets, file, labels)
    file = segmentation(
        datasets, fractions, "FRACTIONAL", transfer_syntax_uid=pydicom.uid.RLELossless)
    write_case(out, "packed", datasets, file, labels)
    for case, direction, tilt in (("rt", None, 0), ("rtturned", turned, 0), ("rttilted", None, 15)):
        datasets = slices(True, direction=direction, tilt=tilt)
        # The liver has a hole, and the spleen two parts.
        rois = {
            "liver ": [(1, circle(12, 14, 9.3)), (1, circle(13, 15, 4.2)), (2, circle(12, 14, 6.1))],
            "Spleen": [(0, circle(30, 25, 7.7)), (3, circle(31, 8, 5.5)), (3, circle(20, 28, 4.9))],
        }
        volume = np.zeros((4, 36, 40), np.uint8)
        for label, contours in enumerate(rois.values(), 1):
            mask = np.zeros(volume.shape, bool)
            for z, points in contours:
                mask[z] ^= inside(points, volume.shape[1:])
            volume[mask] = label
        extra = [("marker", [(1, np.array([[3.0, 3.0]]))])]
        write_case(out, case, datasets, structure_set(datasets, rois, extra), volume)


def read(paths):
    found = []
    for path in paths:
        file = highdicom.seg.segread(path)
        uids = [uid for _, _, uid in file.get_source_image_uids()]
        segments = {}
        # Slices without voxels have no frame.
        arrays = file.get_pixels_by_source_instance(
            uids, ignore_spatial_locations=False, assert_missing_frames_are_empty=True)
        for number in file.segment_numbers:
            name = file.get_segment_description(number).SegmentLabel
            segments[name] = {
                uid: "".join(map(str, arrays[i, :, :, number - 1].ravel())) for i, uid in enumerate(uids)}
        found.append({"segments": segments, "overlap": file.SegmentsOverlap})
    print(json.dumps(found))


if __name__ == "__main__":
    write(sys.argv[2]) if sys.argv[1] == "write" else read(sys.argv[2:])
