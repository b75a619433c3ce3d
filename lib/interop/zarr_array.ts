/**
 * Reads and writes chunked Zarr v3 arrays, of which parts can be read.
 *
 * All chunks are stored uncompressed in one shard, a file with a known layout: a chunk's position
 * is computed without reading the index. Any Zarr v3 reader with the sharding codec can read the
 * array.
 *
 * @see https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html
 */

import type { SignedLabels } from "../array/labels.ts";
import { join } from "../platform/paths.ts";
import { OpenFile } from "../platform/open_file.ts";
import { z } from "../packages/zod.ts";
import type { Box } from "../array/box.ts";
import { type NdArray, type Shape, sizeOf } from "../array/nd_array.ts";
import { readJson } from "../platform/read_text.ts";
import { writeFileAtomically, writeJsonAtomically } from "../platform/atomic_write.ts";
import { crc32c } from "./crc32c.ts";
import { fileInfo } from "../platform/files.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";

/** Supported element types, by Zarr's names. */
export type ZarrType = "float32" | "int8" | "int16";

/** Buffers of the supported types. */
export type ZarrData = Float32Array<ArrayBuffer> | SignedLabels;

/** Layout of an array's file. */
export interface ZarrLayout {
  readonly type: ZarrType;
  /** Shape of the array, (z, y, x) or (c, z, y, x). */
  readonly shape: Shape;
  /** Shape of a chunk, (z, y, x). */
  readonly chunkShape: Shape;
}

const bytesPerElement: Readonly<Record<ZarrType, number>> = { float32: 4, int16: 2, int8: 1 };

/** Returns the name of an array's element type. */
export function zarrTypeOf(data: ZarrData): ZarrType {
  if (data instanceof Float32Array) return "float32";
  return data instanceof Int8Array ? "int8" : "int16";
}

/**
 * Returns a chunk shape close to the wanted one that divides the array evenly, with little padding.
 */
export function evenChunks(extents: Shape, wanted: Shape): number[] {
  return extents.map((extent, axis) => {
    const count = Math.max(1, Math.round(extent / wanted[axis]));
    return Math.ceil(extent / count);
  });
}

/** Returns the number and sizes of an array's chunks. */
function chunksOf({ type, shape, chunkShape }: ZarrLayout) {
  const [volumes, ...extents] = shape.length === 3 ? [1, ...shape] : shape;
  const counts = extents.map((extent, axis) => Math.ceil(extent / chunkShape[axis]));
  const chunkBytes = sizeOf(chunkShape) * bytesPerElement[type];
  const total = volumes * sizeOf(counts);
  /** An offset and a length of 8 bytes each per chunk, and a checksum. */
  const indexBytes = total * 16 + 4;
  return { volumes, extents, counts, chunkBytes, total, indexBytes };
}

/** Returns the path of an array's data file. */
export function zarrFile(folder: string, { shape }: Pick<ZarrLayout, "shape">): string {
  return join(folder, "c", ...shape.map(() => "0"));
}

/** Returns the size of an array's data file in bytes. */
export function zarrFileBytes(layout: ZarrLayout): number {
  const { indexBytes, total, chunkBytes } = chunksOf(layout);
  return indexBytes + total * chunkBytes;
}

/**
 * Writes an array to a folder. Apart from the array, it needs the memory of one row of chunks.
 *
 * @throws {Error} If a file cannot be written.
 */
export async function writeZarr(folder: string, { shape, data }: NdArray<ZarrData>, chunk: Shape) {
  const layout: ZarrLayout = { type: zarrTypeOf(data), shape, chunkShape: chunk };
  await writeFileAtomically(zarrFile(folder, layout), shardOf(layout, data));
  const leading = shape.slice(0, shape.length - 3).map(() => 1);
  const bytes = { name: "bytes", configuration: { endian: "little" } };
  const { counts, volumes } = chunksOf(layout);
  const shard = counts.map((count, axis) => count * chunk[axis]);
  await writeJsonAtomically(join(folder, "zarr.json"), {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: layout.type,
    chunk_grid: {
      name: "regular",
      configuration: { chunk_shape: [...leading.map(() => volumes), ...shard] },
    },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{
      name: "sharding_indexed",
      configuration: {
        chunk_shape: [...leading, ...chunk],
        codecs: [bytes],
        index_codecs: [bytes, { name: "crc32c" }],
        index_location: "end",
      },
    }],
    attributes: {},
  });
}

