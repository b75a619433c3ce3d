/** Reads MetaImage headers: lines of keys and values that end with where the voxels are. */

import { MAX_DATA_FILES } from "../../untrusted/limits.ts";
import { printable } from "../../untrusted/printable.ts";
import { numberedNames, requireBelow, requireSlices } from "../detached_data.ts";
import type { Geometry } from "../image.ts";
import { geometryOfItk, identityDirection } from "../itk_grid.ts";
import { type VoxelType, voxelTypes } from "../voxels.ts";

/** Number types by MetaImage's names; its LONG has four bytes on every machine. */
export const elementTypes: ReadonlyMap<string, VoxelType> = new Map([
  ["MET_UCHAR", voxelTypes.uint8],
  ["MET_CHAR", voxelTypes.int8],
  ["MET_USHORT", voxelTypes.uint16],
  ["MET_SHORT", voxelTypes.int16],
  ["MET_UINT", voxelTypes.uint32],
  ["MET_INT", voxelTypes.int32],
  ["MET_ULONG", voxelTypes.uint32],
  ["MET_LONG", voxelTypes.int32],
  ["MET_ULONG_LONG", voxelTypes.uint64],
  ["MET_LONG_LONG", voxelTypes.int64],
  ["MET_FLOAT", voxelTypes.float32],
  ["MET_DOUBLE", voxelTypes.float64],
]);

/** The field that ends a header. */
export const lastField = "ElementDataFile";

/** Upper limit of a header's length, in bytes, without a list of files. */
const maximalHeaderBytes = 1 << 16;

/** Bytes of a header with a list of files, 256 for each name. */
export const longestHeaderBytes = maximalHeaderBytes + 256 * MAX_DATA_FILES;

/** Contents of a header. */
export interface MetaImageHeader {
  readonly geometry: Geometry;
  readonly channels: number;
  /** Whether each voxel's channels are adjacent; otherwise one channel follows the other. */
  readonly interleaved: boolean;
  readonly type: VoxelType;
  readonly littleEndian: boolean;
  readonly compressed: boolean;
  /** Bytes to skip in each file of voxels; undefined if the voxels are its last bytes. */
  readonly skippedBytes: number | undefined;
  /** Files of the voxels, relative to the header's folder; undefined if they follow the header. */
  readonly files: readonly string[] | undefined;
  /** Length of the header in bytes. */
  readonly headerBytes: number;
}

/**
 * Reads a header.
 *
 * @param content The beginning of the file, at least its header.
 * @param path Path for error messages.
 * @throws {TypeError} If the file is no MetaImage, or its voxels are text or no numbers.
 * @throws {RangeError} If sizes, or names of files with the voxels, are invalid.
 */
export function readMetaImageHeader(content: Uint8Array, path: string): MetaImageHeader {
  const { fields, headerBytes } = parseHeader(content, path);
  refuseText(fields, path);
  const { geometry, axisChannels, size } = gridOf(fields, path);
  const [voxelChannels] = numbers(fields, ["ElementNumberOfChannels"], 1, [1], path);
  if (!(Number.isInteger(voxelChannels) && voxelChannels >= 1)) {
    throw new RangeError(
      `Cannot read ${path}: ElementNumberOfChannels is ${voxelChannels}, expected 1 or more`,
    );
  }
  if (axisChannels > 1 && voxelChannels > 1) {
    throw new RangeError(
      `Cannot read ${path}: found ${voxelChannels} numbers per voxel and a fourth axis, ` +
        "expected one or the other",
    );
  }
  const type = elementTypes.get(fields.get("ElementType") ?? "");
  if (!type) {
    throw new TypeError(
      `Cannot read ${path}: ElementType is ${printable(fields.get("ElementType") ?? "missing")}, ` +
        `expected one of ${[...elementTypes.keys()].join(", ")}`,
    );
  }
  const place = filesOf(fields.get(lastField)!, size, content, headerBytes, path);
  return {
    geometry,
    channels: axisChannels * voxelChannels,
    interleaved: voxelChannels > 1,
    type,
    littleEndian: !isTrue(fields, ["BinaryDataByteOrderMSB", "ElementByteOrderMSB"]),
    compressed: isTrue(fields, ["CompressedData"]),
    skippedBytes: skippedBytesOf(fields, place !== undefined, path),
    files: place,
    headerBytes,
  };
}

/** The files that `ElementDataFile` names: one, a numbered series, or the lines that follow. */
function filesOf(
  value: string,
  size: readonly number[],
  content: Uint8Array,
  headerBytes: number,
  path: string,
): string[] | undefined {
  if (/^local$/i.test(value)) return undefined;
  const slices = size.at(-1)!;
  const list = value.match(/^list(?:\s+(\d+)D?)?$/i);
  if (list) {
    requireSliceFiles(list[1], size, path);
    const lines = new TextDecoder().decode(content.subarray(headerBytes, longestHeaderBytes))
      .split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
    requireSlices(lines, slices, path);
    return lines.map((name) => requireBelow(name, path));
  }
  const series = value.match(/^(\S*%\S*)\s+(-?\d+)\s+(-?\d+)(?:\s+(-?\d+))?(?:\s+(\d+)D?)?$/);
  if (series) {
    requireSliceFiles(series[5], size, path);
    const [first, last, step] = [series[2], series[3], series[4] ?? "1"].map(Number);
    const names = numberedNames(series[1], { first, last, step }, slices, path);
    return names.map((name) => requireBelow(name, path));
  }
  return [requireBelow(value, path)];
}

