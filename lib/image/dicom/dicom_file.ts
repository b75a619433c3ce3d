/** Reads the slices that a DICOM file holds. */

import { isMosaic, splitMosaic } from "./dicom_mosaic.ts";
import { type DicomSlice, parseDicom, sliceOf } from "./dicom_slice.ts";

/**
 * Reads the slice of a file, or the slices of a mosaic.
 *
 * @param path Path for error messages.
 * @throws {TypeError} If the file is not DICOM, has compressed pixels, colours or several frames, or
 * is a mosaic without the header that describes it.
 * @throws {RangeError} If a required element is missing or invalid, or the file is truncated.
 * @throws {Error} If the elements are damaged.
 */
export function readDicomSlices(content: Uint8Array<ArrayBuffer>, path: string): DicomSlice[] {
  const dataSet = parseDicom(content, path);
  const slice = sliceOf(dataSet, path);
  return isMosaic(dataSet) ? splitMosaic(slice, dataSet) : [slice];
}