/**
 * Returns the shard's bytes: rows of chunks along the last axis, then the index. All rows use the
 * same memory, which therefore stays in the cache.
 */
function* shardOf(layout: ZarrLayout, data: ZarrData): Generator<Uint8Array<ArrayBuffer>> {
  const { volumes, extents, counts } = chunksOf(layout);
  const [depth, height] = layout.chunkShape;
  const row = bufferOf(layout.type, counts[2] * sizeOf(layout.chunkShape));
  for (let volume = 0; volume < volumes; volume++) {
    for (let z = 0; z < extents[0]; z += depth) {
      for (let y = 0; y < extents[1]; y += height) {
        gatherChunks(layout, data, [volume, z, y], row);
        // Typed arrays have the machine's byte order; all machines Deno supports are little-endian.
        yield new Uint8Array(row.buffer);
      }
    }
  }
  yield indexOf(layout);
}

/** Returns the bytes of a shard's index: offset and length of every chunk, and a checksum. */
function indexOf(layout: ZarrLayout): Uint8Array<ArrayBuffer> {
  const { chunkBytes, total, indexBytes } = chunksOf(layout);
  const index = new DataView(new ArrayBuffer(indexBytes));
  for (let chunk = 0; chunk < total; chunk++) {
    index.setBigUint64(16 * chunk, BigInt(chunk * chunkBytes), true);
    index.setBigUint64(16 * chunk + 8, BigInt(chunkBytes), true);
  }
  const entries = new Uint8Array(index.buffer, 0, indexBytes - 4);
  index.setUint32(indexBytes - 4, crc32c(entries), true);
  return new Uint8Array(index.buffer);
}

/** Copies the voxels of a row of chunks, given by volume, first plane and line; pads with zeros. */
function gatherChunks(
  { shape, chunkShape: [depth, height, width] }: ZarrLayout,
  data: ZarrData,
  [volume, firstZ, firstY]: Shape,
  chunks: ZarrData,
) {
  const [planes, lines, columns] = shape.slice(-3);
  const lastZ = Math.min(firstZ + depth, planes);
  const lastY = Math.min(firstY + height, lines);
  if (lastZ < firstZ + depth || lastY < firstY + height) chunks.fill(0);
  for (let z = firstZ; z < lastZ; z++) {
    for (let y = firstY; y < lastY; y++) {
      const source = ((volume * planes + z) * lines + y) * columns;
      let target = ((z - firstZ) * height + y - firstY) * width;
      for (let x = 0; x < columns; x += width, target += depth * height * width) {
        chunks.set(data.subarray(source + x, source + Math.min(x + width, columns)), target);
      }
    }
  }
}

const metadataSchema = z.object({
  shape: z.array(z.int().positive()).min(3).max(4),
  data_type: z.enum(["float32", "int8", "int16"]),
  codecs: z.tuple([z.object({
    name: z.literal("sharding_indexed"),
    configuration: z.object({ chunk_shape: z.array(z.int().positive()).min(3).max(4) }),
  })]),
});

/**
 * Reads the layout of an array written by {@link writeZarr}, and checks that its data is complete:
 * the size of the data file, and the index at its end, which is written last.
 *
 * @throws {SyntaxError} If it is not such an array.
 * @throws {RangeError} If the data file does not match the shape, or its index is damaged.
 * @throws {Error} If a file cannot be read.
 */
export async function readZarrLayout(folder: string): Promise<ZarrLayout> {
  const parsed = metadataSchema.safeParse(await readJson(join(folder, "zarr.json")));
  if (!parsed.success) {
    throw new SyntaxError(
      `Cannot read ${folder}: it is not a supported array: ${schemaProblems(parsed.error)}`,
    );
  }
  const { shape, data_type: type, codecs: [{ configuration }] } = parsed.data;
  const layout = { type, shape, chunkShape: configuration.chunk_shape.slice(-3) };
  const path = zarrFile(folder, layout);
  const { size } = await fileInfo(path);
  const expected = zarrFileBytes(layout);
  if (size !== expected) {
    throw new RangeError(`Cannot read ${path}: found ${size} bytes, expected ${expected}`);
  }
  const index = indexOf(layout);
  const found = new Uint8Array(index.length);
  using file = await OpenFile.read(path);
  await file.fillAt(size - index.length, found);
  if (index.some((byte, i) => byte !== found[i])) {
    throw new RangeError(`Cannot read ${path}: the index of its chunks is damaged`);
  }
  return layout;
}

