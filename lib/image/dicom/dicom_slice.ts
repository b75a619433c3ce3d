/**
 * Reads the slices of a DICOM file.
 *
 * `dicom-parser` parses the elements: it is small, maintained and tested on more vendors' files
 * than a parser of our own would be. This module interprets them.
 */

import dicomParser from "../../packages/dicom_parser.ts";
import { deflatedSyntax, inflateDataSet } from "./dicom_deflate.ts";
import { requireBytes } from "../file_content.ts";
import { piecesOf } from "../pieces.ts";
import { decodeVoxels, type VoxelType, voxelTypes } from "../voxels.ts";
import { reasonOf } from "../../options/reason_of.ts";

/** A slice with its pixels as stored. */
export interface DicomSlice {
  readonly path: string;
  /** Identifier that all slices of a series share. */
  readonly seriesUid: string;
  /** Modality and description of the series, as far as they are stored. */
  readonly seriesTitle: string;
  readonly rows: number;
  readonly columns: number;
  /** Centre of the first pixel, (x, y, z) in LPS millimetres. */
  readonly position: readonly number[];
  /** Unit vectors along a row and down a column, LPS. */
  readonly rowDirection: readonly number[];
  readonly columnDirection: readonly number[];
  /** Millimetres between rows and between columns. */
  readonly pixelSpacing: readonly number[];
  /** Millimetres from slice to slice, if stored. */
  readonly sliceSpacing: number | undefined;
  readonly pixels: DicomPixels;
}

/** Pixels as a file stores them. */
export interface DicomPixels {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: VoxelType;
  readonly littleEndian: boolean;
  /** Number of significant bits and the highest of them; higher bits may hold an overlay. */
  readonly bitsStored: number;
  readonly highBit: number;
  /** value = stored × slope + intercept */
  readonly slope: number;
  readonly intercept: number;
}

const tags = {
  transferSyntax: "x00020010",
  modality: "x00080060",
  seriesDescription: "x0008103e",
  sliceThickness: "x00180050",
  spacingBetweenSlices: "x00180088",
  seriesUid: "x0020000e",
  position: "x00200032",
  orientation: "x00200037",
  samplesPerPixel: "x00280002",
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
  pixels: "x7fe00010",
} as const;

const bigEndianSyntax = "1.2.840.10008.1.2.2";

/** Transfer syntaxes without pixel compression: implicit, explicit, deflated, big endian. */
const plainSyntaxes = [
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1",
  deflatedSyntax,
  bigEndianSyntax,
];

/** Whether a file begins with the DICOM preamble. */
export function isDicom(content: Uint8Array): boolean {
  return String.fromCharCode(...content.subarray(128, 132)) === "DICM";
}

/**
 * Returns the picture of a file as one slice.
 *
 * @param path Path for error messages.
 * @throws {TypeError} If the file has compressed pixels, colours or several frames.
 * @throws {RangeError} If a required element is missing or invalid, or the file is truncated.
 */
export function sliceOf(dataSet: dicomParser.DataSet, path: string): DicomSlice {
  refuseOtherKinds(dataSet, path);
  const rows = wholeNumber(dataSet, tags.rows, path);
  const columns = wholeNumber(dataSet, tags.columns, path);
  const orientation = decimals(dataSet, tags.orientation, 6, path);
  return {
    path,
    seriesUid: dataSet.string(tags.seriesUid) ?? "",
    seriesTitle: [tags.modality, tags.seriesDescription].flatMap((tag) =>
      dataSet.string(tag)?.trim() || []
    ).join(" "),
    rows,
    columns,
    position: decimals(dataSet, tags.position, 3, path),
    rowDirection: orientation.slice(0, 3),
    columnDirection: orientation.slice(3),
    pixelSpacing: decimals(dataSet, tags.pixelSpacing, 2, path),
    sliceSpacing: number(dataSet, tags.spacingBetweenSlices) ??
      number(dataSet, tags.sliceThickness),
    pixels: pixelsOf(dataSet, rows * columns, path),
  };
}

/** Decodes a slice's values, (y, x) in C order. */
export async function decodeDicomPixels(
  { bytes, type, littleEndian, bitsStored, highBit, slope, intercept }: DicomPixels,
): Promise<Float32Array<ArrayBuffer>> {
  const count = bytes.length / type.bytes;
  const bits = type.bytes * 8;
  if (bitsStored === bits) {
    return await decodeVoxels(piecesOf(bytes), count, { type, littleEndian, slope, intercept });
  }
  const values = await decodeVoxels(piecesOf(bytes), count, {
    type,
    littleEndian,
    slope: 1,
    intercept: 0,
  });
  const left = 31 - highBit; // Shifts out the bits above the highest significant one.
  const right = 32 - bitsStored;
  const signed = type.name.startsWith("int");
  for (let i = 0; i < values.length; i++) {
    const shifted = values[i] << left;
    values[i] = (signed ? shifted >> right : shifted >>> right) * slope + intercept;
  }
  return values;
}

