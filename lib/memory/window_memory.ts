/** Chooses how many patches at once fit into a device's memory beside the volume. */

import { type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceLimits } from "./device_limits.ts";
import { formatBytes } from "../options/format_bytes.ts";
import { DeviceMemoryError } from "./memory_error.ts";

/** How much of a device's memory networks need. Batches need it in proportion to their patches. */
export interface NetworkNeeds {
  /** Bytes of all folds' weights. */
  readonly weightBytes: number;
  /** Peak bytes of one patch's activations. */
  readonly patchBytes: number;
  /** Bytes of the largest tensor of one patch. */
  readonly largestTensorBytes: number;
  /** Channels of the input. */
  readonly channels: number;
  /** Whether the networks accept several patches at once; early models accept only one. */
  readonly isBatchFree: boolean;
}

/** The device that networks predict on, and the sizes of tiles and logits. */
export interface WindowSizes {
  /** The device, for the message. */
  readonly device: Device;
  /** Channels of the logits. */
  readonly heads: number;
  /** Voxels per axis, (z, y, x) or (y, x). */
  readonly tileSize: Shape;
}

/** Voxels per pass that keep a GPU busy; more would only take more memory. */
const PASS_VOXELS = 2 ** 22;

/** Largest number of patches per pass. */
const MOST_PATCHES = 32;

/**
 * Chooses how many patches the networks process at once: as many as fit, and a power of two, like
 * the number of mirrored views.
 *
 * @param needs Memory that the networks need.
 * @param sizes The device, and the sizes of tiles and logits.
 * @param volume Voxels of the padded volume, (z, y, x), at least those of a tile.
 * @param limits The device's memory limits.
 * @param most The largest number to choose.
 * @returns The number of patches, 1 to 32.
 * @throws {DeviceMemoryError} If not even one patch fits; the remedy says what would fit.
 */
export function patchesThatFit(
  needs: NetworkNeeds,
  { device, heads, tileSize }: WindowSizes,
  volume: Zyx,
  { memoryBytes = Infinity, largestTensorBytes = Infinity }: DeviceLimits = {},
  most: number = MOST_PATCHES,
): number {
  const useful = Math.max(1, PASS_VOXELS / sizeOf(tileSize));
  const wanted = needs.isBatchFree ? Math.min(most, MOST_PATCHES, useful) : 1;
  const voxelBytes = bytesPerVoxel(needs, heads);
  const bytesOf = (patches: number) =>
    needs.weightBytes + patches * needs.patchBytes + sizeOf(volume) * voxelBytes;
  const largestOf = (patches: number) =>
    Math.max(patches * needs.largestTensorBytes, sumBytesPerVoxel(heads) * sizeOf(volume));
  for (let patches = 2 ** Math.floor(Math.log2(wanted)); patches >= 1; patches /= 2) {
    if (bytesOf(patches) <= memoryBytes && largestOf(patches) <= largestTensorBytes) return patches;
  }
  const networkBytes = needs.weightBytes + needs.patchBytes;
  const fittingVoxels = Math.min(
    (memoryBytes - networkBytes) / voxelBytes,
    needs.largestTensorBytes <= largestTensorBytes
      ? largestTensorBytes / sumBytesPerVoxel(heads)
      : 0,
  );
  const described = `${volume.join(" × ")} voxels with ${heads} classes`;
  const fitting = fittingVoxels >= sizeOf(tileSize)
    ? `volumes of up to ${(fittingVoxels / 1e6).toPrecision(3)} million voxels fit`
    : "no volume fits, because the plan's patch is too large for the device";
  throw new DeviceMemoryError(device, {
    ...bytesOf(1) > memoryBytes
      ? {
        what: `a volume of ${described}, with ${formatBytes(networkBytes)} for the network,`,
        requiredBytes: bytesOf(1),
        availableBytes: memoryBytes,
      }
      : {
        what: `the largest tensor of a volume of ${described}`,
        requiredBytes: largestOf(1),
        availableBytes: largestTensorBytes,
      },
    remedy: `${fitting}; device "cpu" needs less`,
  });
}

/** Bytes per voxel of the sums over tiles: logits of all heads, and weights. */
function sumBytesPerVoxel(heads: number): number {
  return 4 * (heads + 1);
}

/** Bytes per voxel of the volume and the sums: before a pass, the pass's own, and after it. */
function bytesPerVoxel({ channels }: NetworkNeeds, heads: number): number {
  return 4 * channels + 3 * sumBytesPerVoxel(heads);
}