/** Requires that each of several files has one slice, which is what MetaImage assumes by default. */
function requireSliceFiles(axes: string | undefined, size: readonly number[], path: string) {
  if (axes === undefined || Number(axes) === size.length - 1) return;
  throw new TypeError(
    `Cannot read ${path}: its voxels are in several files with ${axes} axes, ` +
      `expected ${size.length - 1}, one file per slice`,
  );
}

function skippedBytesOf(fields: Fields, detached: boolean, path: string): number | undefined {
  const text = fields.get("HeaderSize") ?? "0";
  const bytes = Number(text);
  if (!detached && bytes !== 0) {
    throw new TypeError(`Cannot read ${path}: HeaderSize is ${text}, expected 0`);
  }
  if (Number.isSafeInteger(bytes) && bytes >= -1) return bytes === -1 ? undefined : bytes;
  throw new RangeError(
    `Cannot read ${path}: HeaderSize is ${printable(text)}, expected bytes to skip, or -1`,
  );
}

function parseHeader(content: Uint8Array, path: string) {
  const fields = new Map<string, string>();
  let lineStart = 0;
  while (!fields.has(lastField)) {
    const beginning = content.subarray(0, maximalHeaderBytes);
    const end = beginning.indexOf(0x0a, lineStart);
    const lineEnd = end < 0 ? beginning.length : end; // The last line need not end.
    const line = new TextDecoder().decode(beginning.subarray(lineStart, lineEnd));
    const match = line.match(/^\s*(\w+)\s*=\s*(.*?)\s*$/);
    if (!match) {
      throw new TypeError(
        `Cannot read ${path}: file has no MetaImage header, ` +
          `expected lines "KEY = VALUE" that end with ${lastField}`,
      );
    }
    fields.set(match[1], match[2]);
    lineStart = lineEnd + 1;
  }
  return { fields, headerBytes: lineStart };
}

type Fields = ReadonlyMap<string, string>;

function refuseText(fields: Fields, path: string) {
  // MetaIO assumes binary data by default.
  if (fields.has("BinaryData") && !isTrue(fields, ["BinaryData"])) {
    throw new TypeError(`Cannot read ${path}: its voxels are text, expected binary numbers`);
  }
}

function gridOf(fields: Fields, path: string) {
  const [axes] = numbers(fields, ["NDims"], 1, undefined, path);
  if (![2, 3, 4].includes(axes)) {
    throw new RangeError(`Cannot read ${path}: NDims is ${axes}, expected 2, 3 or 4`);
  }
  const ones = new Array<number>(axes).fill(1);
  const size = numbers(fields, ["DimSize"], axes, undefined, path);
  const spacing = numbers(fields, ["ElementSpacing", "ElementSize"], axes, ones, path);
  const origin = numbers(fields, ["Offset", "Origin", "Position"], axes, ones.map(() => 0), path);
  const matrix = numbers(
    fields,
    ["TransformMatrix", "Rotation", "Orientation"],
    axes * axes,
    identityDirection(axes),
    path,
  );
  const geometry = geometryOfItk({ size, spacing, origin, direction: transpose(matrix) }, path);
  return { geometry, axisChannels: size[3] ?? 1, size };
}

/** The numbers of the first of the named fields that exists. */
function numbers(
  fields: Fields,
  names: readonly string[],
  count: number,
  absent: readonly number[] | undefined,
  path: string,
): readonly number[] {
  const name = names.find((candidate) => fields.has(candidate));
  if (name === undefined && absent) return absent;
  const text = fields.get(name ?? names[0]);
  const values = text?.split(/\s+/).map(Number) ?? [];
  if (values.length !== count || !values.every(Number.isFinite)) {
    throw new RangeError(
      `Cannot read ${path}: ${name ?? names[0]} is ${
        printable(text ?? "missing")
      }, expected ${count} ` +
        (count === 1 ? "number" : "numbers"),
    );
  }
  return values;
}

function isTrue(fields: Fields, names: readonly string[]): boolean {
  return names.some((name) => /^(t|1)/i.test(fields.get(name) ?? ""));
}

/**
 * Converts between MetaImage's matrix, whose rows are the voxel axes, and ITK's, whose columns are.
 */
export function transpose(matrix: readonly number[]): number[] {
  const axes = Math.sqrt(matrix.length);
  return matrix.map((_, i) => matrix[(i % axes) * axes + Math.floor(i / axes)]);
}
