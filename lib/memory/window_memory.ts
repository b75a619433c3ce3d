/** How many patches at once a device's memory holds beside the volume that they are taken from. */

import { type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceLimits } from "./device_limits.ts";
import { formatBytes } from "./format_bytes.ts";
import { DeviceMemoryError } from "./memory_error.ts";

/** What networks need of a device; batches of patches need in proportion. */
export interface NetworkNeeds {
  /** Bytes of all folds' weights. */
  readonly weightBytes: number;
  /** Bytes of one patch's activations, at the worst moment. */
  readonly patchBytes: number;
  /** Bytes of the largest tensor of one patch. */
  readonly largestTensorBytes: number;
  /** Channels of the input. */
  readonly channels: number;
  /** Whether several patches may go through at once; early models take only one. */
  readonly isBatchFree: boolean;
}

/** Where networks predict, and the sizes of what they predict. */
export interface WindowSizes {
  /** Named in the error. */
  readonly device: Device;
  /** Channels of the logits. */
  readonly heads: number;
  /** Voxels per axis, (z, y, x) or (y, x). */
  readonly tileSize: Shape;
}

/** Voxels of a pass that are enough to keep a GPU busy; more would only take more memory. */
const PASS_VOXELS = 2 ** 22;

/** Most patches of a pass. */
const MOST_PATCHES = 32;

/**
 * Chooses how many patches go through the networks at once: a power of two, as the number of
 * mirrored views is, and as many as fit.
 *
 * @param needs What the networks need.
 * @param sizes Of tiles and logits.
 * @param volume Voxels per axis, (z, y, x), at least the tile's along each axis.
 * @param limits What the device holds.
 * @param most The largest number to choose.
 * @returns The number of patches, 1 to 32.
 * @throws {DeviceMemoryError} If not even one patch at a time fits; the remedy says what would.
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

/** Of the sums over tiles: logits of all heads, and weights. */
function sumBytesPerVoxel(heads: number): number {
  return 4 * (heads + 1);
}

/** Of the volume itself and of the sums: before a pass, their part in it, and after it. */
function bytesPerVoxel({ channels }: NetworkNeeds, heads: number): number {
  return 4 * channels + 3 * sumBytesPerVoxel(heads);
}
