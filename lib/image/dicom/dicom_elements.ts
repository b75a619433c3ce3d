/**
 * Reads the elements of DICOM files.
 *
 * `dicom-parser` parses them: it is small, maintained and tested on more vendors' files than a parser
 * of our own would be.
 */

import dicomParser from "../../packages/dicom_parser.ts";
import { inflateDataSet } from "./dicom_deflate.ts";
import { reasonOf } from "../../options/reason_of.ts";
import { printable } from "../../untrusted/printable.ts";

/** The elements of a file, or of an item of a sequence. */
export type DataSet = dicomParser.DataSet;

/** The elements that are read, by their names in messages. */
export const tags = {
  transferSyntax: "x00020010",
  imageType: "x00080008",
  sopClass: "x00080016",
  sopInstance: "x00080018",
  modality: "x00080060",
  seriesDescription: "x0008103e",
  referencedSeries: "x00081115",
  referencedInstance: "x00081155",
  sliceThickness: "x00180050",
  gantryTilt: "x00181120",
  spacingBetweenSlices: "x00180088",
  seriesUid: "x0020000e",
  seriesNumber: "x00200011",
  position: "x00200032",
  orientation: "x00200037",
  frameOfReference: "x00200052",
  planePosition: "x00209113",
  planeOrientation: "x00209116",
  samplesPerPixel: "x00280002",
  photometric: "x00280004",
  frames: "x00280008",
  rows: "x00280010",
  columns: "x00280011",
  pixelSpacing: "x00280030",
  bitsAllocated: "x00280100",
  bitsStored: "x00280101",
  highBit: "x00280102",
  signed: "x00280103",
  intercept: "x00281052",
  slope: "x00281053",
  pixelMeasures: "x00289110",
  pixelValueTransformation: "x00289145",
  frameOffsets: "x3004000c",
  doseScaling: "x3004000e",
  segments: "x00620002",
  segmentNumber: "x00620004",
  segmentLabel: "x00620005",
  segmentIdentification: "x0062000a",
  referencedSegment: "x0062000b",
  largestFraction: "x0062000e",
  rois: "x30060020",
  roiNumber: "x30060022",
  roiFrameOfReference: "x30060024",
  roiName: "x30060026",
  roiContours: "x30060039",
  contours: "x30060040",
  contourType: "x30060042",
  contourData: "x30060050",
  contourRoi: "x30060084",
  sharedGroups: "x52009229",
  perFrameGroups: "x52009230",
  pixels: "x7fe00010",
} as const;

/** Whether a file begins with the DICOM preamble. */
export function isDicom(content: Uint8Array): boolean {
  return String.fromCharCode(...content.subarray(128, 132)) === "DICM";
}

/**
 * Parses a file's elements.
 *
 * @param path Path for error messages.
 * @throws {TypeError} If the file is not DICOM.
 * @throws {Error} If the elements are damaged.
 */
export function parseDicom(content: Uint8Array<ArrayBuffer>, path: string): DataSet {
  if (!isDicom(content)) {
    throw new TypeError(
      `Cannot read ${path}: found no DICM at byte 128, expected a DICOM file`,
    );
  }
  try {
    const dataSet = dicomParser.parseDicom(content, { inflater: inflateDataSet });
    requireWithin(dataSet);
    return dataSet;
  } catch (cause) {
    // dicom-parser throws plain strings.
    const message = reasonOf(cause);
    throw new Error(
      `Cannot read ${path}: its elements are damaged or truncated (${message}), ` +
        "expected intact data",
      { cause },
    );
  }
}

/** @throws {Error} If an element claims bytes behind the end, which the parser does not notice. */
function requireWithin({ elements, byteArray }: DataSet): void {
  for (const [tag, { dataOffset, length, items }] of Object.entries(elements)) {
    if (dataOffset + length > byteArray.length) {
      throw new Error(`element ${describeTag(tag)} ends behind the file's end`);
    }
    for (const { dataSet } of items ?? []) if (dataSet) requireWithin(dataSet);
  }
}

/** The items of a sequence; none if it is missing. */
export function itemsOf(dataSet: DataSet | undefined, tag: string): DataSet[] {
  return dataSet?.elements[tag]?.items?.flatMap((item) => item.dataSet ?? []) ?? [];
}

/** A text without padding; undefined if it is missing or empty. */
export function textIn(dataSet: DataSet | undefined, tag: string): string | undefined {
  return dataSet?.string(tag)?.trim() || undefined;
}

/** A number; undefined if it is missing or no number. */
export function numberIn(dataSet: DataSet | undefined, tag: string): number | undefined {
  const value = dataSet?.floatString(tag);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** @throws {RangeError} If the element is missing or 0. */
export function wholeNumberIn(dataSet: DataSet, tag: string, path: string): number {
  const value = dataSet.uint16(tag);
  if (value) return value;
  throw new RangeError(
    `Cannot read ${path}: element ${describeTag(tag)} is ${value ?? "missing"}, expected 1 or more`,
  );
}

/** @throws {RangeError} If the element is missing or has another number of values. */
export function decimalsIn(
  dataSet: DataSet | undefined,
  tag: string,
  count: number,
  path: string,
): number[] {
  const text = dataSet?.string(tag);
  const values = text?.split("\\").map(Number) ?? [];
  if (values.length === count && values.every(Number.isFinite)) return values;
  throw new RangeError(
    `Cannot read ${path}: element ${describeTag(tag)} is ${
      text === undefined ? "missing" : printable(text.slice(0, 100))
    }, expected ${count} numbers`,
  );
}

/** Formats a tag for messages, such as `(0020,0032) position`. */
export function describeTag(tag: string): string {
  const [name] = Object.entries(tags).find(([, candidate]) => candidate === tag) ?? [];
  const number = `(${tag.slice(1, 5)},${tag.slice(5)})`;
  return name === undefined ? number : `${number} ${name}`;
}
