/** Reads NRRD headers. */

import { MAX_DATA_FILES } from "../../untrusted/limits.ts";
import { numberedNames, requireBelow, requireSlices } from "../detached_data.ts";
import type { Geometry } from "../image.ts";
import { geometryOfItk, identityDirection } from "../itk_grid.ts";
import { type VoxelType, voxelTypes } from "../voxels.ts";

/** Contents of an NRRD header. */
export interface NrrdHeader {
  readonly geometry: Geometry;
  readonly channels: number;
  /** Whether each voxel's channels are adjacent; otherwise one channel follows the other. */
  readonly interleaved: boolean;
  readonly type: VoxelType;
  readonly littleEndian: boolean;
  readonly encoding: NrrdEncoding;
  /** Length of the header in bytes. */
  readonly headerBytes: number;
  /** Lines before the voxels, packed or not. */
  readonly skippedLines: number;
  /** Bytes before the first voxel after unpacking. */
  readonly skippedBytes: number;
  /** Whether the voxels are the last bytes of the file, so that bytes before them are skipped. */
  readonly fromEnd: boolean;
  /** Files of the voxels, relative to the header's folder; undefined if they follow the header. */
  readonly files: readonly string[] | undefined;
}

/** How voxels are stored: as raw bytes, packed with gzip, or as text. */
export type NrrdEncoding = "raw" | "gzip" | "text";

const encodingsByName = new Map<string, NrrdEncoding>([
  ["raw", "raw"],
  ["gzip", "gzip"],
  ["gz", "gzip"],
  ["text", "text"],
  ["txt", "text"],
  ["ascii", "text"],
]);

const { uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64 } = voxelTypes;

/** Number types by NRRD's names; the first name of a type is the one written. */
const typesByName = new Map([
  ...["uint8", "uchar", "unsigned char", "uint8_t"].map((name) => [name, uint8] as const),
  ...["int8", "signed char", "int8_t"].map((name) => [name, int8] as const),
  ...["uint16", "ushort", "unsigned short", "unsigned short int", "uint16_t"]
    .map((name) => [name, uint16] as const),
  ...["int16", "short", "short int", "signed short", "signed short int", "int16_t"]
    .map((name) => [name, int16] as const),
  ...["uint32", "uint", "unsigned int", "uint32_t"].map((name) => [name, uint32] as const),
  ...["int32", "int", "signed int", "int32_t"].map((name) => [name, int32] as const),
  ...[
    "uint64",
    "ulonglong",
    "unsigned long long",
    "unsigned long long int",
    "uint64_t",
  ].map((name) => [name, uint64] as const),
  ...[
    "int64",
    "longlong",
    "long long",
    "long long int",
    "signed long long",
    "signed long long int",
    "int64_t",
  ].map((name) => [name, int64] as const),
  ["float", float32] as const,
  ["double", float64] as const,
]);

/** Signs that convert a named space's axes to left, posterior, superior; others are not changed. */
const spaceSigns = new Map([
  ["right-anterior-superior", [-1, -1, 1]],
  ["ras", [-1, -1, 1]],
  ["left-anterior-superior", [1, -1, 1]],
  ["las", [1, -1, 1]],
]);

/** Upper limit of a header's length, in bytes, without a list of files. */
const maximalHeaderBytes = 1 << 20;

/** Bytes of a header with a list of files, 256 for each name. */
export const longestHeaderBytes = maximalHeaderBytes + 256 * MAX_DATA_FILES;

/** NRRD's name for a number type. */
export function nrrdTypeName(type: VoxelType): string {
  return [...typesByName].find(([, candidate]) => candidate === type)![0];
}

/**
 * Reads a header.
 *
 * @param content The beginning of the file, at least its header.
 * @param path Path for error messages.
 * @throws {TypeError} If the file is not NRRD, or its voxels are not numbers.
 * @throws {RangeError} If its sizes, directions or names of files with the voxels are invalid.
 */
