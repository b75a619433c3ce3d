/** Writes DICOM segmentations of label maps. */

import { sameShape } from "../../array/nd_array.ts";
import { writeFileAtomically } from "../../platform/atomic_write.ts";
import type { Segmentation } from "../image.ts";
import { readContent } from "../read_file.ts";
import { segmentationAsStored } from "../reorient.ts";
import { parseDicom } from "./dicom_elements.ts";
import { readDicomGrid } from "./dicom_folder.ts";
import { encodeSegmentation, type Segment } from "./dicom_seg_writer.ts";

/** Where a segmentation belongs, and what it shows. */
export interface SegmentationTarget {
  /** Folder of the scan's slices. */
  readonly scan: string;
  /** The series in the folder, if there are several. */
  readonly series?: string | number;
  readonly segments: readonly Segment[];
  /** What made the label map, at most 64 characters. */
  readonly algorithm: string;
}

/**
 * Writes a label map as a DICOM segmentation that refers to the scan's slices.
 *
 * @param path File to write.
 * @param segmentation The label map on the scan's grid.
 * @throws {RangeError} If the label map has another shape than the scan.
 * @throws {Error} If the scan's slices cannot be read, or the file cannot be written.
 */
export async function writeDicomSegmentation(
  path: string,
  segmentation: Segmentation,
  { scan, series, segments, algorithm }: SegmentationTarget,
): Promise<void> {
  const source = await readDicomGrid(scan, { series });
  const { geometry: { shape }, data } = segmentationAsStored(segmentation);
  if (!sameShape(shape, source.geometry.shape)) {
    throw new RangeError(
      `Cannot write ${path}: the label map is ${shape.join(" × ")} voxels, ` +
        `expected ${source.geometry.shape.join(" × ")} as ${scan} has`,
    );
  }
  const { file } = source.slices[0];
  const content = encodeSegmentation({
    labels: data,
    segments,
    source,
    sourceElements: parseDicom(await readContent(file), file),
    algorithm,
    now: new Date(),
  });
  await writeFileAtomically(path, content);
}
