/** Reads structures that DICOM files outline: segmentations (SEG) and structure sets (RTSTRUCT). */

import { printable } from "../../untrusted/printable.ts";
import { readContent } from "../read_file.ts";
import { parseDicom, tags, textIn } from "./dicom_elements.ts";
import { readContours } from "./rt_structures.ts";
import { readSegments } from "./segment_frames.ts";
import type { DicomStructures } from "./structure_grid.ts";
import { textDecoderOf } from "./dicom_text.ts";
import { structureKinds } from "./dicom_documents.ts";

/**
 * Reads the structures of a file.
 *
 * @throws {TypeError} If it is neither a segmentation nor a structure set.
 * @throws {RangeError} If an element is missing or invalid.
 * @throws {Error} If the file cannot be read or is damaged.
 */
export async function readStructures(path: string): Promise<DicomStructures> {
  const dataSet = parseDicom(await readContent(path), path);
  const kind = structureKinds[textIn(dataSet, tags.sopClass) ?? ""];
  if (kind === undefined) {
    throw new TypeError(
      `Cannot read ${path}: its kind is ${
        printable(textIn(dataSet, tags.sopClass) ?? "missing")
      }, ` +
        "expected a DICOM segmentation or structure set",
    );
  }
  const decode = textDecoderOf(dataSet);
  return kind === "structure set"
    ? readContours(dataSet, path, decode)
    : await readSegments(dataSet, path, decode);
}
