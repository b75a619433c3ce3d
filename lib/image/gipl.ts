/** Decodes and encodes GIPL files, the format of the Guy's Image Processing Laboratory. */

import { joinBytes } from "../array/join_bytes.ts";
import { sizeOf } from "../array/nd_array.ts";
import {
  requireBytes,
  storedLabels,
  storedScan,
  type StoredVoxels,
  unpackVoxels,
} from "./file_content.ts";
import type { ImageFormat } from "./format.ts";
import { originOf } from "./geometry.ts";
import { gzip, isGzip } from "./gzip.ts";
import type { Geometry } from "./image.ts";
import type { ImageSource } from "./image_source.ts";
import { geometryOfItk, identityDirection } from "./itk_grid.ts";
import { piecesOf } from "./pieces.ts";
import { decodeImage, type StoredImage } from "./stored_image.ts";
import { plainEncoding, swapBytes, type VoxelType, voxelTypes } from "./voxels.ts";

const headerBytes = 256;

/** The number that ends a header; the second one is older. */
const magics = [4026526128, 719555000];

/** Number types by GIPL's codes. */
const typesByCode: ReadonlyMap<number, VoxelType> = new Map([
  [1, voxelTypes.uint8], // A mask, one byte per voxel.
  [7, voxelTypes.int8],
  [8, voxelTypes.uint8],
  [15, voxelTypes.int16],
  [16, voxelTypes.uint16],
  [31, voxelTypes.uint32],
  [32, voxelTypes.int32],
  [64, voxelTypes.float32],
  [65, voxelTypes.float64],
]);

/** Offsets of a header's fields, which are big-endian. */
const at = { size: 0, type: 8, spacing: 10, smallest: 188, largest: 196, origin: 204, magic: 252 };

/**
 * The GIPL format. It stores spacing and origin, but no directions: axes are ITK's defaults. A fourth
 * axis becomes channels. Files are packed with gzip if their name ends in `.gz`, but compressed files
 * are recognised by their content. As in ITK, the header's matrix and scaling are ignored.
 *
 * @see itk::GiplImageIO
 */
export const gipl: ImageFormat = {
  name: "GIPL",
  endings: [".gipl", ".gipl.gz"],
  decode: async (source) => decodeImage(await decodeGipl(source)),
  decodeStored: decodeGipl,
  encodeImage: ({ geometry, channels, data }, path) =>
    encode(geometry, channels, storedScan(data), 1, path),
  encodeSegmentation: ({ geometry, data }, path) =>
    encode(geometry, 1, storedLabels(data), 6, path),
};

async function decodeGipl(source: ImageSource): Promise<StoredImage> {
  const { path } = source;
  const file = await source.readAll();
  const packed = isGzip(file);
  const head = packed ? await unpackVoxels(file, headerBytes, path) : file;
  const { geometry, channels, type } = readHeader(head, path);
  const needed = headerBytes + channels * sizeOf(geometry.shape) * type.bytes;
  const content = packed ? await unpackVoxels(file, needed, path) : file;
  requireBytes(content.length, needed, path);
  return {
    geometry,
    channels,
    voxels: piecesOf(content.subarray(headerBytes, needed)),
    encoding: { ...plainEncoding(type), littleEndian: false },
  };
}

function readHeader(content: Uint8Array<ArrayBuffer>, path: string) {
  requireBytes(content.length, headerBytes, path);
  const view = new DataView(content.buffer, content.byteOffset, headerBytes);
  if (!magics.includes(view.getUint32(at.magic))) {
    throw new TypeError(
      `Cannot read ${path}: its header does not end with GIPL's magic, expected a GIPL file`,
    );
  }
  const dims = [0, 1, 2, 3].map((axis) => view.getUint16(at.size + 2 * axis));
  const axes = dims[2] === 0 ? 2 : 3;
  const type = typesByCode.get(view.getUint16(at.type));
  if (!type) {
    throw new TypeError(
      `Cannot read ${path}: its number type is ${view.getUint16(at.type)}, ` +
        `expected one of ${[...typesByCode].map(([c, { name }]) => `${c} (${name})`).join(", ")}`,
    );
  }
  const spacing = Array.from({ length: axes }, (_, axis) => view.getFloat32(at.spacing + 4 * axis));
  const direction = identityDirection(axes);
  spacing.forEach((step, axis) => direction[axis * (axes + 1)] *= Math.sign(step));
  const origin = spacing.map((_, axis) => view.getFloat64(at.origin + 8 * axis));
  const grid = { size: dims.slice(0, axes), spacing, origin, direction };
  return { geometry: geometryOfItk(grid, path), channels: Math.max(1, dims[3]), type };
}

async function encode(
  geometry: Geometry,
  channels: number,
  { bytes, type }: StoredVoxels,
  level: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const size = [...geometry.shape].reverse().concat(channels);
  for (const extent of size) {
    if (extent > 65535) {
      throw new RangeError(
        `Cannot write ${path}: an axis has ${extent} entries, expected at most 65535`,
      );
    }
  }
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  size.forEach((extent, axis) => view.setUint16(at.size + 2 * axis, extent));
  view.setUint16(at.type, [...typesByCode].findLast(([, one]) => one === type)![0]);
  [...geometry.spacing].reverse().concat(1)
    .forEach((step, axis) => view.setFloat32(at.spacing + 4 * axis, step));
  const [x, y, z] = originOf(geometry);
  [-x, -y, z].forEach((value, axis) => view.setFloat64(at.origin + 8 * axis, value));
  const body = bytes.slice();
  const values = type.view(body.buffer, 0, body.length / type.bytes);
  const [smallest, largest] = rangeOf(values);
  view.setFloat64(at.smallest, smallest);
  view.setFloat64(at.largest, largest);
  view.setUint32(at.magic, magics[0]);
  swapBytes(body, type.bytes);
  const content = joinBytes([header, body]);
  return path.toLowerCase().endsWith(".gz") ? await gzip(content, level) : content;
}

/** Smallest and largest number; both 0 if there are none but NaN. */
function rangeOf(values: ArrayLike<number>): [number, number] {
  let [smallest, largest] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < smallest) smallest = values[i];
    if (values[i] > largest) largest = values[i];
  }
  return smallest <= largest ? [smallest, largest] : [0, 0];
}