/**
 * Parses a file's elements.
 *
 * @param path Path for error messages.
 * @throws {TypeError} If the file is not DICOM.
 * @throws {Error} If the elements are damaged.
 */
export function parseDicom(content: Uint8Array<ArrayBuffer>, path: string): dicomParser.DataSet {
  if (!isDicom(content)) {
    throw new TypeError(
      `Cannot read ${path}: found no DICM at byte 128, expected a DICOM file`,
    );
  }
  try {
    return dicomParser.parseDicom(content, { inflater: inflateDataSet });
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

function refuseOtherKinds(dataSet: dicomParser.DataSet, path: string) {
  const syntax = dataSet.string(tags.transferSyntax) ?? "";
  if (!plainSyntaxes.includes(syntax)) {
    throw new TypeError(
      `Cannot read ${path}: transfer syntax is ${syntax || "missing"}, expected one without ` +
        `compressed pixels (${plainSyntaxes.join(", ")}); convert the file with gdcmconv --raw`,
    );
  }
  const frames = number(dataSet, tags.frames) ?? 1;
  if (frames !== 1) {
    throw new TypeError(`Cannot read ${path}: found ${frames} frames, expected one per file`);
  }
  const samples = dataSet.uint16(tags.samplesPerPixel) ?? 1;
  if (samples !== 1) {
    throw new TypeError(`Cannot read ${path}: pixels have ${samples} samples, expected one (grey)`);
  }
}

function pixelsOf(dataSet: dicomParser.DataSet, count: number, path: string): DicomPixels {
  const bitsAllocated = wholeNumber(dataSet, tags.bitsAllocated, path);
  const bitsStored = dataSet.uint16(tags.bitsStored) ?? bitsAllocated;
  const highBit = dataSet.uint16(tags.highBit) ?? bitsStored - 1;
  const signed = dataSet.uint16(tags.signed) === 1;
  const name = `${signed ? "int" : "uint"}${bitsAllocated}`;
  const type = Object.values(voxelTypes).find((candidate) => candidate.name === name);
  const possible = bitsStored >= 1 && bitsStored <= highBit + 1 && highBit < bitsAllocated;
  if (!type || type.bytes > 4 || !possible) {
    throw new TypeError(
      `Cannot read ${path}: pixels use ${bitsStored} of ${bitsAllocated} bits up to bit ` +
        `${highBit}, expected 8, 16 or 32 bits`,
    );
  }
  const element = dataSet.elements[tags.pixels];
  if (!element) throw new RangeError(`Cannot read ${path}: found no pixels, expected pixel data`);
  const bytes = count * type.bytes;
  requireBytes(
    Math.min(element.length, dataSet.byteArray.length - element.dataOffset),
    bytes,
    path,
  );
  return {
    bytes: new Uint8Array(
      dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + bytes),
    ),
    type,
    littleEndian: dataSet.string(tags.transferSyntax) !== bigEndianSyntax,
    bitsStored,
    highBit,
    slope: number(dataSet, tags.slope) ?? 1,
    intercept: number(dataSet, tags.intercept) ?? 0,
  };
}

function number(dataSet: dicomParser.DataSet, tag: string): number | undefined {
  const value = dataSet.floatString(tag);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function wholeNumber(dataSet: dicomParser.DataSet, tag: string, path: string): number {
  const value = dataSet.uint16(tag);
  if (value) return value;
  throw new RangeError(
    `Cannot read ${path}: element ${describe(tag)} is ${value ?? "missing"}, expected 1 or more`,
  );
}

function decimals(
  dataSet: dicomParser.DataSet,
  tag: string,
  count: number,
  path: string,
): number[] {
  const text = dataSet.string(tag);
  const values = text?.split("\\").map(Number) ?? [];
  if (values.length === count && values.every(Number.isFinite)) return values;
  throw new RangeError(
    `Cannot read ${path}: element ${describe(tag)} is ${text ?? "missing"}, ` +
      `expected ${count} numbers`,
  );
}

/** Formats a tag for messages, such as `(0020,0032) position`. */
function describe(tag: string): string {
  const name = Object.entries(tags).find(([, candidate]) => candidate === tag)![0];
  return `(${tag.slice(1, 5)},${tag.slice(5)}) ${name}`;
}
