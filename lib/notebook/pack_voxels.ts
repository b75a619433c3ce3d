/** Voxels small enough to travel inside a page. */

import type { Labels } from "../array/labels.ts";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const pack = promisify(gzip);

/** A scan in a page. */
export interface PackedScan {
  /** Levels 0 to 255, (z, y, x) in C order; gzip as base64. */
  readonly voxels: string;
  /** Values of the levels 0 and 255. Those beyond are shown as these. */
  readonly range: readonly [low: number, high: number];
  /** Different levels that are used: 256, or fewer where noise would need too much room. */
  readonly levels: number;
}

/**
 * Packs a scan in as many grey levels as fit.
 *
 * Noise hardly packs at 8 bits a voxel, and the eye does not see its last bits: levels are halved
 * until the volume fits, to 32 at least.
 *
 * @param room Characters that the voxels may take.
 * @returns Undefined if 32 levels do not fit.
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

/** A label map in a page. */
export interface PackedLabels {
  /** Labels, (z, y, x) in C order, little endian; gzip as base64. */
  readonly voxels: string;
  /** Bytes a voxel. */
  readonly bytes: 1 | 2;
}

/** Packs labels, in one byte each where they fit. */
export async function packLabels(labels: Labels): Promise<PackedLabels> {
  const isWide = labels instanceof Uint16Array && labels.some((label) => label > 255);
  const stored = isWide ? labels : Uint8Array.from(labels);
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return { voxels: await packBytes(bytes), bytes: isWide ? 2 : 1 };
}

/** Gzip as base64. */
export async function packBytes(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await pack(bytes, { level: 6 })).toBase64();
}
