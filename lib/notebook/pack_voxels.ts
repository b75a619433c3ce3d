/** Compresses voxels for embedding in a page. */

import type { Labels } from "../array/labels.ts";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const pack = promisify(gzip);

/** A compressed scan. */
export interface PackedScan {
  /** Levels 0 to 255, (z, y, x) in C order; gzip as base64. */
  readonly voxels: string;
  /** Values of the levels 0 and 255; values outside are clipped. */
  readonly range: readonly [low: number, high: number];
  /** Number of distinct levels: 256, or fewer if noise would take too much space. */
  readonly levels: number;
}

/**
 * Compresses a scan with as many grey levels as fit.
 *
 * Noise with 8 bits per voxel hardly compresses, and its lowest bits are invisible, so the levels
 * are halved until the volume fits, down to 32.
 *
 * @param room Limit on the characters of the compressed voxels.
 * @returns The scan, or undefined if 32 levels do not fit.
 */
export async function packScan(
  values: Float32Array,
  range: readonly [low: number, high: number],
  room: number,
): Promise<PackedScan | undefined> {
  const [low, high] = range;
  const quantised = new Uint8Array(values.length);
  for (let levels = 256; levels >= 32; levels /= 2) {
    const step = 255 / (levels - 1);
    const scale = (levels - 1) / Math.max(high - low, Number.MIN_VALUE);
    for (let voxel = 0; voxel < values.length; voxel++) {
      const level = Math.min(levels - 1, Math.max(0, Math.round((values[voxel] - low) * scale)));
      quantised[voxel] = Math.round(level * step);
    }
    const voxels = await packBytes(quantised);
    if (voxels.length <= room) return { voxels, range, levels };
  }
}

/** A compressed label map. */
export interface PackedLabels {
  /** Labels, (z, y, x) in C order, little endian; gzip as base64. */
  readonly voxels: string;
  /** Bytes per voxel. */
  readonly bytes: 1 | 2;
}

/** Compresses labels, with one byte per voxel if all are at most 255. */
export async function packLabels(labels: Labels): Promise<PackedLabels> {
  const isWide = labels instanceof Uint16Array && labels.some((label) => label > 255);
  const stored = isWide ? labels : Uint8Array.from(labels);
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return { voxels: await packBytes(bytes), bytes: isWide ? 2 : 1 };
}

/** Compresses bytes with gzip and encodes them as base64. */
export async function packBytes(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await pack(bytes, { level: 6 })).toBase64();
}
