/** Interprets the elements of DICOM files as slices. */

import { requireBytes } from "../file_content.ts";
import { voxelTypes } from "../voxels.ts";
import {
  type DataSet,
  decimalsIn,
  itemsOf,
  numberIn,
  tags,
  textIn,
  wholeNumberIn,
} from "./dicom_elements.ts";
import type { DicomPixels, StoredPicture } from "./dicom_pixels.ts";
import { crossProduct } from "./directions.ts";
import { encapsulatedFrames } from "./encapsulated_frames.ts";
import { type TransferSyntax, transferSyntaxOf } from "./transfer_syntax.ts";

/** A slice with its pixels as stored. */
export interface DicomSlice extends StoredPicture {
  /** Path of the file; `path` also names the frame. */
  readonly file: string;
  readonly series: SeriesTitle;
  /** Identifiers of the file's kind and of the file. */
  readonly sopClass: string;
  readonly sopInstance: string;
  /** Identifier of the frame of reference, if the file has one. */
  readonly frameOfReference?: string;
  /** Number of the frame, from 1, in a file that has several. */
  readonly frame?: number;
  /** Centre of the first pixel, (x, y, z) in LPS millimetres. */
  readonly position: readonly number[];
  /** Unit vectors along a row and down a column, LPS. */
  readonly rowDirection: readonly number[];
  readonly columnDirection: readonly number[];
  /** Millimetres between rows and between columns. */
  readonly pixelSpacing: readonly number[];
  /** Millimetres from slice to slice, if stored. */
  readonly sliceSpacing: number | undefined;
}

/** How a series is named. */
export interface SeriesTitle {
  /** Identifier that all slices of a series share. */
  readonly uid: string;
  readonly number?: string;
  readonly modality?: string;
  readonly description?: string;
}

/** Most frames of a file, as a guard against damaged files. */
const MAX_FRAMES = 65536;

/**
 * Returns the pictures of a file as slices: one, or one for each frame of an enhanced CT or MR or of a
 * dose.
 *
 * Each frame has its own position and scaling, as far as the file says.
 *
 * @param path Path for error messages.
 * @throws {TypeError} If the file has colours, several frames without positions, or a transfer syntax
 * that is not supported.
 * @throws {RangeError} If a required element is missing or invalid, or the file is truncated.
 */
export function slicesOf(dataSet: DataSet, path: string): DicomSlice[] {
  const syntax = transferSyntaxOf(textIn(dataSet, tags.transferSyntax), path);
  refuseColors(dataSet, path);
  const frames = numberIn(dataSet, tags.frames) ?? 1;
  if (!(Number.isInteger(frames) && frames >= 1 && frames <= MAX_FRAMES)) {
    throw new RangeError(
      `Cannot read ${path}: found ${frames} frames, expected a whole number up to ${MAX_FRAMES}`,
    );
  }
  const rows = wholeNumberIn(dataSet, tags.rows, path);
  const columns = wholeNumberIn(dataSet, tags.columns, path);
  const groups = groupsOf(dataSet, frames, path);
  const pixels = pixelsOf(dataSet, syntax, { rows, columns, frames, path });
  const facts = {
    series: {
      uid: textIn(dataSet, tags.seriesUid) ?? "",
      number: textIn(dataSet, tags.seriesNumber),
      modality: textIn(dataSet, tags.modality),
      description: textIn(dataSet, tags.seriesDescription),
    },
    sopClass: textIn(dataSet, tags.sopClass) ?? "",
    sopInstance: textIn(dataSet, tags.sopInstance) ?? "",
    frameOfReference: textIn(dataSet, tags.frameOfReference),
    rows,
    columns,
  };
  return pixels.map((stored, index) => {
    const name = frames === 1 ? path : `${path}, frame ${index + 1}`;
    const { position, orientation, measures, scaling } = groups(index);
    const directions = decimalsIn(orientation, tags.orientation, 6, name);
    const [rowDirection, columnDirection] = [directions.slice(0, 3), directions.slice(3)];
    const first = decimalsIn(position, tags.position, 3, name);
    return {
      ...facts,
      file: path,
      path: name,
      ...frames > 1 && { frame: index + 1 },
      position: shifted(dataSet, first, crossProduct(rowDirection, columnDirection), index),
      rowDirection,
      columnDirection,
      pixelSpacing: decimalsIn(measures, tags.pixelSpacing, 2, name),
      sliceSpacing: numberIn(measures, tags.spacingBetweenSlices) ??
        numberIn(measures, tags.sliceThickness),
      pixels: {
        ...stored,
        slope: numberIn(scaling, tags.slope) ?? numberIn(dataSet, tags.doseScaling) ?? 1,
        intercept: numberIn(scaling, tags.intercept) ?? 0,
      },
    };
  });
}