export function readNrrdHeader(content: Uint8Array, path: string): NrrdHeader {
  const { fields, headerBytes } = parseFields(content, path);
  const type = typesByName.get(fields.get("type")?.toLowerCase() ?? "");
  if (!type) {
    throw new TypeError(
      `Cannot read ${path}: type is ${fields.get("type") ?? "missing"}, ` +
        `expected one of ${[...typesByName.keys()].join(", ")}`,
    );
  }
  const encodingName = fields.get("encoding")?.toLowerCase() ?? "missing";
  const encoding = encodingsByName.get(encodingName);
  if (!encoding) {
    throw new TypeError(
      `Cannot read ${path}: encoding is ${encodingName}, expected raw, gzip or text`,
    );
  }
  const endian = fields.get("endian")?.toLowerCase();
  if (type.bytes > 1 && encoding !== "text" && endian !== "little" && endian !== "big") {
    throw new TypeError(
      `Cannot read ${path}: endian is ${endian ?? "missing"}, expected little or big`,
    );
  }
  const lineSkip = numberOf(fields, "line skip", 0, path);
  const byteSkip = numberOf(fields, "byte skip", 0, path);
  if (!(lineSkip >= 0 && (byteSkip >= 0 || (byteSkip === -1 && encoding === "raw")))) {
    throw new RangeError(
      `Cannot read ${path}: line skip is ${lineSkip} and byte skip ${byteSkip}, ` +
        "expected 0 or more, or a byte skip of -1 with raw voxels",
    );
  }
  return {
    ...readGrid(fields, path),
    type,
    littleEndian: endian !== "big",
    encoding,
    headerBytes,
    files: filesOf(fields, content, headerBytes, path),
    skippedLines: lineSkip,
    skippedBytes: Math.max(byteSkip, 0),
    fromEnd: byteSkip === -1,
  };
}

type Fields = ReadonlyMap<string, string>;

