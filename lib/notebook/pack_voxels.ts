/** Compresses voxels for embedding in a page. */

import type { Labels } from "../array/labels.ts";
import { greyLevels } from "../display/grey_levels.ts";
import { labelBytes, type ViewerLabels, type ViewerScan } from "../display/viewer_data.ts";
import { gzip } from "../image/gzip.ts";

/** A compressed scan. */
export interface PackedScan extends ViewerScan {
  /** gzip as base64. */
  readonly voxels: string;
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
  for (let levels = 256; levels >= 32; levels /= 2) {
    const voxels = await packBytes(greyLevels(values, range, levels));
    if (voxels.length <= room) return { voxels, range, levels };
  }
}

/** A compressed label map. */
export interface PackedLabels extends Omit<ViewerLabels, "name"> {
  /** gzip as base64. */
  readonly voxels: string;
}

/** Compresses labels, with one byte per voxel if all are at most 255. */
export async function packLabels(labels: Labels): Promise<PackedLabels> {
  const { voxels, bytes } = labelBytes(labels);
  return { voxels: await packBytes(voxels), bytes };
}

/** Compresses bytes with gzip and encodes them as base64. */
export async function packBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return (await gzip(bytes, 6)).toBase64();
}
