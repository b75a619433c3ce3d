/** Encodes label maps in the format that a file's ending says, wherever the bytes will go. */

import type { ImageBytes, ImageFormat } from "./format.ts";
import type { Geometry, Segmentation } from "./image.ts";
import { formatOf } from "./registry.ts";
import { segmentationAsStored } from "./reorient.ts";
import { requireSegmentation } from "./require_image.ts";

/** An encoded label map. */
export interface EncodedSegmentation {
  readonly format: ImageFormat;
  /** The grid that the file has. */
  readonly geometry: Geometry;
  readonly content: ImageBytes;
}

/**
 * Encodes a label map. One that was reoriented on reading, or predicted for such a scan, is encoded
 * on the file's grid.
 *
 * @param path Path or name of the file; its ending determines the format.
 * @throws {TypeError} If no format has the file's ending, or the label map is incomplete.
 * @throws {RangeError} If its shape or spacing is invalid, or it has several slices and the format
 * stores pictures.
 */
export async function encodeSegmentation(
  path: string,
  segmentation: Segmentation,
): Promise<EncodedSegmentation> {
  const format = formatOf(path, "write");
  requireSegmentation(segmentation, `write ${path}`);
  const stored = segmentationAsStored(segmentation);
  return {
    format,
    geometry: stored.geometry,
    content: await format.encodeSegmentation(stored, path),
  };
}
