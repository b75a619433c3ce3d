/** Reads the pictures of DICOM segmentations. */

import { sizeOf } from "../../array/nd_array.ts";
import { printable } from "../../untrusted/printable.ts";
import { MAX_PACKED_PIXELS } from "../../untrusted/limits.ts";
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
import { unpackPixels } from "./dicom_pixels.ts";
import { groupsOf } from "./dicom_slice.ts";
import { bytesIn } from "./dicom_text.ts";
import {
  type DicomStructures,
  requireSameFrame,
  type StructureGrid,
  toVoxelsOf,
} from "./structure_grid.ts";
import { encapsulatedFrames } from "./encapsulated_frames.ts";
import { transferSyntaxOf } from "./transfer_syntax.ts";

/** Voxels by which pixels may miss the centre of a voxel of the scan; positions are rounded. */
const gridTolerance = 0.1;

/** How the file stores its pictures. */
interface Pictures {
  readonly path: string;
  readonly rows: number;
  readonly columns: number;
  /** For each picture, the numbers of the segments that it shows; undefined if pixels say so. */
  readonly segments: readonly (number | undefined)[];
  /** Position and directions of each picture. */
  readonly placeOf: (frame: number) => Place;
  /** Whether a pixel of a picture belongs to a segment. */
  readonly isSet: (frame: number, pixel: number, segment: number) => boolean;
}

interface Place {
  readonly position: readonly number[];
  /** Steps from column to column and from row to row, LPS mm. */
  readonly right: readonly number[];
  readonly down: readonly number[];
}

/**
 * Reads the structures of a segmentation: of bits, fractions (from one half on) or numbers of
 * segments.
 *
 * @param decode Decodes names.
 * @throws {TypeError} If bits are packed, or pixels are not of 1, 8 or 16 bits.
 * @throws {RangeError} If an element is missing or invalid.
 */
export async function readSegments(
  dataSet: DataSet,
  path: string,
  decode: (bytes: Uint8Array) => string,
): Promise<DicomStructures> {
  const segments = itemsOf(dataSet, tags.segments).map((item) => ({
    number: item.uint16(tags.segmentNumber) ?? 0,
    name: decode(bytesIn(item, tags.segmentLabel) ?? new Uint8Array()),
  })).filter(({ number, name }) => number > 0 && name !== "");
  if (segments.length === 0) {
    throw new RangeError(`Cannot read ${path}: found no segments, expected at least one`);
  }
  const pictures = await picturesOf(dataSet, path);
  const frameOfReference = textIn(dataSet, tags.frameOfReference);
  return {
    path,
    names: [...new Set(segments.map(({ name }) => name))],
    empty: [],
    draw(name, grid) {
      requireSameFrame(frameOfReference, grid, path);
      const mask = new Uint8Array(sizeOf(grid.geometry.shape));
      for (const segment of segments.filter((one) => one.name === name)) {
        drawSegment(pictures, segment, grid, mask);
      }
      return mask;
    },
  };
}

function drawSegment(
  { path, rows, columns, segments, placeOf, isSet }: Pictures,
  { number, name }: { readonly number: number; readonly name: string },
  grid: StructureGrid,
  mask: Uint8Array,
) {
  const toVoxels = toVoxelsOf(grid);
  const [depth, height, width] = grid.geometry.shape;
  for (const [frame, shown] of segments.entries()) {
    if (shown !== undefined && shown !== number) continue;
    const { position, right, down } = placeOf(frame);
    const sum = (steps: readonly number[]) => position.map((value, axis) => value + steps[axis]);
    const origin = toVoxels(position);
    const stepOf = (steps: readonly number[]) =>
      toVoxels(sum(steps)).map((value, axis) => value - origin[axis]);
    const [across, along] = [stepOf(right), stepOf(down)];
    // Errors add up over the picture, so that the last pixel is the worst.
    const last = origin.map((value, axis) =>
      value + across[axis] * (columns - 1) + along[axis] * (rows - 1)
    );
    if (![origin, last, across, along].flat().every(isNearWhole)) {
      throw new RangeError(
        `Cannot read ${path}: picture ${frame + 1} of "${
          printable(name)
        }" is on another grid than ` +
          "the scan, expected pixels on the scan's voxels",
      );
    }
    const [x0, y0, z0] = origin.map(Math.round);
    const [[xr, yr, zr], [xd, yd, zd]] = [across.map(Math.round), along.map(Math.round)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (!isSet(frame, row * columns + column, number)) continue;
        const x = x0 + column * xr + row * xd;
        const y = y0 + column * yr + row * yd;
        const z = z0 + column * zr + row * zd;
        if (!(x >= 0 && x < width && y >= 0 && y < height && z >= 0 && z < depth)) {
          throw new RangeError(
            `Cannot read ${path}: picture ${frame + 1} of "${
              printable(name)
            }" has pixels outside ` +
              "of the scan, expected structures of this scan",
          );
        }
        mask[(z * height + y) * width + x] = 1;
      }
    }
  }
}

function isNearWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < gridTolerance;
}

async function picturesOf(dataSet: DataSet, path: string): Promise<Pictures> {
  const [rows, columns, bits] = ([tags.rows, tags.columns, tags.bitsAllocated] as const)
    .map((tag) => wholeNumberIn(dataSet, tag, path));
  const perFrame = itemsOf(dataSet, tags.perFrameGroups);
  const shared = itemsOf(dataSet, tags.sharedGroups)[0];
  const frames = numberIn(dataSet, tags.frames) ?? 1;
  if (!(Number.isInteger(frames) && frames >= 1)) {
    throw new RangeError(`Cannot read ${path}: found ${frames} frames, expected 1 or more`);
  }
  const groups = groupsOf(dataSet, frames, path);
  if (![1, 8, 16].includes(bits)) {
    throw new TypeError(`Cannot read ${path}: pixels have ${bits} bits, expected 1, 8 or 16`);
  }
  const size = { rows, columns, frames, bits };
  const { bytes, littleEndian } = await pixelBytes(dataSet, size, path);
  const numbered = /\.66\.7$/.test(textIn(dataSet, tags.sopClass) ?? "");
  const plane = rows * columns;
  const swap = !littleEndian && dataSet.elements[tags.pixels].vr === "OW" ? 1 : 0; // Bits are in words of two bytes.
  const half = (dataSet.uint16(tags.largestFraction) ?? 255) / 2;
  const valueAt = (index: number) =>
    bits === 8
      ? bytes[index]
      : littleEndian
      ? bytes[2 * index] | (bytes[2 * index + 1] << 8)
      : bytes[2 * index + 1] | (bytes[2 * index] << 8);
  return {
    path,
    rows,
    columns,
    segments: Array.from({ length: frames }, (_, frame) => {
      if (numbered) return undefined;
      const identification = itemsOf(perFrame[frame], tags.segmentIdentification)[0] ??
        itemsOf(shared, tags.segmentIdentification)[0];
      return identification?.uint16(tags.referencedSegment) ?? 0;
    }),
    placeOf(frame) {
      const { position, orientation, measures } = groups(frame);
      const name = `${path}, frame ${frame + 1}`;
      const directions = decimalsIn(orientation, tags.orientation, 6, name);
      const [betweenRows, betweenColumns] = decimalsIn(measures, tags.pixelSpacing, 2, name);
      return {
        position: decimalsIn(position, tags.position, 3, name),
        right: directions.slice(0, 3).map((value) => value * betweenColumns),
        down: directions.slice(3).map((value) => value * betweenRows),
      };
    },
    isSet(frame, pixel, segment) {
      const index = frame * plane + pixel;
      if (bits === 1) return ((bytes[(index >> 3) ^ swap] >> (index & 7)) & 1) === 1;
      return numbered ? valueAt(index) === segment : valueAt(index) >= half;
    },
  };
}

/** The pixels of all pictures, one after the other. */
async function pixelBytes(
  dataSet: DataSet,
  { rows, columns, frames, bits }: {
    readonly rows: number;
    readonly columns: number;
    readonly frames: number;
    readonly bits: number;
  },
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly littleEndian: boolean }> {
  const { packing, littleEndian } = transferSyntaxOf(textIn(dataSet, tags.transferSyntax), path);
  const element = dataSet.elements[tags.pixels];
  const all = Math.ceil(frames * rows * columns * bits / 8);
  if (!packing) {
    const found = element
      ? Math.min(element.length, dataSet.byteArray.length - element.dataOffset)
      : 0;
    requireBytes(found, all, path);
    const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + found);
    return { bytes, littleEndian };
  }
  if (bits === 1) {
    throw new TypeError(
      `Cannot read ${path}: its bits are packed as ${packing}, expected plain bits; convert the ` +
        "file with gdcmconv --raw",
    );
  }
  const packed = element && encapsulatedFrames(dataSet, tags.pixels, frames);
  if (!packed || all > 4 * MAX_PACKED_PIXELS) {
    throw new RangeError(
      `Cannot read ${path}: found ${element?.fragments?.length ?? 0} packed fragments, expected ` +
        `those of ${frames} frames of ${rows} × ${columns} pixels`,
    );
  }
  const bytes = new Uint8Array(all);
  const type = bits === 8 ? voxelTypes.uint8 : voxelTypes.uint16;
  for (const [frame, part] of packed.entries()) {
    const unpacked = await unpackPixels({
      path: `${path}, frame ${frame + 1}`,
      rows,
      columns,
      pixels: {
        ...{ bytes: part, packing, type, littleEndian },
        ...{ bitsStored: bits, highBit: bits - 1, slope: 1, intercept: 0 },
      },
    });
    bytes.set(unpacked.bytes, frame * unpacked.bytes.length);
  }
  return { bytes, littleEndian: true };
}
