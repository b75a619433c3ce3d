/** What a sliding window needs of a device's memory, and how many patches at once fit into it. */

import { type Shape, sizeOf, type Zyx } from "../array/nd_array.ts";
import { importedNetwork } from "../graph/imported_network.ts";
import { peakMemory } from "../graph/peak_memory.ts";
import { type DeviceLimits, DeviceMemoryError } from "./memory_error.ts";
import { networkPass, type PassOptions, tileOf } from "../window/device/pass_graphs.ts";

/** Bytes of networks on a device; batches of patches need in proportion. */
export interface NetworkNeeds {
  /** All folds' weights. */
  readonly weights: number;
  /** Activations of one patch, at the worst moment. */
  readonly patch: number;
  /** Largest tensor of one patch. */
  readonly largest: number;
  /** Of the input. */
  readonly channels: number;
  /** Whether several patches may go through at once: of early models only one. */
  readonly isBatchFree: boolean;
}

/** What the networks need, apart from the volume that they go over. */
export function networkNeeds(
  models: readonly Uint8Array[],
  options: PassOptions,
): NetworkNeeds {
  // Folds run one after another, and are alike.
  const pass = networkPass(models.slice(0, 1), 1, options);
  const { bytes, largest } = peakMemory(pass);
  const weights = pass.constants.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  const [{ shape: [channels] }] = pass.inputs;
  return {
    weights: models.length * weights,
    patch: bytes - weights,
    largest,
    channels,
    isBatchFree: importedNetwork(models[0]).isBatchFree,
  };
}

/** Voxels of a pass that are enough to keep a GPU busy; more would only take more memory. */
const PASS_VOXELS = 2 ** 22;

/** Most patches of a pass. */
const MOST_PATCHES = 32;

/**
 * Patches of a pass: a power of two, as the number of mirrored views is, and as many as fit.
 *
 * @param most Limits them further.
 * @param volume (z, y, x), at least the tile along each axis.
 * @throws {DeviceMemoryError} If not even one patch at a time fits, saying what would.
 */
export function patchesThatFit(
  needs: NetworkNeeds,
  { device, heads, tileSize }: Pick<PassOptions, "device" | "heads" | "tileSize">,
  volume: Zyx,
  { memory = Infinity, largestTensor = Infinity }: DeviceLimits = {},
  most = MOST_PATCHES,
): number {
  const useful = Math.max(1, PASS_VOXELS / sizeOf(tileSize));
  const wanted = needs.isBatchFree ? Math.min(most, MOST_PATCHES, useful) : 1;
  const volumeBytes = sizeOf(volume) * bytesPerVoxel(needs, heads);
  const bytesOf = (patches: number) => needs.weights + patches * needs.patch + volumeBytes;
  const largestOf = (patches: number) =>
    Math.max(patches * needs.largest, 4 * (heads + 1) * sizeOf(volume));
  for (let patches = 2 ** Math.floor(Math.log2(wanted)); patches >= 1; patches /= 2) {
    if (bytesOf(patches) <= memory && largestOf(patches) <= largestTensor) return patches;
  }
  const network = needs.weights + needs.patch;
  const room = Math.min(
    (memory - network) / bytesPerVoxel(needs, heads),
    needs.largest <= largestTensor ? largestTensor / (4 * (heads + 1)) : 0,
  );
  const what = bytesOf(1) > memory
    ? `${described(volume)} with ${heads} classes take ${gigabytes(bytesOf(1))} GB, ` +
      `${gigabytes(network)} of it for the network; it has ${gigabytes(memory)}`
    : `the largest tensor of ${described(volume)} with ${heads} classes has ` +
      `${gigabytes(largestOf(1))} GB, it takes ${gigabytes(largestTensor)}`;
  const fitting = room >= sizeOf(tileSize)
    ? `Volumes of up to ${(room / 1e6).toPrecision(3)} million voxels fit`
    : "No volume fits: the plan's patch is too large for it";
  throw new DeviceMemoryError(device, `${what}. ${fitting}; the CPU needs less: device "cpu"`);
}

/** A volume's extents, at least the tile's. */
export function paddedSize(size: Zyx, tileSize: Shape): Zyx {
  const tile = tileOf({ tileSize });
  return size.map((n, axis) => Math.max(n, tile[axis])) as unknown as Zyx;
}

/** The volume itself, and sums of logits and weights: before a pass, its part, and after it. */
function bytesPerVoxel({ channels }: NetworkNeeds, heads: number): number {
  return 4 * (channels + 3 * (heads + 1));
}

function described(volume: Shape): string {
  return `${volume.join(" × ")} voxels`;
}

function gigabytes(bytes: number): string {
  return (bytes / 2 ** 30).toPrecision(3);
}