function parseFields(content: Uint8Array, path: string) {
  const beginning = content.subarray(0, maximalHeaderBytes);
  const fields = new Map<string, string>();
  let lineStart = 0;
  for (let line = 0;; line++) {
    const found = beginning.indexOf(0x0a, lineStart);
    // A header whose voxels are elsewhere may end with the file.
    const lineEnd = found < 0 && isDetached(fields) ? beginning.length : found;
    const text = new TextDecoder().decode(
      beginning.subarray(lineStart, Math.max(lineEnd, lineStart)),
    ).trimEnd();
    if (line === 0 && !/^NRRD000\d$/.test(text)) {
      throw new TypeError(
        `Cannot read ${path}: file does not begin with NRRD's magic, expected NRRD0001…5`,
      );
    }
    if (lineEnd < 0) {
      throw new RangeError(
        `Cannot read ${path}: header has no end, expected an empty line`,
      );
    }
    lineStart = Math.min(lineEnd + 1, beginning.length);
    if (text === "") return { fields, headerBytes: lineStart };
    const match = text.match(/^([^#:][^:]*): (.*)$/); // Not comments, nor "key:=value".
    if (!match) continue;
    fields.set(match[1].trim().toLowerCase(), match[2].trim());
    if (isList(fields)) return { fields, headerBytes: lineStart };
  }
}

/** What the header says about other files, by either spelling of the field. */
function detachedIn(fields: Fields): string | undefined {
  return fields.get("data file") ?? fields.get("datafile");
}

function isDetached(fields: Fields): boolean {
  return detachedIn(fields) !== undefined;
}

/** Whether the lines that follow are names of files. */
function isList(fields: Fields): boolean {
  return /^LIST(\s|$)/.test(detachedIn(fields) ?? "");
}

/** The files that the header names: one, a numbered series, or the lines that follow. */
function filesOf(
  fields: Fields,
  content: Uint8Array,
  headerBytes: number,
  path: string,
): string[] | undefined {
  const value = detachedIn(fields);
  if (value === undefined) return undefined;
  const sizes = fields.get("sizes")!.split(/\s+/).map(Number);
  const slices = sizes.at(-1)!;
  const requireSliceFiles = (axes: string | undefined) => {
    if (axes === undefined || Number(axes) === sizes.length - 1) return;
    throw new TypeError(
      `Cannot read ${path}: its voxels are in several files with ${axes} axes, ` +
        `expected ${sizes.length - 1}, one file per slice`,
    );
  };
  if (isList(fields)) {
    requireSliceFiles(value.match(/^LIST\s+(\d+)/)?.[1]);
    const lines = new TextDecoder().decode(content.subarray(headerBytes, longestHeaderBytes))
      .split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
    requireSlices(lines, slices, path);
    return lines.map((name) => requireBelow(name, path));
  }
  const series = value.match(/^(.*%\S*)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(?:\s+(\d+))?$/);
  if (series) {
    requireSliceFiles(series[5]);
    const [first, last, step] = series.slice(2, 5).map(Number);
    const names = numberedNames(series[1], { first, last, step }, slices, path);
    return names.map((name) => requireBelow(name, path));
  }
  return [requireBelow(value, path)];
}

/**
 * Returns where the voxels begin after lines to skip.
 *
 * @throws {RangeError} If there are fewer lines.
 */
export function skipLines(
  content: Uint8Array,
  start: number,
  lines: number,
  path: string,
): number {
  let position = start;
  for (let line = 0; line < lines; line++) {
    const end = content.indexOf(0x0a, position);
    if (end < 0) {
      throw new RangeError(
        `Cannot read ${path}: file is cut short, found ${line} lines after the header, ` +
          `expected ${lines}`,
      );
    }
    position = end + 1;
  }
  return position;
}

function readGrid(fields: Fields, path: string) {
  const dimension = numberOf(fields, "dimension", NaN, path);
  const sizes = listOf(fields, "sizes", dimension, path).map(Number);
  const kinds = fields.has("kinds") ? listOf(fields, "kinds", dimension, path) : undefined;
  const directions = fields.has("space directions")
    ? vectorsOf(fields.get("space directions")!, dimension, path)
    : undefined;
  const isSpace = (axis: number) =>
    directions?.[axis] !== null &&
    (kinds === undefined || ["domain", "space", "time", "???", "none"].includes(kinds[axis]));
  const axes = sizes.map((_, axis) => axis);
  const space = axes.filter(isSpace);
  const others = axes.filter((axis) => !isSpace(axis));
  if (others.length > 1 || (others.length === 1 && others[0] > 0 && others[0] < sizes.length - 1)) {
    throw new RangeError(
      `Cannot read ${path}: kinds are ${fields.get("kinds") ?? "missing"}, ` +
        "expected at most one non-spatial axis, the first or the last",
    );
  }
  if (others.length === 1 && space.length === 4) {
    throw new RangeError(
      `Cannot read ${path}: found a fourth spatial axis and a non-spatial axis, ` +
        "expected only one of them",
    );
  }
  const size = space.map((axis) => sizes[axis]);
  const grid = directions
    ? gridOfDirections(fields, space.map((axis) => directions[axis]!), path)
    : gridOfSpacings(fields, space, dimension, path);
  const geometry = geometryOfItk({ size, ...grid }, path);
  const channels = others.length === 1 ? sizes[others[0]] : size[3] ?? 1;
  if (!(Number.isSafeInteger(channels) && channels >= 1)) {
    throw new RangeError(
      `Cannot read ${path}: sizes are ${sizes.join(" ")}, expected positive extents`,
    );
  }
  return { geometry, channels, interleaved: others[0] === 0 };
}

function gridOfDirections(fields: Fields, columns: readonly number[][], path: string) {
  const axes = columns.length;
  const originText = fields.get("space origin");
  const origin = originText ? vectorsOf(originText, 1, path)[0]! : columns.map(() => 0);
  if (origin.length !== axes || columns.some((column) => column.length !== axes)) {
    throw new RangeError(
      `Cannot read ${path}: space directions are ${fields.get("space directions")} and space ` +
        `origin ${originText ?? "missing"}, expected vectors of ${axes} numbers`,
    );
  }
  const signs = spaceSigns.get(fields.get("space")?.toLowerCase() ?? "") ?? [];
  const sign = (row: number) => signs[row] ?? 1;
  const spacing = columns.map((column) => Math.hypot(...column));
  return {
    spacing,
    origin: origin.map((value, row) => sign(row) * value),
    direction: columns.flatMap((_, row) =>
      columns.map((column, axis) => sign(row) * column[row] / spacing[axis])
    ),
  };
}

function gridOfSpacings(
  fields: Fields,
  space: readonly number[],
  dimension: number,
  path: string,
) {
  const spacings = fields.has("spacings")
    ? listOf(fields, "spacings", dimension, path).map(Number)
    : undefined;
  return {
    // Unknown values are stored as NaN and count as 1, as in ITK.
    spacing: space.map((axis) => spacings?.[axis] || 1),
    origin: space.map(() => 0),
    direction: identityDirection(space.length),
  };
}

/** Parses vectors in the notation `(1,0,0) none`, with null for `none`. */
function vectorsOf(text: string, count: number, path: string): (number[] | null)[] {
  const parts = text.match(/\([^)]*\)|none/gi) ?? [];
  const vectors = parts.map((part) =>
    part.startsWith("(") ? part.slice(1, -1).split(",").map(Number) : null
  );
  const numeric = vectors.every((vector) => !vector || vector.every(Number.isFinite));
  if (vectors.length !== count || !numeric) {
    throw new RangeError(
      `Cannot read ${path}: found ${text}, expected ${count} vectors such as (1,0,0)`,
    );
  }
  return vectors;
}

function listOf(fields: Fields, name: string, count: number, path: string): string[] {
  const text = fields.get(name);
  const parts = text?.split(/\s+/) ?? [];
  if (parts.length !== count) {
    throw new RangeError(
      `Cannot read ${path}: ${name} is ${text ?? "missing"}, expected ${count} entries`,
    );
  }
  return parts;
}

function numberOf(fields: Fields, name: string, absent: number, path: string): number {
  const text = fields.get(name);
  const value = text === undefined ? absent : Number(text);
  if (Number.isInteger(value)) return value;
  throw new RangeError(
    `Cannot read ${path}: ${name} is ${text ?? "missing"}, expected an integer`,
  );
}
