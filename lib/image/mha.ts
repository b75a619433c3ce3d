/** Decodes and encodes MetaImage files with header and voxels in one file, `.mha`. */

import { sizeOf } from "../array/nd_array.ts";
import {
  joinBytes,
  requireBytes,
  storedLabels,
  storedScan,
  type StoredVoxels,
  unpackVoxels,
} from "./file_content.ts";
import type { ImageFormat } from "./format.ts";
import { deflate } from "./gzip.ts";
import type { Geometry } from "./image.ts";
import type { ImageSource } from "./image_source.ts";
import { geometryOfItk, identityDirection, itkGridOf } from "./itk_grid.ts";
import { piecesOf } from "./pieces.ts";
import { decodeImage, type StoredImage } from "./stored_image.ts";
import { plainEncoding, voxelTypes } from "./voxels.ts";

/** Number types by MetaImage's names; its LONG has four bytes on every machine. */
const elementTypes = new Map([
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
const lastField = "ElementDataFile";

/** Upper limit of a header's length, in bytes. */
const maximalHeaderBytes = 1 << 16;

/**
 * The MetaImage format.
 *
 * A fourth axis or several numbers per voxel become channels; channels are written along a fourth
 * axis.
 *
 * @see https://github.com/Kitware/MetaIO/blob/master/doc/MetaIO-Doc.md
 */
export const mha: ImageFormat = {
  name: "MetaImage",
  endings: [".mha"],
  decode: async (source) => decodeImage(await decodeMha(source)),
  decodeStored: decodeMha,
  encodeImage: ({ geometry, channels, data }) => encode(geometry, channels, storedScan(data), 1),
  encodeSegmentation: ({ geometry, data }) => encode(geometry, 1, storedLabels(data), 6),
};

async function decodeMha(source: ImageSource): Promise<StoredImage> {
  const { path } = source;
  const file = await source.readAll();
  const { fields, voxelOffset } = parseHeader(file, path);
  refuseOtherKinds(fields, path);
  const { geometry, axisChannels } = gridOf(fields, path);
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
      `Cannot read ${path}: ElementType is ${fields.get("ElementType") ?? "missing"}, ` +
        `expected one of ${[...elementTypes.keys()].join(", ")}`,
    );
  }
  const expected = sizeOf(geometry.shape) * axisChannels * voxelChannels * type.bytes;
  const stored = file.subarray(voxelOffset);
  const content = isTrue(fields, ["CompressedData"])
    ? await unpackVoxels(stored, expected, path)
    : stored;
  requireBytes(content.length, expected, path);
  const littleEndian = !isTrue(fields, ["BinaryDataByteOrderMSB", "ElementByteOrderMSB"]);
  return {
    geometry,
    channels: axisChannels * voxelChannels,
    interleaved: voxelChannels > 1,
    voxels: piecesOf(content.subarray(0, expected)),
    encoding: { ...plainEncoding(type), littleEndian },
  };
}

function parseHeader(content: Uint8Array, path: string) {
  const fields = new Map<string, string>();
  let lineStart = 0;
  while (!fields.has(lastField)) {
    const lineEnd = content.subarray(0, maximalHeaderBytes).indexOf(0x0a, lineStart);
    const line = new TextDecoder().decode(content.subarray(lineStart, Math.max(lineEnd, 0)));
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
  return { fields, voxelOffset: lineStart };
}

type Fields = ReadonlyMap<string, string>;

function refuseOtherKinds(fields: Fields, path: string) {
  const file = fields.get(lastField);
  if (file !== "LOCAL") {
    throw new TypeError(
      `Cannot read ${path}: ${lastField} is ${file}, expected LOCAL, voxels in the same file`,
    );
  }
  const headerSize = fields.get("HeaderSize") ?? "0";
  if (headerSize !== "0") {
    throw new TypeError(`Cannot read ${path}: HeaderSize is ${headerSize}, expected 0`);
  }
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
  return { geometry, axisChannels: size[3] ?? 1 };
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
      `Cannot read ${path}: ${name ?? names[0]} is ${text ?? "missing"}, expected ${count} ` +
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
function transpose(matrix: readonly number[]): number[] {
  const axes = Math.sqrt(matrix.length);
  return matrix.map((_, i) => matrix[(i % axes) * axes + Math.floor(i / axes)]);
}

async function encode(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { size, spacing, origin, direction } = itkGridOf(geometry, channels);
  const packed = await deflate(bytes, level);
  const elementType = [...elementTypes].find(([, candidate]) => candidate === type)![0];
  const header = [
    "ObjectType = Image",
    `NDims = ${size.length}`,
    "BinaryData = True",
    "BinaryDataByteOrderMSB = False",
    "CompressedData = True",
    `CompressedDataSize = ${packed.length}`,
    `TransformMatrix = ${transpose(direction).join(" ")}`,
    `Offset = ${origin.join(" ")}`,
    `ElementSpacing = ${spacing.join(" ")}`,
    `DimSize = ${size.join(" ")}`,
    `ElementType = ${elementType}`,
    `${lastField} = LOCAL`,
    "",
  ].join("\n");
  return joinBytes(new TextEncoder().encode(header), packed);
}
