/** Reads the slices that a DICOM file holds. */

import { parseDicom } from "./dicom_elements.ts";
import { isMosaic, splitMosaic } from "./dicom_mosaic.ts";
import { type DicomSlice, slicesOf } from "./dicom_slice.ts";

/**
 * Reads the slice of a file, or the slices of an enhanced file, a dose or a mosaic.
 *
 * @param path Path for error messages.
 * @throws {TypeError} If the file is not DICOM, has colours, frames without positions or an unknown
 * packing of pixels, or is a mosaic without the header that describes it.
 * @throws {RangeError} If a required element is missing or invalid, or the file is truncated.
 * @throws {Error} If the elements are damaged.
 */
export async function readDicomSlices(
  content: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<DicomSlice[]> {
  const dataSet = parseDicom(content, path);
  const slices = slicesOf(dataSet, path);
  return slices.length === 1 && isMosaic(dataSet) ? await splitMosaic(slices[0], dataSet) : slices;
}