/** Where the facts of a frame are: in its own groups, in those of all frames, or in the file itself. */
interface FrameGroups {
  readonly position: DataSet;
  readonly orientation: DataSet;
  readonly measures: DataSet;
  readonly scaling: DataSet;
}

/**
 * Returns a function that finds the groups of a frame.
 *
 * @throws {TypeError} If there are several frames and nothing says where they are.
 */
export function groupsOf(
  dataSet: DataSet,
  frames: number,
  path: string,
): (index: number) => FrameGroups {
  const shared = itemsOf(dataSet, tags.sharedGroups)[0];
  const perFrame = itemsOf(dataSet, tags.perFrameGroups);
  if (perFrame.length > 0 && perFrame.length !== frames) {
    throw new RangeError(
      `Cannot read ${path}: found ${frames} frames and functional groups of ${perFrame.length}, ` +
        "expected as many groups as frames",
    );
  }
  if (frames > 1 && perFrame.length === 0 && frameOffsets(dataSet).length !== frames) {
    throw new TypeError(
      `Cannot read ${path}: found ${frames} frames without positions, expected one frame per file, ` +
        "or functional groups, as enhanced CT and MR have them",
    );
  }
  return (index) => {
    const group = (tag: string) =>
      itemsOf(perFrame[index], tag)[0] ?? itemsOf(shared, tag)[0] ?? dataSet;
    return {
      position: group(tags.planePosition),
      orientation: group(tags.planeOrientation),
      measures: group(tags.pixelMeasures),
      scaling: group(tags.pixelValueTransformation),
    };
  };
}

/** Distances of a dose's frames, in mm. */
function frameOffsets(dataSet: DataSet): number[] {
  return textIn(dataSet, tags.frameOffsets)?.split("\\").map(Number) ?? [];
}

/**
 * The position of a frame of a dose, whose distances count from the first frame's position, or, if the
 * first is not 0, are positions along z.
 */
function shifted(
  dataSet: DataSet,
  position: readonly number[],
  normal: readonly number[],
  index: number,
): readonly number[] {
  const offsets = frameOffsets(dataSet);
  if (offsets.length <= index || itemsOf(dataSet, tags.perFrameGroups).length > 0) return position;
  const distance = offsets[index] - offsets[0];
  const direction = offsets[0] === 0 ? normal : [0, 0, Math.sign(normal[2])];
  return position.map((value, axis) => value + distance * direction[axis]);
}

function refuseColors(dataSet: DataSet, path: string) {
  const samples = dataSet.uint16(tags.samplesPerPixel) ?? 1;
  if (samples !== 1) {
    throw new TypeError(`Cannot read ${path}: pixels have ${samples} samples, expected one (grey)`);
  }
  if (textIn(dataSet, tags.photometric) === "PALETTE COLOR") {
    throw new TypeError(`Cannot read ${path}: pixels are numbers of colours, expected grey values`);
  }
}

/** The pixels of each frame, still packed and not scaled. */
function pixelsOf(
  dataSet: DataSet,
  { littleEndian, packing }: TransferSyntax,
  { rows, columns, frames, path }: {
    readonly rows: number;
    readonly columns: number;
    readonly frames: number;
    readonly path: string;
  },
): Omit<DicomPixels, "slope" | "intercept">[] {
  const bitsAllocated = wholeNumberIn(dataSet, tags.bitsAllocated, path);
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
  const facts = { type, littleEndian, bitsStored, highBit };
  if (packing) {
    const packed = encapsulatedFrames(dataSet, tags.pixels, frames);
    if (packed) return packed.map((bytes) => ({ ...facts, bytes, packing }));
    throw new RangeError(
      `Cannot read ${path}: found ${element.fragments?.length ?? 0} packed fragments, ` +
        `expected those of ${frames} frames`,
    );
  }
  const bytes = rows * columns * type.bytes;
  requireBytes(
    Math.min(element.length, dataSet.byteArray.length - element.dataOffset),
    bytes * frames,
    path,
  );
  return Array.from({ length: frames }, (_, frame) => {
    const start = element.dataOffset + frame * bytes;
    return { ...facts, bytes: new Uint8Array(dataSet.byteArray.subarray(start, start + bytes)) };
  });
}