function bufferOf(type: ZarrType, length: number): ZarrData {
  if (type === "float32") return new Float32Array(length);
  return type === "int8" ? new Int8Array(length) : new Int16Array(length);
}

/**
 * Reads a box of all volumes of an array synchronously. Only chunks that the box intersects are
 * read.
 *
 * @param box Box of voxels, (z, y, x); outside the array, `target` is not changed.
 * @param target Buffer for all volumes, (c, z, y, x) with the size of the box, of a type that
 * represents the array's values.
 * @throws {Error} If the file cannot be read.
 * @throws {RangeError} If the file is truncated.
 */
export function readZarr(folder: string, layout: ZarrLayout, box: Box, target: ZarrData) {
  const { volumes, extents, counts, chunkBytes } = chunksOf(layout);
  const begin = box.origin.map((first) => Math.max(0, first));
  const end = box.origin.map((first, axis) => Math.min(extents[axis], first + box.size[axis]));
  if (begin.some((first, axis) => first >= end[axis])) return;
  const chunk = layout.chunkShape;
  const firstChunk = begin.map((first, axis) => Math.floor(first / chunk[axis]));
  const lastChunk = end.map((last, axis) => Math.floor((last - 1) / chunk[axis]));
  const planeSize = chunk[1] * chunk[2];
  const planeBytes = planeSize * bytesPerElement[layout.type];
  const buffer = bufferOf(layout.type, chunk[0] * planeSize);
  const bytes = new Uint8Array(buffer.buffer);

  using file = OpenFile.readSync(zarrFile(folder, layout));
  for (let volume = 0; volume < volumes; volume++) {
    for (let cz = firstChunk[0]; cz <= lastChunk[0]; cz++) {
      // The planes of a chunk are contiguous: those outside the box are not read.
      const z0 = Math.max(begin[0], cz * chunk[0]);
      const z1 = Math.min(end[0], (cz + 1) * chunk[0]);
      const skipped = (z0 - cz * chunk[0]) * planeBytes;
      for (let cy = firstChunk[1]; cy <= lastChunk[1]; cy++) {
        for (let cx = firstChunk[2]; cx <= lastChunk[2]; cx++) {
          const number = ((volume * counts[0] + cz) * counts[1] + cy) * counts[2] + cx;
          const position = number * chunkBytes + skipped;
          readExactly(file, position, bytes.subarray(0, (z1 - z0) * planeBytes), folder);
          copyPlanes(volume, z0, z1, cy * chunk[1], cx * chunk[2]);
        }
      }
    }
  }

  /** Copies the part inside the box from planes of a chunk that begins at (…, chunkY, chunkX). */
  function copyPlanes(volume: number, z0: number, z1: number, chunkY: number, chunkX: number) {
    const y0 = Math.max(begin[1], chunkY);
    const y1 = Math.min(end[1], chunkY + chunk[1]);
    const x0 = Math.max(begin[2], chunkX);
    const x1 = Math.min(end[2], chunkX + chunk[2]);
    for (let z = z0; z < z1; z++) {
      for (let y = y0; y < y1; y++) {
        const source = (z - z0) * planeSize + (y - chunkY) * chunk[2] - chunkX;
        const row = ((volume * box.size[0] + z - box.origin[0]) * box.size[1] + y - box.origin[1]) *
          box.size[2];
        target.set(buffer.subarray(source + x0, source + x1), row + x0 - box.origin[2]);
      }
    }
  }
}

function readExactly(file: OpenFile, position: number, bytes: Uint8Array, folder: string) {
  const filled = file.fillAtSync(position, bytes);
  if (filled === bytes.length) return;
  throw new RangeError(
    `Cannot read ${folder}: its data ends after ${position + filled} bytes, expected at least ` +
      `${position + bytes.length}`,
  );
}
